/** What the tools that paint a mask share: what they paint on, with which number, and how wide. */
import type { Point } from "../geometry/point.js";
import type { Editor } from "../model/editor.js";
import type { Mask } from "../model/mask.js";

export interface Paint {
  readonly editor: Editor;
  readonly mask: Mask;
  /** Diameter of brush and eraser in image pixels. */
  size: number;
  /** How far a colour may be from the one clicked, 0 to 255, for the wand. */
  tolerance: number;
  /** The number to paint with now; null when there is none (the worker has been told why). */
  value(): number | null;
  /** The number that pixels must have to be painted with this one; undefined: any. */
  over(value: number): number | undefined;
  /** Takes what is at this place into the hand. */
  pick(at: Point): void;
  /** The image's colours; null where they may not be read. */
  pixels(): PixelReader | null;
}

/** Rows of an image's colours. */
export interface PixelReader {
  /** Red, green, blue and alpha of the pixels of a row, from `at` on in `data`. */
  row(y: number): { readonly data: Uint8ClampedArray; readonly at: number };
}
