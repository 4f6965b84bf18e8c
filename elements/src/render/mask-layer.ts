/**
 * Shows a label plane over the image. Tiles that changed are coloured anew, within the frame's time, and only what they
 * cover on the screen is drawn again. Far out, a small picture of the whole plane stands in for its tiles; near, only the
 * tiles in sight have a picture.
 */
import { channels } from "../geometry/png.js";
import type { View } from "../geometry/view.js";
import type { Mask } from "../model/mask.js";
import { TILE, type Tile } from "../model/label-plane.js";
import { fitCanvas, makeCanvas, type Frame, type Layer } from "./layer.js";

type Context = CanvasRenderingContext2D;
type OffscreenContext = OffscreenCanvasRenderingContext2D;
const OVERVIEW_PX = 1536;
/** Tile pictures that are kept; a screen shows about a hundred at most. */
const KEPT = 160;
/** How wide the stripes of the region in hand are: this part of the image's longer side. */
const STRIPE = 1 / 220;

export class MaskLayer implements Layer {
  readonly canvas = makeCanvas("mask-canvas");
  readonly #context = this.canvas.getContext("2d") as Context;
  readonly #tiles = new Map<number, OffscreenCanvas>();
  readonly #staleTiles = new Set<number>();
  readonly #staleOverview = new Set<number>();
  readonly #scratch = new OffscreenCanvas(TILE, TILE);
  readonly #picture = new ImageData(TILE, TILE);
  #overview = new OffscreenCanvas(1, 1);
  #overviewScale = 1;
  #colors = new Uint32Array(1);
  #plane: unknown;
  #seen = "";
  opacity = 0.6;
  hidden: (value: number) => boolean = () => false;
  /** The number painted with, drawn in stripes, so that it is told from the others without seeing colours. */
  inHand: () => number | null = () => null;
  #striped = 0;

  constructor(readonly mask: Mask) {}

