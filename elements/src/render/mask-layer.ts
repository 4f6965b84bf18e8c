/**
 * Shows a label plane over the image: tiles that changed are coloured anew, and only the part of the screen they cover is
 * drawn again. Far out, a small picture of the whole plane stands in for its tiles.
 */
import { channels } from "../geometry/png.js";
import type { Mask } from "../model/mask.js";
import { TILE, type Tile } from "../model/label-plane.js";
import { fitCanvas, makeCanvas, type Frame, type Layer } from "./layer.js";

type Context = CanvasRenderingContext2D;
const OVERVIEW_PX = 1536;

export class MaskLayer implements Layer {
  readonly canvas = makeCanvas("mask-canvas");
  readonly #context = this.canvas.getContext("2d") as Context;
  readonly #tiles = new Map<number, OffscreenCanvas>();
  #overview = new OffscreenCanvas(1, 1);
  #overviewScale = 1;
  #colors = new Uint32Array(1);
  #colored = "";
  #plane: unknown;
  #seen = "";
  /** 0 hides the mask, 1 covers the image. */
  opacity = 0.55;
  /** The number of the region in hand, drawn stronger; null: all alike. */
  hidden: (value: number) => boolean = () => false;

  constructor(readonly mask: Mask) {}

  draw(frame: Frame): boolean {
    const { plane } = this.mask;
    const cleared = fitCanvas(this.canvas, frame.size);
    if (plane.width === 0) return false;
    this.#recolor();
    const { scale, x, y } = frame.view;
    const seen = [scale, x, y, this.opacity, this.#colored].join();
    const whole = cleared || seen !== this.#seen || this.#plane !== plane;
    this.#seen = seen;
    this.#plane = plane;
    const changed = [...plane.dirty];
    if (!whole && changed.length === 0) return false;
    for (const index of changed) this.#paintTile(index);
    plane.dirty.clear();
    this.#compose(frame, whole ? null : changed);
    return false;
  }

  // A region that came, went, or changed its colour or visibility changes every tile.
  #recolor(): void {
    const { plane, regions } = this.mask;
    const colored = [...regions.values()].map(({ value, color }) => `${value}${color}${this.hidden(value)}`).join();
    const same = colored === this.#colored && this.#plane === plane;
    if (same) return;
    const appended = this.#plane === plane && colored.startsWith(this.#colored);
    this.#colored = colored;
    const highest = Math.max(0, ...regions.keys());
    this.#colors = new Uint32Array(highest + 1);
    for (const { value, color } of regions.values()) {
      const [red, green, blue] = channels(color);
      this.#colors[value] = this.hidden(value) ? 0 : ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    }
    if (appended && this.#overview.width > 1) return;
    this.#tiles.clear();
    this.#overviewScale = Math.min(1, OVERVIEW_PX / Math.max(plane.width, plane.height));
    this.#overview = new OffscreenCanvas(Math.max(1, Math.ceil(plane.width * this.#overviewScale)), Math.max(1, Math.ceil(plane.height * this.#overviewScale)));
    for (let index = 0; index < plane.tileCount; index++) if (plane.tile(index)) plane.dirty.add(index);
  }

  #paintTile(index: number): void {
    const { plane } = this.mask;
    const tile = plane.tile(index);
    const left = (index % plane.across) * TILE;
    const top = Math.floor(index / plane.across) * TILE;
    const overview = this.#overview.getContext("2d") as OffscreenCanvasRenderingContext2D;
    const scale = this.#overviewScale;
    overview.clearRect(left * scale, top * scale, TILE * scale, TILE * scale);
    if (!tile) {
      this.#tiles.delete(index);
      return;
    }
    const canvas = this.#tiles.get(index) ?? new OffscreenCanvas(TILE, TILE);
    this.#tiles.set(index, canvas);
    (canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).putImageData(this.#coloured(tile), 0, 0);
    overview.imageSmoothingEnabled = scale < 1;
    overview.drawImage(canvas, left * scale, top * scale, TILE * scale, TILE * scale);
  }

  #coloured(tile: Tile): ImageData {
    const picture = new ImageData(TILE, TILE);
    const words = new Uint32Array(picture.data.buffer);
    const colors = this.#colors;
    for (let at = 0; at < tile.length; at++) words[at] = colors[tile[at]!] ?? 0;
    return picture;
  }

  #compose({ view, size }: Frame, changed: readonly number[] | null): void {
    const context = this.#context;
    const { plane } = this.mask;
    context.save();
    if (changed) {
      context.beginPath();
      for (const index of changed) {
        const [left, top, width, height] = this.#place(index, view);
        context.rect(left, top, width, height);
      }
      context.clip();
    }
    context.clearRect(0, 0, size.width, size.height);
    context.globalAlpha = this.opacity;
    if (view.scale <= this.#overviewScale) {
      context.imageSmoothingEnabled = true;
      context.drawImage(this.#overview, view.x, view.y, plane.width * view.scale, plane.height * view.scale);
    } else {
      context.imageSmoothingEnabled = false;
      for (const [index, canvas] of this.#tiles) {
        const [left, top, width, height] = this.#place(index, view);
        if (left < size.width && top < size.height && left + width > 0 && top + height > 0) context.drawImage(canvas, left, top, width, height);
      }
    }
    context.restore();
  }

  // Whole device pixels, so that neighbouring tiles meet without a seam.
  #place(index: number, view: Frame["view"]): [number, number, number, number] {
    const { across } = this.mask.plane;
    const column = index % across;
    const row = Math.floor(index / across);
    const left = Math.round(view.x + column * TILE * view.scale);
    const top = Math.round(view.y + row * TILE * view.scale);
    const right = Math.round(view.x + (column + 1) * TILE * view.scale);
    const bottom = Math.round(view.y + (row + 1) * TILE * view.scale);
    return [left, top, right - left, bottom - top];
  }
}
