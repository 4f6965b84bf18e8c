/** Reading pictures as numbers: a mask to begin with, and the image's own colours for the wand. */
import type { Size } from "../geometry/point.js";
import { channels } from "../geometry/png.js";
import type { LoadedImage } from "../render/image.js";
import type { PixelReader } from "../tools/painting.js";

const BAND = 256;

/**
 * The numbers of a mask picture, row by row, in the size of the plane: a colour that `regions` do not have is background.
 * Another size is scaled to the nearest pixel. Rejects when the picture cannot be loaded.
 */
export async function readMask(
  src: string,
  size: Size,
  regions: readonly { readonly value: number; readonly color: string }[],
  deep: boolean,
): Promise<(y: number) => Uint8Array | Uint16Array> {
  const bitmap = await createImageBitmap(await fileAt(src), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const bands = new Bands(bitmap, size, 1);
  const numbers = new Map(regions.map(({ color, value }) => [packed(...channels(color)), value]));
  const row = deep ? new Uint16Array(size.width) : new Uint8Array(size.width);
  return (y) => {
    const { data, at } = bands.row(y);
    for (let x = 0; x < size.width; x++) {
      const i = at + 4 * x;
      row[x] = data[i + 3]! < 128 ? 0 : (numbers.get(packed(data[i]!, data[i + 1]!, data[i + 2]!)) ?? 0);
    }
    if (y === size.height - 1) bitmap.close();
    return row;
  };
}

/** The image's colours; null where another origin forbids reading them. */
export function readPixels(image: LoadedImage | null): PixelReader | null {
  return image?.readable ? new Bands(image.at(1), image.size, Infinity) : null;
}

function packed(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue;
}

// A frame without an origin may not fetch data addresses where its policy names hosts, so those are read here.
async function fileAt(src: string): Promise<Blob> {
  const base64 = /^data:[^,]*;base64,/.exec(src);
  if (base64) return new Blob([Uint8Array.from(atob(src.slice(base64[0].length)), (letter) => letter.charCodeAt(0))]);
  const response = await fetch(src);
  if (!response.ok) throw new Error(`The mask could not be loaded: ${response.status} from ${src.slice(0, 200)}`);
  return response.blob();
}

/** Reads a picture a band of rows at a time, and keeps as many bands as wanted. */
class Bands implements PixelReader {
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #bands = new Map<number, Uint8ClampedArray>();

  constructor(
    readonly picture: CanvasImageSource,
    readonly size: Size,
    readonly kept: number,
  ) {
    const canvas = new OffscreenCanvas(size.width, Math.min(BAND, size.height));
    this.#context = canvas.getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    this.#context.imageSmoothingEnabled = false;
  }

  row(y: number): { readonly data: Uint8ClampedArray; readonly at: number } {
    const band = Math.floor(y / BAND);
    return { data: this.#bands.get(band) ?? this.#read(band), at: (y - band * BAND) * this.size.width * 4 };
  }

  #read(band: number): Uint8ClampedArray {
    const { width, height } = this.size;
    const context = this.#context;
    context.clearRect(0, 0, width, BAND);
    context.drawImage(this.picture, 0, -band * BAND, width, height);
    const { data } = context.getImageData(0, 0, width, Math.min(BAND, height - band * BAND));
    if (this.#bands.size >= this.kept) this.#bands.clear();
    this.#bands.set(band, data);
    return data;
  }
}
