/** What polygons, polylines and lines share: vertices, edges, and handles on both. */
import { boundsOf } from "../../geometry/box.js";
import { crossesItself, edgeAt, edgeCount, insidePolygon, nearestEdge } from "../../geometry/path.js";
import { clampTo, distance, roundPoint, type Point, type Size } from "../../geometry/point.js";
import type { Handle, ShapeKind } from "../shape.js";

interface PathTraits {
  readonly name: string;
  readonly noun: string;
  readonly plural: string;
  readonly closed: boolean;
  readonly minPoints: number;
  readonly maxPoints: number;
  /** Places of the starter's vertices, as fractions of its size from its centre. */
  readonly starter: readonly (readonly [number, number])[];
}

export function pathKind(traits: PathTraits): ShapeKind {
  const { closed, minPoints, maxPoints } = traits;
  return {
    ...traits,
    hasVertices: maxPoints > minPoints,
    distance: (points, at) => nearestEdge(points, closed, at)?.distance ?? Infinity,
    inside: (points, at) => closed && insidePolygon(points, at),
    handles(points): Handle[] {
      const vertices = points.map((p, index) => ({ index, point: p, cursor: "grab" }));
      if (points.length >= maxPoints) return vertices;
      const middles = Array.from({ length: edgeCount(points, closed) }, (_, edge) => {
        const [a, b] = edgeAt(points, edge);
        return { index: edge, point: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, cursor: "copy", inserts: true };
      });
      return [...vertices, ...middles];
    },
    dragHandle(points, handle, to) {
      return handle.inserts
        ? [...points.slice(0, handle.index + 1), to, ...points.slice(handle.index + 1)]
        : points.map((p, i) => (i === handle.index ? to : p));
    },
    starter(centre: Point, image: Size) {
      const reach = Math.max(Math.min(image.width, image.height) / 8, 2);
      return traits.starter.map(([fx, fy]) => ({ x: centre.x + fx * reach, y: centre.y + fy * reach }));
    },
    stretch(points, dx, dy) {
      const { left, top, width, height } = boundsOf(points);
      const sx = width > 0 ? Math.max(width + dx, 1) / width : 1;
      const sy = height > 0 ? Math.max(height + dy, 1) / height : 1;
      return points.map((p) => ({ x: left + (p.x - left) * sx, y: top + (p.y - top) * sy }));
    },
    settle: (points, image) => withoutRepeats(points.map((p) => roundPoint(clampTo(p, image))), closed, minPoints),
    problem(points) {
      if (points.length < minPoints) return `A ${traits.noun} needs at least ${minPoints} points.`;
      if (points.every((p) => distance(p, points[0] as Point) === 0)) return `A ${traits.noun} has to have a length.`;
      return closed && crossesItself(points) ? "The edges of a polygon may not cross each other." : null;
    },
    measure: (points) => `${points.length} points`,
    describe(points) {
      const { left, top, width, height } = boundsOf(points);
      const [l, t, w, h] = [left, top, width, height].map(Math.round);
      return `${points.length} points, left ${l}, top ${t}, width ${w}, height ${h}`;
    },
  };
}

/** Vertices that fell on the same pixel as the one before them add nothing; the least number is kept. */
function withoutRepeats(points: readonly Point[], closed: boolean, minPoints: number): readonly Point[] {
  const kept = points.filter((p, i) => {
    const before = points[i - 1] ?? (closed ? points[points.length - 1] : undefined);
    return !before || points.length === 1 || distance(p, before) > 0;
  });
  return kept.length >= minPoints ? kept : points;
}
