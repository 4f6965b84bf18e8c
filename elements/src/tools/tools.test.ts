import { describe, expect, test } from "vitest";
import type { Editor } from "../model/editor.js";
import { HeadlessEditor } from "../testing/headless-editor.js";
import { BoxTool } from "./box.js";
import { KeypointTool } from "./keypoint.js";
import { LineTool } from "./line.js";
import { PolygonTool } from "./polygon.js";
import { PolylineTool } from "./polyline.js";

const boxes = (): HeadlessEditor => new HeadlessEditor((editor: Editor) => new BoxTool(editor));
const polygons = (): HeadlessEditor => new HeadlessEditor((editor: Editor) => new PolygonTool(editor));

describe("boxes", () => {
  test("a drag in any direction draws a box of whole pixels inside the image", () => {
    boxes().drag(60.4, 50.6, 10.2, 20.3).expectState({ phase: "idle", shapes: [["box", "Dog", [10, 20, 60, 51]]] });
    boxes().drag(150, 50, 999, -40).expectState({ shapes: [["box", "Dog", [150, 0, 200, 50]]] });
  });

  test("a click draws nothing and says nothing wrong", () => {
    const head = boxes().click(30, 30).expectState({ shapes: [], selected: null });
    expect(head.messages).toEqual([]);
  });

  test("without labels nothing is drawn and the worker is told", () => {
    const head = new HeadlessEditor((editor) => new BoxTool(editor), { labels: [] });
    head.drag(10, 10, 50, 50).expectState({ shapes: [] });
    expect(head.messages).toEqual(["Choose a label first."]);
  });

  test("handles resize, also across the opposite corner", () => {
    boxes().drag(10, 10, 60, 50).drag(60, 50, 80, 70).expectState({ shapes: [["box", "Dog", [10, 10, 80, 70]]] });
    boxes().drag(10, 10, 60, 50).drag(60, 30, 5, 30).expectState({ shapes: [["box", "Dog", [5, 10, 10, 50]]] });
  });

  test("a drag from the middle moves, and stops at the image's border", () => {
    boxes().drag(10, 10, 60, 50).drag(35, 30, 45, 35).expectState({ shapes: [["box", "Dog", [20, 15, 70, 55]]] });
    boxes().drag(10, 10, 60, 50).drag(35, 30, 500, 500).expectState({ shapes: [["box", "Dog", [150, 60, 200, 100]]] });
  });

  test("a box is drawn inside a box just drawn; after a click the whole inside moves it", () => {
    boxes()
      .drag(10, 10, 110, 90)
      .drag(30, 25, 50, 40)
      .expectState({ shapes: [["box", "Dog", [10, 10, 110, 90]], ["box", "Dog", [30, 25, 50, 40]]] })
      .click(100, 80)
      .drag(90, 70, 95, 75)
      .expectState({ shapes: [["box", "Dog", [15, 15, 115, 95]], ["box", "Dog", [30, 25, 50, 40]]] });
  });

  test("shift draws over a box's handles", () => {
    boxes().drag(10, 10, 50, 50).drag(50, 50, 90, 70, { shift: true }).expectState({ phase: "idle" }).expectState({ selected: 2 });
  });

  test("clicking where boxes overlap goes through them", () => {
    const head = boxes().drag(10, 10, 90, 90).drag(20, 15, 80, 85).click(180, 50).click(30, 30);
    head.expectState({ selected: 2 }).click(30, 30).expectState({ selected: 1 }).click(30, 30).expectState({ selected: 2 });
  });

  test("Escape in the middle of a drag leaves no box", () => {
    boxes().pointerDown(10, 10).pointerMove(50, 50).expectState({ phase: "drawing" }).key("Escape").pointerUp(60, 60)
      .expectState({ phase: "idle", shapes: [] });
  });

  test("copies are pasted aside with the same label and size", () => {
    boxes().drag(10, 10, 60, 50).key("Copy").key("Paste").key("Paste")
      .expectState({ shapes: [["box", "Dog", [10, 10, 60, 50]], ["box", "Dog", [22, 22, 72, 62]], ["box", "Dog", [34, 34, 84, 74]]] });
  });

  test("by keys: new, move, resize, delete, undo", () => {
    const head = boxes().key("New").expectState({ shapes: [["box", "Dog", [75, 37, 125, 63]]] });
    head.editor.nudge(10, -1);
    head.editor.stretch(5, 10);
    head.expectState({ shapes: [["box", "Dog", [85, 36, 140, 72]]] }).key("Delete").expectState({ shapes: [] });
    head.key("Undo").key("Undo").expectState({ shapes: [["box", "Dog", [85, 36, 135, 62]]] });
  });

  test("hidden labels cannot be hit but stay in the document", () => {
    const head = boxes().drag(10, 10, 60, 50);
    head.editor.setHidden("Dog", true);
    head.click(10, 30).expectState({ selected: null, shapes: [["box", "Dog", [10, 10, 60, 50]]] });
  });
});

