import { pathKind } from "./path.js";

/** Closed, never crossing itself. Source of the rule: Ground Truth refuses self-crossing polygons. */
export const polygon = pathKind({
  name: "polygon",
  noun: "polygon",
  plural: "polygons",
  closed: true,
  minPoints: 3,
  maxPoints: Infinity,
  starter: [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ],
});
