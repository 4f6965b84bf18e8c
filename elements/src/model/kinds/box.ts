/** Boxes: two corners, eight handles. */
import { boundsOf, boxFromCorners, contains } from "../../geometry/box.js";
import { nearestEdge } from "../../geometry/path.js";
import { clampTo, roundPoint, type Point, type Size } from "../../geometry/point.js";
import type { Handle, ShapeKind } from "../shape.js";

/** Place of each handle as fractions of width and height, clockwise from the top left corner. */
const PLACES: readonly (readonly [number, number, string])[] = [
  [0, 0, "nwse-resize"],
  [0.5, 0, "ns-resize"],
  [1, 0, "nesw-resize"],
  [1, 0.5, "ew-resize"],
  [1, 1, "nwse-resize"],
  [0.5, 1, "ns-resize"],
  [0, 1, "nesw-resize"],
  [0, 0.5, "ew-resize"],
];

const corners = (points: readonly Point[]): Point[] => {
  const [a, b] = points as readonly [Point, Point];
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
};

/** Corners in order: top left first. */
const ordered = (a: Point, b: Point): Point[] => {
  const box = boxFromCorners(a, b);
  return [
    { x: box.left, y: box.top },
    { x: box.left + box.width, y: box.top + box.height },
  ];
};

export const box: ShapeKind = {
  name: "box",
  noun: "box",
  plural: "boxes",
  closed: true,
  minPoints: 2,
  maxPoints: 2,
  hasVertices: false,
  distance: (points, at) => nearestEdge(corners(points), true, at)?.distance ?? Infinity,
  inside: (points, at) => contains(boundsOf(points), at),
  handles(points): Handle[] {
    const { left, top, width, height } = boundsOf(points);
    return PLACES.map(([fx, fy, cursor], index) => ({
      index,
      cursor,
      point: { x: left + fx * width, y: top + fy * height },
    }));
  },
  dragHandle(points, handle, to) {
    const [fx, fy] = PLACES[handle.index] as readonly [number, number, string];
    const [a, b] = points as readonly [Point, Point];
    const along = (f: number, low: number, high: number, value: number): [number, number] =>
      f === 0 ? [value, high] : f === 1 ? [low, value] : [low, high];
    const [x0, x1] = along(fx, a.x, b.x, to.x);
    const [y0, y1] = along(fy, a.y, b.y, to.y);
    return ordered({ x: x0, y: y0 }, { x: x1, y: y1 });
  },
  starter(centre, image) {
    const w = Math.max(Math.round(image.width / 8), 1);
    const h = Math.max(Math.round(image.height / 8), 1);
    return ordered({ x: centre.x - w, y: centre.y - h }, { x: centre.x + w, y: centre.y + h });
  },
  stretch(points, dx, dy) {
    const [a, b] = points as readonly [Point, Point];
    return [a, { x: Math.max(b.x + dx, a.x + 1), y: Math.max(b.y + dy, a.y + 1) }];
  },
  settle(points, image: Size) {
    const [a, b] = points.map((p) => roundPoint(clampTo(p, image))) as [Point, Point];
    return ordered(a, b);
  },
  problem(points) {
    const { width, height } = boundsOf(points);
    return width < 1 || height < 1 ? "A box has to be at least one pixel wide and high." : null;
  },
  measure(points) {
    const { width, height } = boundsOf(points);
    return `${Math.round(width)}×${Math.round(height)}`;
  },
  describe(points) {
    const { left, top, width, height } = boundsOf(points);
    const [l, t, w, h] = [left, top, width, height].map(Math.round);
    return `left ${l}, top ${t}, width ${w}, height ${h}`;
  },
};