describe("polygons", () => {
  const triangle = (): HeadlessEditor => polygons().click(10, 10).click(90, 10).click(50, 80);

  test("clicks draw, a click on the first point closes", () => {
    triangle().expectState({ phase: "drawing", draft: [10, 10, 90, 10, 50, 80] }).click(12, 13)
      .expectState({ phase: "idle", shapes: [["polygon", "Dog", [10, 10, 90, 10, 50, 80]]], draft: null, selected: 1 });
  });

  test("Enter and a double click close too", () => {
    triangle().key("Enter").expectState({ shapes: [["polygon", "Dog", [10, 10, 90, 10, 50, 80]]] });
    triangle().click(50, 80, { clicks: 2 }).expectState({ shapes: [["polygon", "Dog", [10, 10, 90, 10, 50, 80]]] });
  });

  test("undo and redo go vertex by vertex while drawing, and by shape afterwards", () => {
    triangle().key("Undo").expectState({ draft: [10, 10, 90, 10], phase: "drawing" })
      .key("Undo").key("Undo").expectState({ draft: null, phase: "idle" })
      .key("Redo").key("Redo").key("Redo").expectState({ draft: [10, 10, 90, 10, 50, 80], phase: "drawing" })
      .key("Enter").key("Undo").expectState({ draft: null, shapes: [] })
      .key("Redo").expectState({ shapes: [["polygon", "Dog", [10, 10, 90, 10, 50, 80]]] });
  });

  test("Escape gives up the draft; undo brings it back", () => {
    triangle().key("Escape").expectState({ draft: null, phase: "idle" }).key("Undo").expectState({ draft: [10, 10, 90, 10, 50, 80], phase: "drawing" });
  });

  test("an edge across the shape is refused with a reason", () => {
    const head = polygons().click(10, 10).click(90, 10).click(90, 60).click(50, 1);
    head.expectState({ draft: [10, 10, 90, 10, 90, 60] });
    expect(head.messages.join()).toMatch(/would cross/);
  });

  test("vertices move, are inserted on edges and deleted by Alt", () => {
    const closed = triangle().key("Enter");
    closed.drag(90, 10, 100, 20).expectState({ shapes: [["polygon", "Dog", [10, 10, 100, 20, 50, 80]]] });
    closed.drag(55, 15, 60, 5).expectState({ shapes: [["polygon", "Dog", [10, 10, 60, 5, 100, 20, 50, 80]]] });
    closed.click(60, 5, { alt: true }).expectState({ shapes: [["polygon", "Dog", [10, 10, 100, 20, 50, 80]]] });
  });

  test("a reshape that crosses is refused and leaves the polygon as it was", () => {
    const head = polygons().click(10, 10).click(90, 10).click(90, 80).click(10, 80).key("Enter");
    head.drag(10, 10, 150, 45).expectState({ shapes: [["polygon", "Dog", [10, 10, 90, 10, 90, 80, 10, 80]]], phase: "idle" });
    expect(head.messages.join()).toMatch(/cross/);
  });

  test("new vertices snap to a neighbour's vertices and edges, unless Alt is held", () => {
    const head = triangle().key("Enter").click(150, 10);
    head.click(93, 12).expectState({ draft: [150, 10, 90, 10] });
    head.click(52, 83, { alt: true }).expectState({ draft: [150, 10, 90, 10, 52, 83] });
  });

  test("a drag draws freehand and drops needless points", () => {
    polygons().drag(10, 10, 90, 10).expectState({ draft: [10, 10, 90, 10] }).drag(90, 10, 90, 90).expectState({ draft: [10, 10, 90, 10, 90, 90] });
  });

  test("a click on another's outline selects it; inside one a polygon may start", () => {
    const head = triangle().key("Enter").click(180, 90);
    head.key("Escape").click(50, 10).expectState({ selected: 1, draft: null }).click(180, 90).key("Escape");
    head.click(50, 40).expectState({ draft: [50, 40] });
  });

  test("an interruption by a second finger keeps the vertices", () => {
    const head = triangle().pointerDown(20, 50);
    head.editor.tool?.send("interrupt");
    head.expectState({ draft: [10, 10, 90, 10, 50, 80], phase: "drawing" });
  });
});

describe("polylines, lines, keypoints", () => {
  test("polylines may cross themselves and end by a click on the last point or Enter", () => {
    const head = new HeadlessEditor((editor) => new PolylineTool(editor));
    head.click(10, 10).click(90, 80).click(90, 10).click(10, 80).click(10, 80)
      .expectState({ shapes: [["polyline", "Dog", [10, 10, 90, 80, 90, 10, 10, 80]]], phase: "idle" });
  });

  test("lines end with the second click, or with one drag", () => {
    const expected = [["line", "Dog", [10, 10, 90, 80]]] as const;
    new HeadlessEditor((editor) => new LineTool(editor)).click(10, 10).click(90, 80).expectState({ shapes: expected, draft: null });
    new HeadlessEditor((editor) => new LineTool(editor)).drag(10, 10, 90, 80).expectState({ shapes: expected, draft: null });
  });

  test("a keypoint names the pixel under the pointer, also the last one", () => {
    const head = new HeadlessEditor((editor) => new KeypointTool(editor));
    head.click(7.9, 3.1).click(200, 100).expectState({ shapes: [["keypoint", "Dog", [7, 3]], ["keypoint", "Dog", [199, 99]]] });
    head.drag(7.5, 3.5, 20.5, 30.5).expectState({ shapes: [["keypoint", "Dog", [20, 30]], ["keypoint", "Dog", [199, 99]]] });
  });
});
