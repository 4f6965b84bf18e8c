/** The image, under everything else. */
import { fitCanvas, makeCanvas, type Frame, type Layer } from "./layer.js";
import type { LoadedImage } from "./image.js";
import type { View } from "../geometry/view.js";

/** From this many device pixels per natural pixel on, pixels are shown as squares instead of being blurred. */
const SQUARES_FROM = 3;

export class ImageLayer implements Layer {
  readonly canvas = makeCanvas("image-canvas");
  readonly #context = this.canvas.getContext("2d", { alpha: true }) as CanvasRenderingContext2D;
  #image: LoadedImage | null = null;
  #drawn: View | null = null;

  set image(image: LoadedImage | null) {
    this.#image = image;
    this.#drawn = null;
  }

  /** Draws again although the view is the same. */
  invalidate(): void {
    this.#drawn = null;
  }

  draw({ view, size }: Frame): boolean {
    const cleared = fitCanvas(this.canvas, size);
    if (!cleared && this.#drawn && sameView(this.#drawn, view)) return false;
    this.#drawn = view;
    const { width, height } = size;
    const context = this.#context;
    context.clearRect(0, 0, width, height);
    const image = this.#image;
    if (!image) return false;
    context.imageSmoothingEnabled = view.scale < SQUARES_FROM;
    context.imageSmoothingQuality = "low";
    // Only the part in sight: a far zoomed image is many times the canvas.
    const source = image.at(view.scale);
    const pixels = (source as ImageBitmap).width / image.size.width || 1;
    const left = Math.max(0, Math.floor(-view.x / view.scale));
    const top = Math.max(0, Math.floor(-view.y / view.scale));
    const right = Math.min(image.size.width, Math.ceil((width - view.x) / view.scale));
    const bottom = Math.min(image.size.height, Math.ceil((height - view.y) / view.scale));
    if (right <= left || bottom <= top) return false;
    const [w, h] = [right - left, bottom - top];
    const { x, y, scale } = view;
    context.drawImage(source, left * pixels, top * pixels, w * pixels, h * pixels, left * scale + x, top * scale + y, w * scale, h * scale);
    return false;
  }
}

export const sameView = (a: View, b: View): boolean => a.scale === b.scale && a.x === b.x && a.y === b.y;
