/**
 * Spatial index: which items' bounds meet a box? A loose quadtree kept as hash tables, one a level.
 *
 * An item lives in one cell: on the level whose cells are at least as large as the item, in the cell of its centre; so its bounds
 * reach at most half a cell beyond that cell. Insert, remove and move are O(1); a query visits the cells it overlaps, one
 * half cell further out, on each level in use (Ulrich 2000, "Loose Octrees", Game Programming Gems, 444-453).
 */
import { intersects, type Box } from "./box.js";

interface Entry {
  readonly bounds: Box;
  readonly level: number;
  readonly cell: number;
}

const SMALLEST_CELL = 64;
const LEVELS = 20;
/** Cells are numbered row * STRIDE + column: small integers, which engines hash fast. Coordinates beyond a million pixels share
 *  cells with others, which costs time and nothing else. */
const STRIDE = 2 ** 15;
const MIDDLE = 2 ** 14;

export class LooseGrid {
  /** By id; ids are small and dense, so this is an array. */
  readonly #entries: (Entry | undefined)[] = [];
  readonly #levels: Map<number, number[]>[] = Array.from({ length: LEVELS }, () => new Map<number, number[]>());

  #size = 0;

  get size(): number {
    return this.#size;
  }

  boundsOf(id: number): Box | undefined {
    return this.#entries[id]?.bounds;
  }

  /** Adds the item or moves it to its new bounds. */
  set(id: number, bounds: Box): void {
    const level = levelOf(bounds);
    const side = SMALLEST_CELL << level;
    const column = Math.floor((bounds.left + bounds.width / 2) / side);
    const row = Math.floor((bounds.top + bounds.height / 2) / side);
    const cell = (row + MIDDLE) * STRIDE + column + MIDDLE;
    const old = this.#entries[id];
    this.#entries[id] = { bounds, level, cell };
    if (old?.level === level && old.cell === cell) return;
    if (old) this.#leave(id, old);
    else this.#size++;
    const cells = this.#level(level);
    const members = cells.get(cell);
    if (members) members.push(id);
    else cells.set(cell, [id]);
  }

  delete(id: number): void {
    const entry = this.#entries[id];
    if (!entry) return;
    this.#entries[id] = undefined;
    this.#size--;
    this.#leave(id, entry);
  }

  /** Items whose bounds meet `box`, in no particular order. */
  query(box: Box): number[] {
    const found: number[] = [];
    this.#levels.forEach((cells, level) => {
      if (cells.size > 0) this.#queryLevel(cells, SMALLEST_CELL << level, box, found);
    });
    return found;
  }

  #queryLevel(cells: Map<number, number[]>, side: number, box: Box, found: number[]): void {
    const column0 = Math.floor(box.left / side - 0.5);
    const column1 = Math.floor((box.left + box.width) / side + 0.5);
    const row0 = Math.floor(box.top / side - 0.5);
    const row1 = Math.floor((box.top + box.height) / side + 0.5);
    if ((column1 - column0 + 1) * (row1 - row0 + 1) > cells.size) {
      for (const members of cells.values()) this.#collect(members, box, found);
      return;
    }
    for (let row = row0; row <= row1; row++) {
      for (let column = column0; column <= column1; column++) {
        const members = cells.get((row + MIDDLE) * STRIDE + column + MIDDLE);
        if (members) this.#collect(members, box, found);
      }
    }
  }

  #collect(members: readonly number[], box: Box, found: number[]): void {
    for (const id of members) {
      const entry = this.#entries[id];
      if (entry && intersects(entry.bounds, box)) found.push(id);
    }
  }

  #leave(id: number, entry: Entry): void {
    const cells = this.#level(entry.level);
    const members = cells.get(entry.cell);
    if (!members) return;
    const last = members.pop() as number;
    if (last !== id) members[members.indexOf(id)] = last;
    if (members.length === 0) cells.delete(entry.cell);
  }

  #level(level: number): Map<number, number[]> {
    return this.#levels[level] as Map<number, number[]>;
  }
}

/** The first level whose cells are as large as the bounds. */
function levelOf(bounds: Box): number {
  const side = Math.max(bounds.width, bounds.height);
  let level = 0;
  while (level < LEVELS - 1 && SMALLEST_CELL << level < side) level++;
  return level;
}
