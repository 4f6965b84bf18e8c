/** The tools of a mask without a pointer: arrows move a brush, Enter presses the tool in hand where it is. */
import type { Point } from "../geometry/point.js";
import type { Paint } from "../tools/painting.js";
import type { ToolPointer } from "../tools/tool.js";
import type { Stage } from "./stage.js";

export class KeyboardBrush {
  /** Where it is, in image pixels; null while it is put away. */
  at: Point | null = null;
  /** Moving paints. */
  down = false;

  constructor(
    readonly paint: Paint,
    readonly stage: Stage,
    readonly label: (at: Point) => string,
  ) {}

  toggle(): void {
    const { x, y } = this.stage.centre;
    this.at = this.at ? null : middleOf({ x, y });
    this.down = false;
    this.say(this.at ? "Arrows move the brush, Enter paints, Shift Enter paints while moving, Escape leaves" : "The brush is with the pointer again");
  }

  /** Begins or ends painting while moving; with an outline in the making, finishes it. */
  hold(): void {
    const { tool } = this.paint.editor;
    if (tool?.canComplete) return tool.send("complete");
    this.down = !this.down;
    this.say(this.down ? "Painting while moving" : "Moving only");
    if (this.down) this.stamp();
  }

  move(dx: number, dy: number, far: boolean): void {
    const from = this.at;
    if (!from) return;
    const step = far ? Math.max(10, Math.round(this.paint.size)) : 1;
    const { width, height } = this.paint.mask.plane;
    const within = (at: number, end: number): number => Math.min(Math.max(at, 0.5), end - 0.5);
    this.at = { x: within(from.x + dx * step, width), y: within(from.y + dy * step, height) };
    if (this.down) this.press(from, this.at);
    else this.paint.editor.tool?.pointer("pointerMove", this.pointer(this.at));
    this.stage.reveal([this.at]);
    this.say(`x ${Math.floor(this.at.x)}, y ${Math.floor(this.at.y)}, ${this.label(this.at)}`);
  }

  stamp(): void {
    if (this.at) this.press(this.at, this.at);
  }

  private press(from: Point, to: Point): void {
    const { tool } = this.paint.editor;
    tool?.pointer("pointerDown", this.pointer(from));
    if (from !== to) tool?.pointer("pointerMove", this.pointer(to));
    tool?.pointer("pointerUp", this.pointer(to));
    this.stage.invalidate();
  }

  private pointer(point: Point): ToolPointer {
    return { point, scale: this.stage.scale, pointerType: "mouse", clicks: 1, shift: false, alt: false, ctrl: false, pressure: 0.5 };
  }

  private say(text: string): void {
    this.paint.editor.say(text);
    this.stage.invalidate();
  }
}

const middleOf = ({ x, y }: Point): Point => ({ x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 });
