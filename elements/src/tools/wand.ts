import { floodSpans } from "../geometry/raster.js";
import type { Paint, PixelReader } from "./painting.js";
import { Tool, type Phases, type ToolPointer } from "./tool.js";

type Row = ReturnType<PixelReader["row"]>;

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
    if (alt) return this.paint.pick(point);
    const { editor, mask } = this.paint;
    const { width, height } = mask.plane;
    const [x, y] = [Math.floor(point.x), Math.floor(point.y)];
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const value = this.paint.value();
    if (value === null) return;
    const pixels = this.paint.pixels();
    if (!pixels) return void editor.refuse("The colours of this image may not be read here; use the brush.");
    const inside = this.nearTo(pixels.row(y), x, (at) => pixels.row(at));
    mask.paint(floodSpans(width, height, point, inside), value, "colour wand", this.paint.over(value));
  }

  private nearTo({ data, at }: Row, x: number, row: (y: number) => Row): (x: number, y: number) => boolean {
    const [red, green, blue] = [data[at + 4 * x]!, data[at + 4 * x + 1]!, data[at + 4 * x + 2]!];
    const limit = this.paint.tolerance * this.paint.tolerance * 3;
    let [lastY, now] = [-1, { data, at }];
    return (px, py) => {
      if (py !== lastY) [lastY, now] = [py, row(py)];
      const i = now.at + 4 * px;
      const colors = now.data;
      return (colors[i]! - red) ** 2 + (colors[i + 1]! - green) ** 2 + (colors[i + 2]! - blue) ** 2 <= limit;
    };
  }
}
