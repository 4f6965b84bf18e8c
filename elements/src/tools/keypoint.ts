/** Places keypoints: a click sets one where the pointer is let go; a press on one moves it. */
import type { Point } from "../geometry/point.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import { editingPhases } from "./editing.js";
import { reach, Tool, type Phases, type ToolPointer } from "./tool.js";

export class KeypointTool extends Tool {
  readonly name = "keypoint";
  readonly title = "Keypoint";
  readonly kind = "keypoint";
  protected readonly phases: Phases;

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
          const [hit] = pointer.shift ? [] : editor.hits(pointer.point, reach(pointer));
          if (hit) editor.select(hit.shape.id);
          const grabbed = editing.grab(pointer);
          if (grabbed) return grabbed;
          if (editor.readOnly) return;
          if (editor.label === null) {
            editor.refuse("Choose a label first.");
            return;
          }
          editor.select(null);
          this.#aim(pointer);
          return "placing";
        },
      },
      placing: {
        pointerMove: (pointer) => this.#aim(pointer),
        pointerUp: (pointer) => {
          editor.setPreview(null);
          editor.add("keypoint", [pointer.point]);
          return "idle";
        },
        cancel: drop,
        interrupt: drop,
      },
    };
  }

  #aim(pointer: ToolPointer): void {
    const points: readonly Point[] = kindOf({ kind: "keypoint" }).settle([pointer.point], this.editor.document.size);
    this.editor.setPreview({ shape: { id: 0, kind: "keypoint", label: this.editor.label ?? "", points }, replaces: null });
  }
}
