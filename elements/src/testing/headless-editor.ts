/** Drives an editor without a page: screen-like gestures in image coordinates, keys as editor calls, expectations on state. */
import type { Size } from "../geometry/point.js";
import { Editor } from "../model/editor.js";
import type { Shape } from "../model/shape.js";
import type { Tool, ToolPointer } from "../tools/tool.js";

export interface Expected {
  readonly phase?: string;
  /** Kind, label and points of every shape, in order: `["box", "Dog", [10, 20, 30, 40]]`. */
  readonly shapes?: readonly (readonly [string, string, readonly number[]])[];
  readonly draft?: readonly number[] | null;
  readonly selected?: number | null;
}

export class HeadlessEditor {
  readonly editor: Editor;
  readonly messages: string[] = [];
  scale = 1;

  constructor(makeTool: (editor: Editor) => Tool | null, { size = { width: 200, height: 100 } as Size, labels = ["Dog", "Cat"] } = {}) {
    this.editor = new Editor(size);
    this.editor.labels = labels;
    this.editor.on((event) => {
      if (event.type === "message") this.messages.push(event.text);
    });
    const tool = makeTool(this.editor);
    if (tool) this.editor.setTool(tool);
  }

  pointerDown(x: number, y: number, more: Partial<ToolPointer> = {}): this {
    return this.#pointer("pointerDown", x, y, more);
  }

  pointerMove(x: number, y: number, more: Partial<ToolPointer> = {}): this {
    return this.#pointer("pointerMove", x, y, more);
  }

  pointerUp(x: number, y: number, more: Partial<ToolPointer> = {}): this {
    return this.#pointer("pointerUp", x, y, more);
  }

  click(x: number, y: number, more: Partial<ToolPointer> = {}): this {
    return this.pointerMove(x, y, more).pointerDown(x, y, more).pointerUp(x, y, more);
  }

  drag(x0: number, y0: number, x1: number, y1: number, more: Partial<ToolPointer> = {}): this {
    this.pointerMove(x0, y0, more).pointerDown(x0, y0, more);
    for (let i = 1; i <= 8; i++) this.pointerMove(x0 + ((x1 - x0) * i) / 8, y0 + ((y1 - y0) * i) / 8, more);
    return this.pointerUp(x1, y1, more);
  }

  key(name: "Enter" | "Escape" | "Delete" | "Undo" | "Redo" | "Copy" | "Paste" | "New"): this {
    const { editor } = this;
    const { width, height } = editor.document.size;
    const acts = {
      Enter: () => editor.tool?.send("complete"),
      Escape: () => editor.tool?.send("cancel"),
      Delete: () => editor.deleteSelected(),
      Undo: () => editor.undo(),
      Redo: () => editor.redo(),
      Copy: () => editor.copy(),
      Paste: () => editor.paste(),
      New: () => editor.addStarter({ x: width / 2, y: height / 2 }),
    };
    acts[name]();
    return this;
  }

  get state(): Required<Expected> {
    const { document, selection, tool } = this.editor;
    return {
      phase: tool?.phase ?? "none",
      shapes: document.shapes.all.map((shape: Shape) => [shape.kind, shape.label, flat(shape.points)] as const),
      draft: document.draft ? flat(document.draft.points) : null,
      selected: selection?.id ?? null,
    };
  }

  /** Throws, with both states in the message, unless every named part of the state is as expected. */
  expectState(expected: Expected): this {
    const { state } = this;
    const named = Object.fromEntries(Object.keys(expected).map((key) => [key, state[key as keyof Expected]]));
    const [got, want] = [JSON.stringify(named), JSON.stringify(expected)];
    if (got !== want) throw new Error(`Expected the editor's state\n  ${want}\nbut it is\n  ${got}\nMessages: ${this.messages.join(" | ")}`);
    return this;
  }

  #pointer(event: "pointerDown" | "pointerMove" | "pointerUp", x: number, y: number, more: Partial<ToolPointer>): this {
    this.editor.tool?.pointer(event, {
      point: { x, y },
      scale: this.scale,
      pointerType: "mouse",
      clicks: 1,
      shift: false,
      alt: false,
      ctrl: false,
      pressure: 0.5,
      ...more,
    });
    return this;
  }
}

const flat = (points: readonly { x: number; y: number }[]): number[] => points.flatMap(({ x, y }) => [x, y]);
