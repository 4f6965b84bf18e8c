/** What the tools that paint a mask share: what they paint on, with which number, and how wide. */
import type { Editor } from "../model/editor.js";
import type { Mask } from "../model/mask.js";

export interface Paint {
  readonly editor: Editor;
  readonly mask: Mask;
  /** Diameter of brush and eraser in image pixels. */
  size: number;
  /** How far a colour may be from the one clicked, 0 to 255, for the wand. */
  tolerance: number;
  /** The number to paint with now; null when no label is chosen (the worker has been told). */
  value(): number | null;
  /** Red, green, blue and alpha of every pixel of the image; null where they may not be read. */
  pixels(): Uint8ClampedArray | null;
}
