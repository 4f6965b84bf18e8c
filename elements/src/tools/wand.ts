import { floodSpans } from "../geometry/raster.js";
import type { Paint } from "./painting.js";
import { Tool, type Phases, type ToolPointer } from "./tool.js";

/** Labels the connected area of the image whose colour is near the one clicked. */
export class WandTool extends Tool {
  readonly name = "wand";
  readonly title = "Colour wand";
  readonly kind = null;
  protected readonly phases: Phases;

  constructor(private readonly paint: Paint) {
    super();
    this.phases = { idle: { pointerDown: (pointer) => this.select(pointer) } };
  }

  private select({ point, alt }: ToolPointer): void {
    const value = alt ? 0 : this.paint.value();
    if (value === null) return;
    const pixels = this.paint.pixels();
    if (!pixels) {
      this.paint.editor.refuse("The colours of this image may not be read here; use the brush.");
      return;
    }
    const { plane } = this.paint.mask;
    const { width } = plane;
    const seed = 4 * (Math.floor(point.y) * width + Math.floor(point.x));
    const limit = this.paint.tolerance * this.paint.tolerance * 3;
    const [red, green, blue] = [pixels[seed]!, pixels[seed + 1]!, pixels[seed + 2]!];
    const spans = floodSpans(width, plane.height, point, (x, y) => {
      const at = 4 * (y * width + x);
      return (pixels[at]! - red) ** 2 + (pixels[at + 1]! - green) ** 2 + (pixels[at + 2]! - blue) ** 2 <= limit;
    });
    this.paint.mask.paint(spans, value, "colour wand");
  }
}
