import { distance, type Point } from "../geometry/point.js";
import { polygonSpans } from "../geometry/raster.js";
import type { Paint } from "./painting.js";
import { reach, Tool, type Phases, type ToolPointer } from "./tool.js";

const STEP_PX = 3;
const CLOSE_PX = 9;

/** Fills an outline: click corner after corner and close on the first, or drag around in one go. */
export class PolygonFillTool extends Tool {
  readonly name = "polygon-fill";
  readonly title = "Fill an outline";
  readonly kind = null;
  /** The corners so far, for the outline on the screen. */
  corners: readonly Point[] = [];
  /** Where the next corner would go. */
  aim: Point | null = null;
  protected readonly phases: Phases;
  private dragged = false;

  constructor(private readonly paint: Paint) {
    super();
    const give = (): string => this.clear();
    this.phases = {
      idle: { pointerDown: (pointer) => this.corner(pointer) },
      pressed: {
        pointerMove: (pointer) => this.drag(pointer),
        pointerUp: () => (this.dragged ? this.fill() : "drawing"),
        interrupt: give,
        cancel: give,
      },
      drawing: {
        pointerDown: (pointer) => (this.closes(pointer) ? this.fill() : this.corner(pointer)),
        pointerMove: (pointer) => this.point(pointer),
        complete: () => this.fill(),
        cancel: () => this.takeBack(),
      },
    };
  }

  private corner(pointer: ToolPointer): string | void {
    if (this.corners.length === 0 && this.paint.value() === null) return;
    this.dragged = false;
    this.corners = [...this.corners, pointer.point];
    this.paint.editor.activeChanged();
    return "pressed";
  }

  private drag(pointer: ToolPointer): void {
    const last = this.corners.at(-1)!;
    if (distance(last, pointer.point) < reach(pointer, STEP_PX)) return;
    this.dragged = true;
    this.corners = [...this.corners, pointer.point];
    this.paint.editor.activeChanged();
  }

  private point(pointer: ToolPointer): void {
    this.aim = this.closes(pointer) ? this.corners[0]! : pointer.point;
    this.paint.editor.activeChanged();
  }

  private closes(pointer: ToolPointer): boolean {
    const [first] = this.corners;
    return first !== undefined && this.corners.length > 2 && distance(first, pointer.point) <= reach(pointer, CLOSE_PX);
  }

  private fill(): string {
    const value = this.paint.value();
    const { corners } = this;
    this.clear();
    if (value !== null && corners.length > 2) this.paint.mask.paint(polygonSpans(corners), value, "fill an outline");
    return "idle";
  }

  // Escape takes corner after corner back.
  private takeBack(): string {
    this.corners = this.corners.slice(0, -1);
    this.paint.editor.activeChanged();
    return this.corners.length > 0 ? "drawing" : this.clear();
  }

  private clear(): string {
    this.corners = [];
    this.aim = null;
    this.paint.editor.activeChanged();
    return "idle";
  }
}
