/**
 * Loads the image to label as its natural pixels: EXIF rotation is ignored, because that is how Ground Truth counts them.
 * Smaller copies for fast drawing of large images are made once, in the background.
 */
import type { Size } from "../geometry/point.js";
import { forgetRotation } from "./exif.js";

export interface LoadedImage {
  readonly size: Size;
  /** Pixels can be read (same origin, or CORS allows it). */
  readonly readable: boolean;
  /** The smallest copy that has at least `scale` times the natural size. */
  at(scale: number): CanvasImageSource;
  /** Resolves when the smaller copies are there; they make zooming out faster, nothing else. */
  prepare(): Promise<void>;
  close(): void;
}

const SMALLEST_COPY_PX = 512;

/** Fetches and decodes. Where another origin forbids reading, the image is still shown, by an `img` element. */
export async function loadImage(src: string): Promise<LoadedImage> {
  const blob = await fetch(src)
    .then((response) => (response.ok ? response.blob() : null))
    .catch(() => null);
  const file = blob && (await unturned(blob));
  const bitmap = file && (await createImageBitmap(file).catch(() => null));
  return bitmap ? new BitmapImage(bitmap, file) : new ElementImage(await loadElement(src));
}

async function unturned(blob: Blob): Promise<Blob> {
  const file = new Uint8Array(await blob.arrayBuffer());
  return forgetRotation(file) ? new Blob([file], { type: blob.type }) : blob;
}

class BitmapImage implements LoadedImage {
  readonly readable = true;
  readonly size: Size;
  /** Copies of half the size each, largest first. */
  readonly #copies: ImageBitmap[];

  constructor(
    bitmap: ImageBitmap,
    readonly file: Blob,
  ) {
    this.size = { width: bitmap.width, height: bitmap.height };
    this.#copies = [bitmap];
  }

  at(scale: number): ImageBitmap {
    let best = this.#copies[0] as ImageBitmap;
    for (const copy of this.#copies) if (copy.width >= this.size.width * scale * 0.99) best = copy;
    return best;
  }

  // From the file again, not from the bitmap: that way browsers decode and shrink on another thread.
  async prepare(): Promise<void> {
    let { width, height } = this.size;
    while (Math.max(width, height) >= 2 * SMALLEST_COPY_PX) {
      [width, height] = [Math.ceil(width / 2), Math.ceil(height / 2)];
      this.#copies.push(await createImageBitmap(this.file, { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" }));
    }
  }

  close(): void {
    for (const copy of this.#copies) copy.close();
  }
}

class ElementImage implements LoadedImage {
  readonly readable = false;
  readonly size: Size;

  constructor(readonly element: HTMLImageElement) {
    // An SVG without a size of its own is given one, as browsers do.
    this.size = { width: element.naturalWidth || 300, height: element.naturalHeight || 150 };
  }

  at(): HTMLImageElement {
    return this.element;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.element.src = "";
  }
}

async function loadElement(src: string): Promise<HTMLImageElement> {
  const element = document.createElement("img");
  element.src = src;
  try {
    await element.decode();
  } catch {
    throw new Error(`The image could not be loaded from ${src.slice(0, 200)}`);
  }
  return element;
}
