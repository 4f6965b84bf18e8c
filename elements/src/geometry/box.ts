/** Axis-aligned boxes: the bounds of shapes, of the view and of what has to be drawn again. */
import { clamp, type Point, type Size } from "./point.js";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const right = (box: Box): number => box.left + box.width;
export const bottom = (box: Box): number => box.top + box.height;
export const centre = (box: Box): Point => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });

/** The box with these two opposite corners, in any order. */
export const boxFromCorners = (a: Point, b: Point): Box => ({
  left: Math.min(a.x, b.x),
  top: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x),
  height: Math.abs(a.y - b.y),
});

/** The smallest box around the points; an empty list gives an empty box at the origin. */
export function boundsOf(points: readonly Point[]): Box {
  const first = points[0];
  if (!first) return { left: 0, top: 0, width: 0, height: 0 };
  let { x: x0, y: y0 } = first;
  let x1 = x0;
  let y1 = y0;
  for (const { x, y } of points) {
    if (x < x0) x0 = x;
    else if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    else if (y > y1) y1 = y;
  }
  return { left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
}

export const grow = (box: Box, by: number): Box => ({
  left: box.left - by,
  top: box.top - by,
  width: box.width + 2 * by,
  height: box.height + 2 * by,
});

export function union(a: Box, b: Box): Box {
  const left = Math.min(a.left, b.left);
  const top = Math.min(a.top, b.top);
  return { left, top, width: Math.max(right(a), right(b)) - left, height: Math.max(bottom(a), bottom(b)) - top };
}

/** Boxes that touch with an edge or a corner intersect too. */
export const intersects = (a: Box, b: Box): boolean =>
  a.left <= right(b) && b.left <= right(a) && a.top <= bottom(b) && b.top <= bottom(a);

export const contains = (box: Box, p: Point): boolean =>
  p.x >= box.left && p.x <= right(box) && p.y >= box.top && p.y <= bottom(box);

/** The shift nearest to (dx, dy) that keeps `box` inside the image. A box larger than the image stays where it is. */
export function shiftInside(box: Box, dx: number, dy: number, size: Size): Point {
  const low = (start: number): number => Math.min(-start, 0);
  const high = (end: number, limit: number): number => Math.max(limit - end, 0);
  return {
    x: clamp(dx, low(box.left), high(right(box), size.width)),
    y: clamp(dy, low(box.top), high(bottom(box), size.height)),
  };
}
