import { floodSpans } from "../geometry/raster.js";
import type { Paint } from "./painting.js";
import { Tool, type Phases, type ToolPointer } from "./tool.js";

/** Gives a connected area of one label, or of background, another label. */
export class FloodFillTool extends Tool {
  readonly name = "flood-fill";
  readonly title = "Flood an area";
  readonly kind = null;
  protected readonly phases: Phases;

  constructor(private readonly paint: Paint) {
    super();
    this.phases = { idle: { pointerDown: (pointer) => this.fill(pointer) } };
  }

  private fill({ point, alt }: ToolPointer): void {
    if (alt) return this.paint.pick(point);
    const value = this.paint.value();
    if (value === null) return;
    const { plane } = this.paint.mask;
    const old = plane.get(Math.floor(point.x), Math.floor(point.y));
    const spans = floodSpans(plane.width, plane.height, point, (x, y) => plane.get(x, y) === old);
    this.paint.mask.paint(spans, value, "flood an area");
  }
}
