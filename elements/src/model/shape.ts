/**
 * Shapes: one value for every kind, and the interface through which the engine learns what a kind of shape can do.
 *
 * A kind is a file in `kinds/` registered in `registry.ts`; nothing here or in the tools switches on it.
 */
import type { Point, Size } from "../geometry/point.js";

export interface Shape {
  /** Unique in the document, growing in the order of creation, which is also the order of drawing and of the answer. */
  readonly id: number;
  readonly kind: string;
  readonly label: string;
  /** box: top left and bottom right corner; polygon, polyline, line: the vertices; keypoint: one point. */
  readonly points: readonly Point[];
}

export interface Handle {
  readonly index: number;
  readonly point: Point;
  readonly cursor: string;
  /** A handle in the middle of an edge that becomes a new vertex when it is dragged. */
  readonly inserts?: boolean;
}

export interface ShapeKind {
  readonly name: string;
  readonly noun: string;
  readonly plural: string;
  readonly closed: boolean;
  readonly minPoints: number;
  readonly maxPoints: number;
  /** Can vertices be inserted and deleted one by one? */
  readonly hasVertices: boolean;
  /** Distance from the drawn outline. */
  distance(points: readonly Point[], at: Point): number;
  inside(points: readonly Point[], at: Point): boolean;
  handles(points: readonly Point[]): readonly Handle[];
  /** The points after handle `index` was dragged to `to`; an inserting handle yields one point more. */
  dragHandle(points: readonly Point[], handle: Handle, to: Point): readonly Point[];
  /** What a keyboard user gets with "new shape": a modest shape around `centre`. */
  starter(centre: Point, image: Size): readonly Point[];
  /** Bounds stretched by whole pixels, top left corner fixed. */
  stretch(points: readonly Point[], dx: number, dy: number): readonly Point[];
  /** Snapped to whole natural pixels and put inside the image. */
  settle(points: readonly Point[], image: Size): readonly Point[];
  /** Why these points may not become a shape, in words for the worker; null when they may. */
  problem(points: readonly Point[]): string | null;
  /** Short size for lists, such as "264×100". */
  measure(points: readonly Point[]): string;
  /** Position and size in words, for a screen reader. */
  describe(points: readonly Point[]): string;
}
