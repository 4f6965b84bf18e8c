import { describe, expect, test } from "vitest";
import { HeadlessMask } from "../testing/headless-mask.js";

const at = (head: HeadlessMask, x: number, y: number): number => head.mask.plane.get(x, y);

describe("brush and eraser", () => {
  test("cover the pixels whose centre is within the brush", () => {
    const head = new HeadlessMask().drag(50, 50, 90, 50);
    expect([at(head, 70, 44), at(head, 70, 45), at(head, 70, 54), at(head, 70, 55)]).toEqual([0, 1, 1, 0]);
    expect([at(head, 44, 50), at(head, 45, 50), at(head, 94, 50), at(head, 95, 50)]).toEqual([0, 1, 1, 0]);
    head.use("eraser").click(70, 50);
    expect([at(head, 70, 50), at(head, 60, 50)]).toEqual([0, 1]);
    expect(head.editor.history.depth).toBe(2);
  });

  test("a brush of one pixel paints the pixel under it", () => {
    const head = new HeadlessMask();
    head.paint.size = 1;
    head.click(7.9, 9.1);
    expect(head.mask.plane.counts()).toEqual(new Map([[1, 1]]));
    expect(at(head, 7, 9)).toBe(1);
  });

  test("a pen's pressure makes the stroke wider", () => {
    const width = (pressure: number): number => new HeadlessMask().click(50, 50, { pointerType: "pen", pressure }).mask.pixels(1);
    expect(width(1)).toBeGreaterThan(3 * width(0.2));
  });

  test("an interrupted stroke leaves nothing, and no step", () => {
    const head = new HeadlessMask().click(20, 20);
    const before = head.content;
    head.pointerDown(50, 50).pointerMove(90, 90);
    expect(head.content).not.toBe(before);
    head.editor.tool?.send("interrupt");
    expect(head.content).toBe(before);
    expect(head.editor.history.depth).toBe(1);
  });

  test("undo in mid-stroke drops the stroke and takes the step before back", () => {
    const head = new HeadlessMask();
    const empty = head.content;
    head.click(20, 20).pointerDown(50, 50).pointerMove(90, 90).key("Undo");
    expect(head.content).toBe(empty);
    head.pointerMove(100, 100).pointerUp(100, 100);
    expect(head.content).toBe(empty);
  });

  test("with Alt they pick what is there", () => {
    const head = new HeadlessMask().click(20, 20);
    head.click(20, 20, { alt: true });
    expect(head.picked).toBe(1);
    expect(head.editor.history.depth).toBe(1);
  });

  test("sparing leaves what is painted", () => {
    const head = new HeadlessMask().click(50, 50);
    head.sparing = true;
    head.editor.setLabel("Cat");
    head.drag(30, 50, 70, 50);
    expect([at(head, 50, 50), at(head, 35, 50)]).toEqual([1, 2]);
    head.use("eraser").click(50, 50);
    expect(at(head, 50, 50)).toBe(0);
  });

  test("without a label nothing is painted, and the worker is told", () => {
    const head = new HeadlessMask();
    head.editor.labels = [];
    head.paint.value = () => head.editor.refuse("Choose a label first.");
    head.drag(10, 10, 50, 50);
    expect(head.mask.empty).toBe(true);
    expect(head.messages).toContain("Choose a label first.");
  });
});

describe("filling an outline", () => {
  const corners = (head: HeadlessMask): HeadlessMask => head.use("outline").click(10, 10).click(60, 10).click(60, 40).click(10, 40);

  test("fills exactly the pixels inside", () => {
    const head = corners(new HeadlessMask());
    expect(head.mask.empty).toBe(true);
    head.key("Enter");
    expect(head.mask.pixels(1)).toBe(50 * 30);
    expect([at(head, 10, 10), at(head, 59, 39), at(head, 60, 39), at(head, 9, 10)]).toEqual([1, 1, 0, 0]);
    expect(head.editor.history.depth).toBe(1);
  });

  test("undo takes back a corner, not an earlier stroke", () => {
    const head = corners(new HeadlessMask().click(100, 100)).key("Undo");
    expect(head.state.draft).toEqual([10, 10, 60, 10, 60, 40]);
    expect(head.mask.empty).toBe(false);
    head.key("Redo").key("Undo").key("Undo").key("Undo").key("Undo");
    expect(head.state.draft).toBeNull();
    expect(at(head, 100, 100)).toBe(1);
    head.key("Undo");
    expect(head.mask.empty).toBe(true);
  });

  test("closes on the first corner; undone as one step afterwards", () => {
    const head = corners(new HeadlessMask()).click(11, 11);
    expect(head.mask.pixels(1)).toBe(1500);
    head.key("Undo");
    expect(head.mask.empty).toBe(true);
    expect(head.state.draft).toBeNull();
  });

  test("of two corners is refused, and goes on", () => {
    const head = new HeadlessMask().use("outline").click(10, 10).click(60, 10).key("Enter");
    expect(head.messages).toContain("An outline needs three points.");
    expect(head.state.draft).toEqual([10, 10, 60, 10]);
    head.key("Escape");
    expect(head.state.draft).toBeNull();
  });
});

describe("flood and wand", () => {
  test("flood gives one connected area another label", () => {
    const head = new HeadlessMask().click(50, 50).click(150, 50);
    const area = head.mask.pixels(1) / 2;
    head.editor.setLabel("Cat");
    head.use("flood").click(50, 50);
    expect([head.mask.pixels(1), head.mask.pixels(2)]).toEqual([area, area]);
    head.click(300, 200);
    expect(head.mask.pixels(2)).toBe(600 * 300 - area);
  });

  test("the wand takes connected pixels of a colour near the one clicked", () => {
    const head = new HeadlessMask().use("wand").click(300, 100);
    expect([at(head, 300, 0), at(head, 300, 299), at(head, 200, 100), at(head, 400, 100)]).toEqual([1, 1, 0, 0]);
    const narrow = head.mask.pixels(1);
    head.paint.tolerance = 40;
    head.click(300, 100);
    expect(head.mask.pixels(1)).toBeGreaterThan(3 * narrow);
    head.click(-5, 100);
    expect(head.editor.history.depth).toBe(2);
  });
});
