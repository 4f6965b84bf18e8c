/**
 * What a mask element edits: a label plane, what its numbers mean, and how many pixels each has. Changes are recorded as
 * commands of the editor's one history. No DOM.
 */
import type { Box } from "../geometry/box.js";
import type { Span } from "../geometry/raster.js";
import type { Size } from "../geometry/point.js";
import type { Editor } from "./editor.js";
import type { Command } from "./history.js";
import { LabelPlane, type Tile, type TileSet } from "./label-plane.js";

/** One number of the plane. */
export interface Region {
  readonly value: number; // from 1 on; 0 is background
  readonly label: string;
  readonly color: string; // #rrggbb
}

// Ground Truth's colours of segmentation labels, in order; white is the background.
const COLORS = ["#2ca02c", "#1f77b4", "#ff7f0e", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];
export const BACKGROUND = "#ffffff";

/** The colour of the nth region (0-based): Ground Truth's ten, then hues spread by the golden angle. */
export function regionColor(index: number): string {
  const fixed = COLORS[index];
  if (fixed) return fixed;
  const hue = (index * 137.508) % 360;
  const light = 0.38 + 0.22 * ((index * 0.618) % 1);
  const channel = (offset: number): string => {
    const k = (offset + hue / 30) % 12;
    const value = light - 0.62 * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

export class Mask {
  plane: LabelPlane;
  readonly regions = new Map<number, Region>();
  /** Grows with every change of pixels or regions. */
  revision = 0;
  private totals = new Map<number, number>();
  private start: { readonly pixels: ReturnType<LabelPlane["snapshot"]>; readonly regions: string } | undefined;
  private compared: { readonly revision: number; readonly modified: boolean } | undefined;

  constructor(readonly editor: Editor) {
    this.plane = new LabelPlane(0, 0);
  }

  /** Another image: an empty plane of its size; `deep` where there may be more than 255 regions. */
  resize({ width, height }: Size, deep: boolean): void {
    this.plane = new LabelPlane(width, height, deep);
    this.totals.clear();
    this.revision++;
  }

  pixels(value: number): number {
    return this.totals.get(value) ?? 0;
  }

  /** Regions with at least one pixel, by number. */
  get used(): Region[] {
    return [...this.regions.values()].filter(({ value }) => this.pixels(value) > 0).sort((a, b) => a.value - b.value);
  }

  get empty(): boolean {
    return this.totals.size === 0;
  }

  /** Adds a region in this colour if no other has it, else in the first of the palette that is free. */
  addRegion(value: number, label: string, wanted?: string): Region {
    const taken = new Set([BACKGROUND, ...[...this.regions.values()].map(({ color }) => color)]);
    let color = normalColor(wanted ?? "") ?? "";
    for (let at = value - 1; !color || taken.has(color); at++) color = regionColor(at);
    const region = { value, label, color };
    this.regions.set(value, region);
    return region;
  }

  /** From here on `modified` says whether pixels and labels are other than now. */
  markStart(): void {
    this.start = { pixels: this.plane.snapshot(), regions: this.regionsInWords };
    this.compared = undefined;
  }

  /** Is anything other than at the start? Painting and undoing leave it unmodified. */
  get modified(): boolean {
    if (this.compared?.revision !== this.revision) {
      const { start } = this;
      const modified = start !== undefined && !(this.regionsInWords === start.regions && this.plane.sameAs(start.pixels));
      this.compared = { revision: this.revision, modified };
    }
    return this.compared.modified;
  }

  private get regionsInWords(): string {
    return JSON.stringify(this.used.map(({ value, label }) => [value, label]));
  }

  /** Paints runs as one step that can be undone; false when they change nothing. `over`: only pixels of that number. */
  paint(spans: Iterable<Span>, value: number, name: string, over?: number): boolean {
    this.plane.begin();
    for (const span of spans) this.plane.paint(span, value, over);
    return this.commit(name);
  }

  /** Removes a region's pixels. */
  remove(value: number, name: string): boolean {
    this.plane.begin();
    this.plane.replace(value, 0);
    return this.commit(name);
  }

  clear(): boolean {
    this.plane.begin();
    this.plane.clear();
    return this.commit("clear the mask");
  }

  /** Gives a region another label; its pixels and colour stay. */
  relabel(region: Region, label: string): void {
    const put = (as: Region): void => {
      this.regions.set(as.value, as);
      this.revision++;
    };
    this.editor.run({ name: `relabel ${region.label}`, apply: () => put({ ...region, label }), revert: () => put(region) });
  }

  /** Where a region is; null when it has no pixel. */
  bounds(value: number): Box | null {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const { y, from, to } of this.plane.spansOf(value)) {
      [left, right] = [Math.min(left, from), Math.max(right, to)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
    return left < right ? { left, top, width: right - left, height: bottom - top } : null;
  }

  /** Ends an edit that was begun on the plane and records it. */
  commit(name: string): boolean {
    const change = this.plane.end();
    if (!change) return false;
    this.count(change.before, change.after);
    this.editor.record(this.command(name, change.before, change.after));
    return true;
  }

  /** Puts numbers there without a step to undo: an initial value or a draft. */
  load(rows: (y: number) => Tile): void {
    this.resize(this.plane, this.plane.deep);
    for (let y = 0; y < this.plane.height; y++) {
      const row = rows(y);
      for (let from = 0; from < row.length; ) {
        const value = row[from]!;
        let to = from + 1;
        while (to < row.length && row[to] === value) to++;
        if (value) this.plane.paint({ y, from, to }, value);
        from = to;
      }
    }
    this.totals = this.plane.counts();
    this.revision++;
  }

  private command(name: string, before: TileSet, after: TileSet): Command {
    const swap = (from: TileSet, to: TileSet): void => {
      this.plane.put(to);
      this.count(from, to);
    };
    return { name, apply: () => swap(before, after), revert: () => swap(after, before) };
  }

  private count(before: TileSet, after: TileSet): void {
    for (const tile of before.values()) this.add(tile, -1);
    for (const tile of after.values()) this.add(tile, 1);
    this.revision++;
  }

  private add(tile: Tile | undefined, by: number): void {
    if (!tile) return;
    for (const [value, number] of countsOf(tile)) {
      const total = this.pixels(value) + by * number;
      if (total > 0) this.totals.set(value, total);
      else this.totals.delete(value);
    }
  }
}

// A tile is never written to once its edit has ended, so it is counted once: undo only looks the numbers up.
const counted = new WeakMap<Tile, ReadonlyMap<number, number>>();

function countsOf(tile: Tile): ReadonlyMap<number, number> {
  const known = counted.get(tile);
  if (known) return known;
  const found = new Map<number, number>();
  for (let at = 0; at < tile.length; ) {
    const value = tile[at]!;
    let end = at + 1;
    while (end < tile.length && tile[end] === value) end++;
    if (value) found.set(value, (found.get(value) ?? 0) + end - at);
    at = end;
  }
  counted.set(tile, found);
  return found;
}

/** `#rrggbb` in small letters of a hex colour; null of anything else. */
export function normalColor(color: string): string | null {
  const hex = /^#?([\da-f]{3}|[\da-f]{6})$/i.exec(color.trim())?.[1]?.toLowerCase();
  if (!hex) return null;
  return `#${hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex}`;
}
