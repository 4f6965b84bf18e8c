/** The shapes of a document, by id, with their spatial index and their counts by label. */
import { boundsOf, grow, type Box } from "../geometry/box.js";
import { LooseGrid } from "../geometry/loose-grid.js";
import type { Point } from "../geometry/point.js";
import { kindOf } from "./registry.js";
import type { Shape } from "./shape.js";

/** One shape appearing (`before` null), going (`after` null) or changing. Its inverse is the pair turned round. */
export interface ShapeChange {
  readonly before: Shape | null;
  readonly after: Shape | null;
}

export interface Hit {
  readonly shape: Shape;
  /** Distance of the outline in image units. */
  readonly distance: number;
  readonly inside: boolean;
}

export const inverse = (changes: readonly ShapeChange[]): ShapeChange[] =>
  changes.map(({ before, after }) => ({ before: after, after: before })).reverse();

export class ShapeStore {
  readonly #shapes = new Map<number, Shape>();
  readonly #grid = new LooseGrid();
  readonly #counts = new Map<string, number>();
  readonly #listeners = new Set<(changes: readonly ShapeChange[]) => void>();
  #sorted: readonly Shape[] | null = [];
  #nextId = 1;

  get size(): number {
    return this.#shapes.size;
  }

  /** Shapes in the order of drawing and of the answer. The list is never changed in place. */
  get all(): readonly Shape[] {
    this.#sorted ??= [...this.#shapes.values()].sort((a, b) => a.id - b.id);
    return this.#sorted;
  }

  get(id: number): Shape | undefined {
    return this.#shapes.get(id);
  }

  count(label: string): number {
    return this.#counts.get(label) ?? 0;
  }

  /** Ids are never given twice, so that an undone shape comes back as itself. */
  takeId(): number {
    return this.#nextId++;
  }

  onChange(listener: (changes: readonly ShapeChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  apply(changes: readonly ShapeChange[]): void {
    for (const { before, after } of changes) this.#applyOne(before, after);
    this.#sorted = null;
    for (const listener of this.#listeners) listener(changes);
  }

  /** Shapes whose bounds meet the box, in the order of drawing. */
  within(box: Box): Shape[] {
    return this.#grid
      .query(box)
      .sort((a, b) => a - b)
      .map((id) => this.#shapes.get(id) as Shape);
  }

  /** Shapes whose outline is within `tolerance` of the point or that hold it inside, best first:
   *  outlines before insides, the nearer outline first, the smaller and newer inside first. */
  hits(at: Point, tolerance: number): Hit[] {
    const around = grow({ left: at.x, top: at.y, width: 0, height: 0 }, tolerance);
    const hits: Hit[] = [];
    for (const id of this.#grid.query(around)) {
      const shape = this.#shapes.get(id) as Shape;
      const kind = kindOf(shape);
      const hit = { shape, distance: kind.distance(shape.points, at), inside: kind.inside(shape.points, at) };
      if (hit.inside || hit.distance <= tolerance) hits.push(hit);
    }
    return hits.sort((a, b) => rank(a, tolerance) - rank(b, tolerance) || extent(a) - extent(b) || b.shape.id - a.shape.id);
  }

  #applyOne(before: Shape | null, after: Shape | null): void {
    if (before) this.#recount(before.label, -1);
    if (after) {
      this.#shapes.set(after.id, after);
      this.#grid.set(after.id, boundsOf(after.points));
      this.#recount(after.label, 1);
    } else if (before) {
      this.#shapes.delete(before.id);
      this.#grid.delete(before.id);
    }
  }

  #recount(label: string, by: number): void {
    const count = this.count(label) + by;
    if (count > 0) this.#counts.set(label, count);
    else this.#counts.delete(label);
  }
}

const rank = (hit: Hit, tolerance: number): number => (hit.distance <= tolerance ? hit.distance - tolerance : 1);
const extent = (hit: Hit): number => {
  const { width, height } = boundsOf(hit.shape.points);
  return width * height;
};
