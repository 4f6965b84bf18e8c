/** Thousands of random strokes: undo all is the start, redo all the end, counts and pictures always fit the pixels. */
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { examples } from "../testing/random-examples.js";
import { HeadlessMask } from "../testing/headless-mask.js";
import { BACKGROUND, Mask, normalColor, regionColor } from "./mask.js";
import { MaskPicture } from "./mask-picture.js";

const x = fc.integer({ min: -20, max: 620 });
const y = fc.integer({ min: -20, max: 320 });
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("drag" as const), x, y, x1: x, y1: y }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("click" as const), x, y }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("hang" as const), x, y }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("Enter", "Escape", "Undo", "Redo") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("brush", "eraser", "outline", "flood", "wand") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("label", "spare", "wider", "narrower", "remove", "relabel", "clear") }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function perform(head: HeadlessMask, op: Operation): void {
  const { editor, mask, paint } = head;
  switch (op.do) {
    case "drag": return void head.drag(op.x, op.y, op.x1, op.y1);
    case "click": return void head.click(op.x, op.y);
    case "hang": return void head.pointerDown(op.x, op.y).pointerMove(op.x + 30, op.y + 9);
    case "Enter": case "Escape": case "Undo": case "Redo": return void head.key(op.do);
    case "brush": case "eraser": case "outline": case "flood": case "wand": return void head.use(op.do);
    case "label": return editor.setLabel(editor.label === "Dog" ? "Cat" : "Dog");
    case "spare": return void (head.sparing = !head.sparing);
    case "wider": return void (paint.size = Math.min(paint.size * 3, 300));
    case "narrower": return void (paint.size = Math.max(paint.size / 3, 1));
  }
  // These come from keys and lists, which end a stroke first.
  editor.tool?.send("interrupt");
  if (op.do === "remove") mask.remove(1, "remove");
  else if (op.do === "clear") mask.clear();
  else mask.relabel(mask.regions.get(2)!, mask.regions.get(2)!.label === "Cat" ? "Dog" : "Cat");
}

const encode = ({ mask }: HeadlessMask, picture: MaskPicture): string =>
  picture.encode(mask.plane, { colors: [BACKGROUND, ...[...mask.regions.values()].map(({ color }) => color)] });

describe("random painting", () => {
  test("undo all = the start, redo all = the end, unmodified at the start", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const head = new HeadlessMask();
        head.drag(100, 100, 300, 200);
        head.editor.history.clear();
        head.mask.markStart();
        const start = head.content;
        for (const op of operations) perform(head, op);
        while (head.editor.history.canRedo) head.key("Redo");
        head.editor.tool?.send("interrupt");
        const end = head.content;
        while (head.editor.history.canUndo) head.key("Undo");
        expect(head.content === start).toBe(true);
        expect(head.mask.modified).toBe(false);
        while (head.editor.history.canRedo) head.key("Redo");
        expect(head.content === end).toBe(true);
      }),
      { numRuns: examples(60) },
    );
  });

  test("counts and the picture kept in bands always fit the pixels", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
        const head = new HeadlessMask();
        const picture = new MaskPicture();
        for (const op of operations) {
          perform(head, op);
          encode(head, picture);
        }
        head.editor.tool?.send("interrupt");
        const counted = head.mask.plane.counts();
        for (const value of [1, 2]) expect(head.mask.pixels(value)).toBe(counted.get(value) ?? 0);
        expect(encode(head, picture)).toBe(encode(head, new MaskPicture()));
      }),
      { numRuns: examples(150) },
    );
  });
});

describe("colours of regions", () => {
  test("are Ground Truth's first, and never twice", () => {
    const mask = new Mask(new HeadlessMask().editor);
    for (let value = 1; value <= 600; value++) mask.addRegion(value, "Dog");
    const colors = [...mask.regions.values()].map(({ color }) => color);
    expect(colors.slice(0, 4)).toEqual(["#2ca02c", "#1f77b4", "#ff7f0e", "#d62728"]);
    expect(new Set(colors).size).toBe(600);
    expect(colors).not.toContain(BACKGROUND);
    expect(colors.every((color) => normalColor(color) === color)).toBe(true);
  });

  test("a wanted colour is kept unless another region has it", () => {
    const mask = new Mask(new HeadlessMask().editor);
    expect(mask.addRegion(1, "Dog", "#1F77B4").color).toBe("#1f77b4");
    expect(mask.addRegion(2, "Cat", "1f77b4").color).toBe(regionColor(2));
    expect(mask.addRegion(3, "Cow", "reddish").color).toBe("#d62728");
  });
});

describe("a mask of 4096 x 4096 with 300 instances", () => {
  const big = (): HeadlessMask => {
    const head = new HeadlessMask({ width: 4096, height: 4096 });
    head.mask.resize({ width: 4096, height: 4096 }, true);
    head.paint.size = 200;
    for (let value = 1; value <= 300; value++) {
      head.mask.addRegion(value, "Dog");
      head.paint.value = () => value;
      head.click((value * 797) % 4096, (value * 1361) % 4096);
    }
    return head;
  };
  // Generous limits: they are to catch another order of growth on a busy machine, not a slow minute.
  test("undo of clearing everything is a swap, a stroke costs what it covers", () => {
    const head = big();
    head.mask.clear();
    const time = (act: () => void): number => {
      const from = performance.now();
      act();
      return performance.now() - from;
    };
    expect(time(() => head.key("Undo"))).toBeLessThan(25);
    head.pointerDown(1000, 1000);
    expect(time(() => head.pointerMove(1100, 1040))).toBeLessThan(50);
    head.pointerUp(1100, 1040);
    const picture = new MaskPicture();
    const legend = { colors: [BACKGROUND, ...[...head.mask.regions.values()].map(({ color }) => color)] };
    const text = picture.encode(head.mask.plane, legend);
    expect(time(() => picture.encode(head.mask.plane, legend))).toBeLessThan(5);
    expect(inflateSync(idat(text)).length).toBe(4096 * (3 * 4096 + 1));
  });
});

function idat(text: string): Uint8Array {
  const png = Buffer.from(text, "base64");
  const at = png.indexOf("IDAT");
  return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
}
