/** Reading pictures as numbers: a mask to begin with, and the image's own colours for the wand. */
import type { Size } from "../geometry/point.js";
import type { LoadedImage } from "../render/image.js";

function contextOf({ width, height }: Size): OffscreenCanvasRenderingContext2D {
  return new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true, colorSpace: "srgb" })!;
}

/**
 * The numbers of a mask picture, row by row, in the size of the plane: a colour that `values` (by `r,g,b`) does not know is
 * background. Another size is scaled to the nearest pixel. Rejects when the picture cannot be loaded.
 */
export async function readMask(src: string, size: Size, values: ReadonlyMap<string, number>, deep: boolean): Promise<(y: number) => Uint8Array | Uint16Array> {
  const response = await fetch(src);
  if (!response.ok) throw new Error(`${response.status}`);
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const context = contextOf(size);
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  bitmap.close();
  const numbers = new Map([...values].map(([color, value]) => [packed(...(color.split(",").map(Number) as [number, number, number])), value]));
  const row = deep ? new Uint16Array(size.width) : new Uint8Array(size.width);
  return (y) => {
    const { data } = context.getImageData(0, y, size.width, 1);
    for (let x = 0; x < size.width; x++) {
      const at = 4 * x;
      row[x] = data[at + 3]! < 128 ? 0 : (numbers.get(packed(data[at]!, data[at + 1]!, data[at + 2]!)) ?? 0);
    }
    return row;
  };
}

function packed(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue;
}

/** Red, green, blue and alpha of every pixel; null where another origin forbids it. */
export function readPixels(image: LoadedImage | null): Uint8ClampedArray | null {
  if (!image?.readable) return null;
  const context = contextOf(image.size);
  try {
    context.drawImage(image.at(1), 0, 0);
    return context.getImageData(0, 0, image.size.width, image.size.height).data;
  } catch {
    return null;
  }
}
