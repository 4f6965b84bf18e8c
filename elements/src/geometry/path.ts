/** Open and closed paths of straight edges: distances, crossings, inside, simplification. */
import { distance, type Point } from "./point.js";

export interface EdgeHit {
  /** The edge runs from vertex `edge` to the next one. */
  readonly edge: number;
  readonly point: Point;
  readonly distance: number;
}

export function nearestOnSegment(p: Point, a: Point, b: Point): Point {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length2 = dx * dx + dy * dy;
  if (length2 === 0) return a;
  const t = Math.min(Math.max(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0), 1);
  return { x: a.x + t * dx, y: a.y + t * dy };
}

export const edgeCount = (points: readonly Point[], closed: boolean): number =>
  closed && points.length > 2 ? points.length : Math.max(points.length - 1, 0);

export function edgeAt(points: readonly Point[], edge: number): readonly [Point, Point] {
  return [points[edge] as Point, points[(edge + 1) % points.length] as Point];
}

/** The nearest place on the path's edges; a path of one point has none. */
export function nearestEdge(points: readonly Point[], closed: boolean, p: Point): EdgeHit | null {
  let best: EdgeHit | null = null;
  for (let edge = 0; edge < edgeCount(points, closed); edge++) {
    const [a, b] = edgeAt(points, edge);
    const on = nearestOnSegment(p, a, b);
    const d = distance(p, on);
    if (!best || d < best.distance) best = { edge, point: on, distance: d };
  }
  return best;
}

/** Even-odd rule; points exactly on an edge may fall on either side. */
export function insidePolygon(points: readonly Point[], p: Point): boolean {
  let inside = false;
  let b = points[points.length - 1];
  for (const a of points) {
    if (b && a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
    b = a;
  }
  return inside;
}

const turn = (a: Point, b: Point, c: Point): number => Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));

const between = (a: Point, b: Point, p: Point): boolean =>
  Math.min(a.x, b.x) <= p.x && p.x <= Math.max(a.x, b.x) && Math.min(a.y, b.y) <= p.y && p.y <= Math.max(a.y, b.y);

/** Do the segments share a point? Touching and overlapping count. */
export function segmentsMeet(a: Point, b: Point, c: Point, d: Point): boolean {
  const abc = turn(a, b, c);
  const abd = turn(a, b, d);
  const cda = turn(c, d, a);
  const cdb = turn(c, d, b);
  if (abc !== abd && cda !== cdb) return true;
  return (
    (abc === 0 && between(a, b, c)) ||
    (abd === 0 && between(a, b, d)) ||
    (cda === 0 && between(c, d, a)) ||
    (cdb === 0 && between(c, d, b))
  );
}

/** Does the edge b-c run back over the edge a-b before it? */
const foldsBack = (a: Point, b: Point, c: Point): boolean =>
  turn(a, b, c) === 0 && (a.x - b.x) * (c.x - b.x) + (a.y - b.y) * (c.y - b.y) > 0;

/** Would an edge from the open path's last vertex to `next` cross or touch the path? */
export function wouldCross(points: readonly Point[], next: Point): boolean {
  const last = points[points.length - 1];
  const before = points[points.length - 2];
  if (!last || !before) return false;
  if (foldsBack(before, last, next)) return true;
  for (let edge = 0; edge < points.length - 2; edge++) {
    const [a, b] = edgeAt(points, edge);
    if (segmentsMeet(a, b, last, next)) return true;
  }
  return false;
}

/** Would closing the open path back to its first vertex cross it? */
export function closingCrosses(points: readonly Point[]): boolean {
  const [first, second] = points;
  const last = points[points.length - 1];
  const before = points[points.length - 2];
  if (!first || !second || !last || !before || points.length < 3) return false;
  if (foldsBack(before, last, first) || foldsBack(last, first, second)) return true;
  for (let edge = 1; edge < points.length - 2; edge++) {
    const [a, b] = edgeAt(points, edge);
    if (segmentsMeet(a, b, last, first)) return true;
  }
  return false;
}

/** Does any edge of the closed path meet another one away from their shared vertex? O(n^2), for n of hundreds. */
export function crossesItself(points: readonly Point[]): boolean {
  const n = points.length;
  for (let i = 0; i < n; i++) {
    const [a, b] = edgeAt(points, i);
    if (foldsBack(a, b, points[(i + 2) % n] as Point)) return true;
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      const [c, d] = edgeAt(points, j);
      if (segmentsMeet(a, b, c, d)) return true;
    }
  }
  return false;
}

/** Drops vertices nearer than `tolerance` to the line through their neighbours (Douglas & Peucker 1973). Ends stay. */
export function simplify(points: readonly Point[], tolerance: number): Point[] {
  const keep = new Set([0, points.length - 1]);
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    let far = -1;
    let most = tolerance;
    for (let i = from + 1; i < to; i++) {
      const p = points[i] as Point;
      const d = distance(p, nearestOnSegment(p, points[from] as Point, points[to] as Point));
      if (d > most) [far, most] = [i, d];
    }
    if (far < 0) continue;
    keep.add(far);
    spans.push([from, far], [far, to]);
  }
  return points.filter((_, i) => keep.has(i));
}

/** Twice the signed area; the sign tells the direction of travel. */
export function doubleArea(points: readonly Point[]): number {
  let sum = 0;
  let b = points[points.length - 1];
  for (const a of points) {
    if (b) sum += b.x * a.y - a.x * b.y;
    b = a;
  }
  return sum;
}
