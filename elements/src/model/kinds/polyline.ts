import { pathKind } from "./path.js";

/** Open; may cross itself. */
export const polyline = pathKind({
  name: "polyline",
  noun: "polyline",
  plural: "polylines",
  closed: false,
  minPoints: 2,
  maxPoints: Infinity,
  starter: [
    [-1, 0.5],
    [0, -0.5],
    [1, 0.5],
  ],
});
