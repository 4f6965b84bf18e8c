/** Thousands of random operations: undo all is the start, redo all the end, and looking never changes the answer. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { examples } from "../testing/random-examples.js";
import { HeadlessEditor } from "../testing/headless-editor.js";
import { BoxTool } from "../tools/box.js";
import { KeypointTool } from "../tools/keypoint.js";
import { LineTool } from "../tools/line.js";
import { PolygonTool } from "../tools/polygon.js";
import { PolylineTool } from "../tools/polyline.js";
import type { Tool } from "../tools/tool.js";
import { boundsOf } from "../geometry/box.js";
import type { Editor } from "./editor.js";
import { kindOf } from "./registry.js";

const TOOLS: ((editor: Editor) => Tool)[] = [
  (editor) => new BoxTool(editor),
  (editor) => new PolygonTool(editor),
  (editor) => new PolylineTool(editor),
  (editor) => new LineTool(editor),
  (editor) => new KeypointTool(editor),
];

const x = fc.integer({ min: -10, max: 210 });
const y = fc.integer({ min: -10, max: 110 });
const flags = fc.record({ alt: fc.boolean(), shift: fc.boolean(), clicks: fc.constantFrom(1, 2) });
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("click" as const), x, y, flags }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("drag" as const), x, y, x1: x, y1: y, flags }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hang" as const), x, y }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("Enter", "Escape", "Delete", "Undo", "Redo", "Copy", "Paste", "New") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("nudge" as const), dx: x, dy: y, stretch: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("next", "vertex", "insert", "relabel", "clear", "label") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tool" as const), tool: fc.integer({ min: 0, max: 4 }) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function perform(head: HeadlessEditor, tools: readonly Tool[], op: Operation): void {
  const { editor } = head;
  if (op.do === "click") head.click(op.x, op.y, op.flags);
  else if (op.do === "drag") head.drag(op.x, op.y, op.x1, op.y1, op.flags);
  else if (op.do === "hang") head.pointerDown(op.x, op.y).pointerMove(op.x + 9, op.y + 9);
  else if (op.do === "nudge") editor[op.stretch ? "stretch" : "nudge"](op.dx, op.dy);
  else if (op.do === "tool") editor.setTool(tools[op.tool] as Tool);
  else if (op.do === "next") editor.selectNext(1);
  else if (op.do === "vertex") editor.selectVertex(1);
  else if (op.do === "insert") editor.insertVertex();
  else if (op.do === "relabel") editor.relabel("Cat");
  else if (op.do === "label") editor.setLabel(editor.label === "Dog" ? "Cat" : "Dog");
  else if (op.do === "clear") editor.clear();
  else head.key(op.do);
}

const start = (first: number): { head: HeadlessEditor; tools: Tool[] } => {
  const head = new HeadlessEditor(TOOLS[first] as (editor: Editor) => Tool);
  return { head, tools: TOOLS.map((make, i) => (i === first ? (head.editor.tool as Tool) : make(head.editor))) };
};
const content = (head: HeadlessEditor): string => JSON.stringify([head.state.shapes, head.state.draft]);

describe("random work", () => {
  test("undo all = the start, redo all = the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(operation, { maxLength: 120 }), (first, operations) => {
        const { head, tools } = start(first);
        const empty = content(head);
        for (const op of operations) perform(head, tools, op);
        while (head.editor.history.canRedo) head.key("Redo");
        head.editor.tool?.send("interrupt");
        const end = content(head);
        while (head.editor.history.canUndo) head.key("Undo");
        expect(content(head)).toBe(empty);
        while (head.editor.history.canRedo) head.key("Redo");
        expect(content(head)).toBe(end);
      }),
      { numRuns: examples(400) },
    );
  });

  test("shapes are always whole pixels inside the image, countable and without a problem", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(operation, { maxLength: 80 }), (first, operations) => {
        const { head, tools } = start(first);
        for (const op of operations) perform(head, tools, op);
        const { shapes, size } = head.editor.document;
        expect(shapes.count("Dog") + shapes.count("Cat")).toBe(shapes.size);
        for (const shape of shapes.all) {
          const { left, top, width, height } = boundsOf(shape.points);
          expect(left >= 0 && top >= 0 && left + width <= size.width && top + height <= size.height).toBe(true);
          expect(shape.points.every((p) => Number.isInteger(p.x) && Number.isInteger(p.y))).toBe(true);
          expect(kindOf(shape).problem(shape.points)).toBeNull();
        }
      }),
      { numRuns: examples(300) },
    );
  });

  test("a gesture that outlives its shape changes nothing", () => {
    const gestures: ((head: HeadlessEditor) => void)[] = [(head) => head.editor.clear(), (head) => head.key("Delete"), (head) => head.key("Undo"), (head) => head.editor.load([])];
    for (const end of gestures) {
      const head = new HeadlessEditor((editor) => new BoxTool(editor));
      head.drag(0, 0, 1, 3).pointerDown(0, 0).pointerMove(9, 9);
      end(head);
      head.pointerMove(5, 5).pointerUp(5, 5).drag(0, 0, 0, 1);
      head.expectState({ phase: "idle", shapes: [] });
      expect([head.editor.document.shapes.count("Dog"), head.editor.document.shapes.size]).toEqual([0, 0]);
    }
  });

  test("a shape relabeled in the middle of a drag keeps its new label", () => {
    const head = new HeadlessEditor((editor) => new BoxTool(editor));
    head.drag(20, 20, 60, 60).pointerDown(20, 20).pointerMove(30, 30);
    head.editor.relabel("Cat");
    head.pointerUp(30, 30).expectState({ shapes: [["box", "Cat", [30, 30, 60, 60]]] });
    expect(head.editor.document.shapes.count("Dog")).toBe(0);
  });

  test("hiding, showing, hovering, selecting and zooming never change the document", () => {
    const look = fc.oneof(
      fc.record({ do: fc.constant("hide" as const), label: fc.constantFrom("Dog", "Cat"), on: fc.boolean() }),
      fc.record({ do: fc.constant("scale" as const), scale: fc.double({ min: 0.05, max: 20, noNaN: true }) }),
      fc.record({ do: fc.constant("hover" as const), x, y }),
      fc.record({ do: fc.constant("next" as const) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), fc.array(look, { maxLength: 40 }), (operations, looks) => {
        const { head, tools } = start(0);
        for (const op of operations) perform(head, tools, op);
        head.editor.tool?.send("interrupt");
        const before = content(head);
        for (const act of looks) {
          if (act.do === "hide") head.editor.setHidden(act.label, act.on);
          else if (act.do === "scale") head.scale = act.scale;
          else if (act.do === "hover") head.pointerMove(act.x, act.y);
          else head.editor.selectNext(1);
        }
        expect(content(head)).toBe(before);
      }),
      { numRuns: examples(200) },
    );
  });
});
