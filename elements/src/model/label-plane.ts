/**
 * A mask: one label number a pixel, in tiles of 256 x 256 that exist only where something is painted. No DOM.
 *
 * Every change goes through an edit that keeps the tiles as they were before it (copy on write), so that undoing is a
 * swap of the tiles it touched, whatever the size of the image.
 */
import type { Span } from "../geometry/raster.js";

export const TILE = 256;
export type Tile = Uint8Array | Uint16Array;

/** Tiles by number, as they were or are; undefined is a tile without a painted pixel. */
export type TileSet = ReadonlyMap<number, Tile | undefined>;

export class LabelPlane {
  readonly across: number;
  readonly down: number;
  private readonly tiles: (Tile | undefined)[];
  private before: Map<number, Tile | undefined> | undefined;
  /** Tiles that changed since they were last drawn; whoever draws empties it. */
  readonly dirty = new Set<number>();
  /** Grows with each change of a tile, also in the middle of an edit. */
  readonly versions: Uint32Array;

  /** `deep`: 16 bits a pixel (65,535 instances) instead of 8 (255 labels). */
  constructor(readonly width: number, readonly height: number, readonly deep = false) {
    this.across = Math.ceil(width / TILE);
    this.down = Math.ceil(height / TILE);
    this.tiles = new Array<Tile | undefined>(this.across * this.down);
    this.versions = new Uint32Array(this.tiles.length);
  }

  get(x: number, y: number): number {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return 0;
    const tile = this.tiles[(y >> 8) * this.across + (x >> 8)];
    return tile ? tile[((y & 255) << 8) | (x & 255)]! : 0;
  }

  tile(index: number): Tile | undefined {
    return this.tiles[index];
  }

  get tileCount(): number {
    return this.tiles.length;
  }

  /** Begins an edit: from here on the tiles it touches are kept as they were. */
  begin(): void {
    this.before = new Map();
  }

  /** Ends the edit; what it touched, before and after, or undefined when it changed nothing. */
  end(): { readonly before: TileSet; readonly after: TileSet } | undefined {
    const before = this.before;
    this.before = undefined;
    if (!before?.size) return undefined;
    for (const index of before.keys()) this.versions[index]!++; // what was derived in mid-edit is out of date
    return { before, after: new Map([...before.keys()].map((index) => [index, this.tiles[index]])) };
  }

  /** Takes the edit back that was begun. */
  cancel(): void {
    const before = this.before;
    this.before = undefined;
    if (before) this.put(before);
  }

  /** Puts tiles there: how an edit is undone and done again. */
  put(tiles: TileSet): void {
    for (const [index, tile] of tiles) this.set(index, tile);
  }

  /** Every tile as it is now. No later edit changes these. */
  snapshot(): readonly (Tile | undefined)[] {
    return [...this.tiles];
  }

  /** Is every pixel as it was in the snapshot? */
  sameAs(snapshot: readonly (Tile | undefined)[]): boolean {
    return this.tiles.every((tile, index) => sameTile(tile, snapshot[index]));
  }

  /** Gives all pixels of one number another; 0 removes them. */
  replace(value: number, by: number): void {
    this.tiles.forEach((tile, index) => {
      if (tile?.includes(value)) this.paintInTile(index, 0, tile.length, by, value);
    });
  }

  /** Removes everything. */
  clear(): void {
    this.tiles.forEach((tile, index) => {
      if (!tile) return;
      if (this.before && !this.before.has(index)) this.before.set(index, tile);
      this.set(index, undefined);
    });
  }

  /** The runs of pixels that have this number, row by row within each tile. */
  *spansOf(value: number): Generator<Span> {
    for (const [index, tile] of this.tiles.entries()) {
      if (!tile) continue;
      const left = (index % this.across) * TILE;
      const top = Math.floor(index / this.across) * TILE;
      for (let from = tile.indexOf(value); from >= 0; ) {
        const end = (from | 255) + 1;
        let to = from + 1;
        while (to < end && tile[to] === value) to++;
        yield { y: top + (from >> 8), from: left + (from & 255), to: left + (from & 255) + to - from };
        from = tile.indexOf(value, to);
      }
    }
  }

  private set(index: number, tile: Tile | undefined): void {
    this.tiles[index] = tile;
    this.versions[index]!++;
    this.dirty.add(index);
  }

  /** Paints a run of pixels; `over` limits it to pixels that have this number now. */
  paint({ y, from, to }: Span, value: number, over?: number): void {
    if (y < 0 || y >= this.height) return;
    const end = Math.min(this.width, to);
    for (let x = Math.max(0, from); x < end; ) {
      const stop = Math.min(end, (x | 255) + 1);
      this.paintInTile((y >> 8) * this.across + (x >> 8), ((y & 255) << 8) | (x & 255), stop - x, value, over);
      x = stop;
    }
  }

  /** How many pixels each number has; 0 is left out. */
  counts(): Map<number, number> {
    const found = new Map<number, number>();
    for (const tile of this.tiles) {
      if (!tile) continue;
      for (const value of tile) if (value) found.set(value, (found.get(value) ?? 0) + 1);
    }
    return found;
  }

  /** One row of numbers, into `row`. */
  readRow(y: number, row: Tile): void {
    row.fill(0);
    const first = (y >> 8) * this.across;
    for (let column = 0; column < this.across; column++) {
      const tile = this.tiles[first + column];
      const start = (y & 255) << 8;
      const width = Math.min(TILE, this.width - column * TILE);
      if (tile) row.set(tile.subarray(start, start + width), column * TILE);
    }
  }

  private paintInTile(index: number, start: number, count: number, value: number, over: number | undefined): void {
    let tile = this.tiles[index];
    if (!tile && (value === 0 || (over !== undefined && over !== 0))) return;
    if (!changes(tile, start, count, value, over)) return;
    if (this.before && !this.before.has(index)) {
      this.before.set(index, tile);
      tile = tile?.slice();
    }
    tile ??= this.deep ? new Uint16Array(TILE * TILE) : new Uint8Array(TILE * TILE);
    if (over === undefined) tile.fill(value, start, start + count);
    else for (let at = start; at < start + count; at++) if (tile[at] === over) tile[at] = value;
    this.set(index, tile);
  }
}

function changes(tile: Tile | undefined, start: number, count: number, value: number, over: number | undefined): boolean {
  if (!tile) return true;
  for (let at = start; at < start + count; at++) {
    if (tile[at] !== value && (over === undefined || tile[at] === over)) return true;
  }
  return false;
}

const isEmpty = (tile: Tile | undefined): boolean => !tile?.some((value) => value !== 0);

function sameTile(one: Tile | undefined, other: Tile | undefined): boolean {
  if (one === other) return true;
  if (!one || !other) return isEmpty(one) && isEmpty(other);
  return one.every((value, at) => value === other[at]);
}