  draw(frame: Frame): boolean {
    const { plane } = this.mask;
    const cleared = fitCanvas(this.canvas, frame.size);
    if (plane.width === 0) return false;
    if (this.#plane !== plane) this.#begin();
    this.#recolor();
    for (const index of plane.dirty) {
      this.#staleTiles.add(index);
      this.#staleOverview.add(index);
    }
    plane.dirty.clear();
    const { scale, x, y } = frame.view;
    const seen = `${scale} ${x} ${y} ${this.opacity}`;
    const whole = cleared || seen !== this.#seen;
    this.#seen = seen;
    const changed: number[] = [];
    const unfinished = scale <= this.#overviewScale ? this.#updateOverview(frame, changed) : this.#updateTiles(frame, changed);
    if (whole || changed.length > 0) this.#compose(frame, whole ? null : changed);
    return unfinished;
  }

  // Another plane: nothing of the last one is of use.
  #begin(): void {
    const { plane } = this.mask;
    this.#plane = plane;
    this.#tiles.clear();
    this.#staleTiles.clear();
    this.#staleOverview.clear();
    this.#seen = "";
    this.#overviewScale = Math.min(1, OVERVIEW_PX / Math.max(plane.width, plane.height));
    const length = (side: number): number => Math.max(1, Math.ceil(side * this.#overviewScale));
    this.#overview = new OffscreenCanvas(length(plane.width), length(plane.height));
  }

  // A number that changed its colour, its visibility or its stripes makes the tiles that hold it stale.
  #recolor(): void {
    const { plane, regions } = this.mask;
    const highest = Math.max(0, ...regions.keys());
    const colors = new Uint32Array(highest + 1);
    for (const { value, color } of regions.values()) {
      if (this.hidden(value)) continue;
      const [red, green, blue] = channels(color);
      colors[value] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    }
    const before = this.#colors;
    const striped = this.inHand() ?? 0;
    const changed = [...regions.keys()].filter((value) => before[value] !== undefined && before[value] !== colors[value]);
    if (striped !== this.#striped) changed.push(striped, this.#striped);
    this.#colors = colors;
    this.#striped = striped;
    const values = changed.filter((value) => value > 0);
    if (values.length === 0) return;
    for (let index = 0; index < plane.tileCount; index++) {
      const tile = plane.tile(index);
      if (tile && (values.length > 8 || values.some((value) => tile.includes(value)))) plane.dirty.add(index);
    }
  }

  #updateOverview({ budget }: Frame, changed: number[]): boolean {
    const until = performance.now() + budget;
    const context = this.#overview.getContext("2d") as OffscreenContext;
    const scale = this.#overviewScale;
    context.imageSmoothingEnabled = scale < 1;
    for (const index of this.#staleOverview) {
      this.#staleOverview.delete(index);
      changed.push(index);
      const { left, top } = this.#corner(index);
      context.clearRect(left * scale, top * scale, TILE * scale, TILE * scale);
      const tile = this.mask.plane.tile(index);
      if (tile) {
        this.#paint(this.#scratch, index, tile);
        context.drawImage(this.#scratch, left * scale, top * scale, TILE * scale, TILE * scale);
      }
      if (performance.now() > until) break;
    }
    return this.#staleOverview.size > 0;
  }

  #updateTiles({ view, size, budget }: Frame, changed: number[]): boolean {
    const until = performance.now() + budget;
    const { plane } = this.mask;
    for (const index of this.#inSight(view, size)) {
      const tile = plane.tile(index);
      if (!(tile ? !this.#tiles.has(index) || this.#staleTiles.has(index) : this.#tiles.has(index))) continue;
      if (performance.now() > until) return true;
      this.#staleTiles.delete(index);
      changed.push(index);
      const canvas = this.#tiles.get(index) ?? new OffscreenCanvas(TILE, TILE);
      this.#tiles.delete(index);
      if (!tile) continue;
      this.#paint(canvas, index, tile);
      this.#tiles.set(index, canvas);
      const [oldest] = this.#tiles.keys();
      if (this.#tiles.size > KEPT && oldest !== undefined) this.#tiles.delete(oldest);
    }
    return false;
  }

  #inSight(view: View, size: Frame["size"]): number[] {
    const { across, down } = this.mask.plane;
    const first = (offset: number): number => Math.max(0, Math.floor(-offset / view.scale / TILE));
    const last = (offset: number, room: number, count: number): number => Math.min(count - 1, Math.floor((room - offset) / view.scale / TILE));
    const found: number[] = [];
    for (let row = first(view.y); row <= last(view.y, size.height, down); row++) {
      for (let column = first(view.x); column <= last(view.x, size.width, across); column++) found.push(row * across + column);
    }
    return found;
  }

  #paint(canvas: OffscreenCanvas, index: number, tile: Tile): void {
    const words = new Uint32Array(this.#picture.data.buffer);
    const colors = this.#colors;
    for (let at = 0; at < tile.length; at++) words[at] = colors[tile[at]!] ?? 0;
    if (this.#striped > 0 && tile.includes(this.#striped)) this.#stripe(words, index, tile);
    (canvas.getContext("2d") as OffscreenContext).putImageData(this.#picture, 0, 0);
  }

  #stripe(words: Uint32Array, index: number, tile: Tile): void {
    const { plane } = this.mask;
    const { left, top } = this.#corner(index);
    const wide = Math.max(1, Math.round(Math.max(plane.width, plane.height) * STRIPE));
    const pale = lightened(this.#colors[this.#striped] ?? 0);
    for (let at = 0; at < tile.length; at++) {
      if (tile[at] === this.#striped && Math.floor((left + (at & 255) + top + (at >> 8)) / wide) % 3 === 0) words[at] = pale;
    }
  }

  #compose({ view, size }: Frame, changed: readonly number[] | null): void {
    const context = this.#context;
    const { plane } = this.mask;
    context.save();
    if (changed) {
      context.beginPath();
      for (const index of changed) context.rect(...this.#place(index, view));
      context.clip();
    }
    context.clearRect(0, 0, size.width, size.height);
    context.globalAlpha = this.opacity;
    const scale = this.#overviewScale;
    const far = view.scale <= scale;
    context.imageSmoothingEnabled = far;
    if (far) {
      context.drawImage(this.#overview, view.x, view.y, (this.#overview.width / scale) * view.scale, (this.#overview.height / scale) * view.scale);
    } else {
      for (const index of changed ?? this.#inSight(view, size)) {
        const canvas = this.#tiles.get(index);
        const { left, top } = this.#corner(index);
        if (canvas) context.drawImage(canvas, ...this.#place(index, view));
        // Not painted yet: the overview's, until it is.
        else if (plane.tile(index)) context.drawImage(this.#overview, left * scale, top * scale, TILE * scale, TILE * scale, ...this.#place(index, view));
      }
    }
    context.restore();
  }

  #corner(index: number): { left: number; top: number } {
    const { across } = this.mask.plane;
    return { left: (index % across) * TILE, top: Math.floor(index / across) * TILE };
  }

  // Whole device pixels, so that neighbouring tiles meet without a seam.
  #place(index: number, view: View): [number, number, number, number] {
    const { left, top } = this.#corner(index);
    const at = (offset: number, edge: number): number => Math.round(offset + edge * view.scale);
    const [x, y] = [at(view.x, left), at(view.y, top)];
    return [x, y, at(view.x, left + TILE) - x, at(view.y, top + TILE) - y];
  }
}

/** Half way to white; the alpha stays. */
function lightened(word: number): number {
  if (word === 0) return 0;
  const half = (shift: number): number => (((word >>> shift) & 255) + 255) >> 1;
  return ((255 << 24) | (half(16) << 16) | (half(8) << 8) | half(0)) >>> 0;
}
