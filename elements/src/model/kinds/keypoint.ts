/** Keypoints: one natural pixel each. */
import { clamp, distance, type Point } from "../../geometry/point.js";
import type { ShapeKind } from "../shape.js";

const only = (points: readonly Point[]): Point => points[0] as Point;

/** Where the mark stands: the middle of its pixel. */
const mark = (points: readonly Point[]): Point => ({ x: only(points).x + 0.5, y: only(points).y + 0.5 });

export const keypoint: ShapeKind = {
  name: "keypoint",
  noun: "keypoint",
  plural: "keypoints",
  closed: false,
  minPoints: 1,
  maxPoints: 1,
  hasVertices: false,
  distance: (points, at) => distance(mark(points), at),
  inside: () => false,
  handles: (points) => [{ index: 0, point: mark(points), cursor: "grab" }],
  dragHandle: (_points, _handle, to) => [to],
  starter: (centre) => [centre],
  stretch: (points) => points,
  // A keypoint names the pixel under the pointer, so it rounds down: x in [7, 8) is the pixel 7.
  settle: (points, image) => [
    {
      x: clamp(Math.floor(only(points).x), 0, Math.max(image.width - 1, 0)),
      y: clamp(Math.floor(only(points).y), 0, Math.max(image.height - 1, 0)),
    },
  ],
  problem: () => null,
  measure: (points) => `${Math.round(only(points).x)}, ${Math.round(only(points).y)}`,
  describe: (points) => `x ${Math.round(only(points).x)}, y ${Math.round(only(points).y)}`,
};
