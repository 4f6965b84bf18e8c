import { pathKind } from "./path.js";

/** Two points. */
export const line = pathKind({
  name: "line",
  noun: "line",
  plural: "lines",
  closed: false,
  minPoints: 2,
  maxPoints: 2,
  starter: [
    [-1, 0],
    [1, 0],
  ],
});
