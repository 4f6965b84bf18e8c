import type { Point } from "../geometry/point.js";
import { strokeSpans } from "../geometry/raster.js";
import type { Paint } from "./painting.js";
import { Tool, type Phases, type ToolPointer } from "./tool.js";

/** Paints where the pointer goes; a pen's pressure makes the stroke wider or narrower. With Alt it picks what is there. */
export class BrushTool extends Tool {
  readonly name: string = "brush";
  readonly title: string = "Brush";
  readonly kind = null;
  override readonly cursor = "none";
  override readonly everyMove = true;
  protected readonly phases: Phases;
  private last: Point = { x: 0, y: 0 };
  private painting: number | null = null;

  constructor(protected readonly paint: Paint) {
    super();
    this.phases = {
      idle: { pointerDown: (pointer) => this.start(pointer) },
      painting: {
        pointerMove: (pointer) => this.stroke(pointer),
        pointerUp: (pointer) => this.finish(pointer),
        interrupt: () => this.drop(),
        cancel: () => this.drop(),
      },
    };
  }

  /** The number this tool leaves behind. */
  protected number(): number | null {
    return this.paint.value();
  }

  private start(pointer: ToolPointer): string | void {
    if (pointer.alt) return this.paint.pick(pointer.point);
    this.painting = this.number();
    if (this.painting === null) return;
    this.paint.mask.plane.begin();
    this.last = pointer.point;
    this.stroke(pointer);
    return "painting";
  }

  private stroke(pointer: ToolPointer): void {
    const width = pointer.pointerType === "pen" ? this.paint.size * (0.4 + 1.2 * pointer.pressure) : this.paint.size;
    const { plane } = this.paint.mask;
    const value = this.painting as number;
    const over = this.paint.over(value);
    for (const span of strokeSpans(this.last, pointer.point, width / 2)) plane.paint(span, value, over);
    this.last = pointer.point;
    this.paint.editor.activeChanged();
  }

  private finish(pointer: ToolPointer): string {
    this.stroke(pointer);
    this.paint.mask.commit(this.title.toLowerCase());
    return "idle";
  }

  private drop(): string {
    this.paint.mask.plane.cancel();
    this.paint.editor.activeChanged();
    return "idle";
  }
}
