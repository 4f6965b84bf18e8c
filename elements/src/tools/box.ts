/** Draws boxes from corner to corner. A click without a drag selects. */
import { distance, type Point } from "../geometry/point.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import { editingPhases, pick } from "./editing.js";
import { reach, Tool, type Phases, type ToolPointer } from "./tool.js";

const DRAG_FROM_PX = 3;

export class BoxTool extends Tool {
  readonly name = "box";
  readonly title = "Box";
  readonly kind = "box";
  protected readonly phases: Phases;
  #start: Point = { x: 0, y: 0 };
  #end: Point = { x: 0, y: 0 };

  constructor(readonly editor: Editor) {
    super();
    const editing = editingPhases(editor);
    const drop = (): string => {
      editor.setPreview(null);
      return "idle";
    };
    this.phases = {
      ...editing.phases,
      idle: {
        pointerDown: (pointer) => {
          this.#start = pointer.point;
          return editing.grab(pointer) ?? "pointing";
        },
      },
      // Pressed, but not yet a drag: it may become a box or a click.
      pointing: {
        pointerMove: (pointer) => {
          if (distance(pointer.point, this.#start) < reach(pointer, DRAG_FROM_PX)) return;
          if (editor.readOnly) return;
          if (editor.label === null) {
            editor.refuse("Choose a label first.");
            return "idle";
          }
          editor.select(null);
          this.#stretch(pointer);
          return "drawing";
        },
        pointerUp: (pointer) => {
          pick(editor, pointer);
          return "idle";
        },
        cancel: drop,
        interrupt: drop,
      },
      drawing: {
        pointerMove: (pointer) => this.#stretch(pointer),
        pointerUp: (pointer) => {
          this.#stretch(pointer);
          editor.setPreview(null);
          editor.add("box", [this.#start, this.#end]);
          return "idle";
        },
        cancel: drop,
        interrupt: drop,
      },
    };
  }

  /** Shift keeps the box square. */
  #stretch(pointer: ToolPointer): void {
    const { editor } = this;
    const dx = pointer.point.x - this.#start.x;
    const dy = pointer.point.y - this.#start.y;
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    this.#end = pointer.shift
      ? { x: this.#start.x + side * (Math.sign(dx) || 1), y: this.#start.y + side * (Math.sign(dy) || 1) }
      : pointer.point;
    const points = kindOf({ kind: "box" }).settle([this.#start, this.#end], editor.document.size);
    editor.setPreview({ shape: { id: 0, kind: "box", label: editor.label ?? "", points }, replaces: null });
  }
}
