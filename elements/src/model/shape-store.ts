/** The shapes of a document, by id, with their spatial index and their counts by label. */
import { boundsOf, grow, type Box } from "../geometry/box.js";
import { LooseGrid } from "../geometry/loose-grid.js";
import type { Point } from "../geometry/point.js";
import { kindOf } from "./registry.js";
import type { Shape } from "./shape.js";

/** One shape appearing (`before` null), going (`after` null) or changing. A list of changes names a shape once at most. */
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

export class ShapeStore {
  /** By id; ids are small and dense, so this is an array, in the order of the answer. */
  readonly #shapes: (Shape | undefined)[] = [];
  #size = 0;
  readonly #grid = new LooseGrid();
  readonly #counts = new Map<string, number>();
  readonly #listeners = new Set<(changes: readonly ShapeChange[]) => void>();
  #all: readonly Shape[] | null = [];
  #nextId = 1;

  get size(): number {
    return this.#size;
  }

  /** Shapes in the order of drawing and of the answer. The list is never changed in place. */
  get all(): readonly Shape[] {
    this.#all ??= this.#shapes.filter((shape) => shape !== undefined);
    return this.#all;
  }

  get(id: number): Shape | undefined {
    return this.#shapes[id];
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

  /** Makes the changes; `back` takes them back. */
  apply(changes: readonly ShapeChange[], back = false): void {
    for (const { before, after } of changes) this.#applyOne(back ? after : before, back ? before : after);
    this.#all = null;
    for (const listener of this.#listeners) listener(changes);
  }

  /** Shapes whose bounds meet the box, in the order of drawing. */
  within(box: Box): Shape[] {
    // Typed arrays sort numbers without a comparison function, ten times as fast.
    const ids = Float64Array.from(this.#grid.query(box)).sort();
    return Array.from(ids, (id) => this.#shapes[id] as Shape);
  }

  /** Shapes whose outline is within `tolerance` of the point or that hold it inside, best first:
   *  outlines before insides, the nearer outline first, the smaller and newer inside first. */
  hits(at: Point, tolerance: number): Hit[] {
    const around = grow({ left: at.x, top: at.y, width: 0, height: 0 }, tolerance);
    const hits: Hit[] = [];
    for (const id of this.#grid.query(around)) {
      const shape = this.#shapes[id] as Shape;
      const kind = kindOf(shape);
      const hit = { shape, distance: kind.distance(shape.points, at), inside: kind.inside(shape.points, at) };
      if (hit.inside || hit.distance <= tolerance) hits.push(hit);
    }
    return hits.sort((a, b) => rank(a, tolerance) - rank(b, tolerance) || extent(a) - extent(b) || b.shape.id - a.shape.id);
  }

  #applyOne(before: Shape | null, after: Shape | null): void {
    if (before) {
      this.#size--;
      this.#recount(before.label, -1);
    }
    if (after) {
      this.#size++;
      this.#shapes[after.id] = after;
      this.#grid.set(after.id, boundsOf(after.points));
      this.#recount(after.label, 1);
    } else if (before) {
      this.#shapes[before.id] = undefined;
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
