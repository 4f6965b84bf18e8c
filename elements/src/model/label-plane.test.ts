import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { examples } from "../testing/random-examples.js";
import { floodSpans, polygonSpans, strokeSpans, type Span } from "../geometry/raster.js";
import { LabelPlane, type TileSet } from "./label-plane.js";

const [WIDTH, HEIGHT] = [300, 270];

// As one text, because comparing long lists element by element is slow.
function pixels(plane: LabelPlane): string {
  const row = plane.deep ? new Uint16Array(plane.width) : new Uint8Array(plane.width);
  const all: string[] = [];
  for (let y = 0; y < plane.height; y++) {
    plane.readRow(y, row);
    all.push(row.join(""));
  }
  return all.join("\n");
}

const spans = fc.record({ y: fc.integer({ min: -5, max: HEIGHT + 5 }), from: fc.integer({ min: -20, max: WIDTH }), length: fc.integer({ min: 0, max: 400 }) });

describe("a label plane", () => {
  it("paints what a plain array would", () => {
    const step = fc.record({ span: spans, value: fc.integer({ min: 0, max: 3 }), over: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), fc.boolean(), (steps, deep) => {
        const plane = new LabelPlane(WIDTH, HEIGHT, deep);
        const plain = new Array<number>(WIDTH * HEIGHT).fill(0);
        for (const { span, value, over } of steps) {
          const to = span.from + span.length;
          plane.paint({ y: span.y, from: span.from, to }, value, over);
          if (span.y < 0 || span.y >= HEIGHT) continue;
          for (let x = Math.max(0, span.from); x < Math.min(WIDTH, to); x++) {
            const at = span.y * WIDTH + x;
            if (over === undefined || plain[at] === over) plain[at] = value;
          }
        }
        const rows = Array.from({ length: HEIGHT }, (_, y) => plain.slice(y * WIDTH, (y + 1) * WIDTH).join(""));
        expect(pixels(plane) === rows.join("\n")).toBe(true);
      }),
      { numRuns: examples(30) },
    );
  });

  it("undoing every edit is the beginning, doing them again the end", () => {
    fc.assert(
      fc.property(fc.array(fc.array(spans, { maxLength: 6 }), { maxLength: 8 }), (edits) => {
        const plane = new LabelPlane(WIDTH, HEIGHT);
        plane.paint({ y: 5, from: 10, to: 300 }, 2);
        const beginning = pixels(plane);
        const done: { before: TileSet; after: TileSet }[] = [];
        edits.forEach((edit, index) => {
          plane.begin();
          for (const { y, from, length } of edit) plane.paint({ y, from, to: from + length }, index % 4);
          const change = plane.end();
          if (change) done.push(change);
        });
        const end = pixels(plane);
        for (const { before } of [...done].reverse()) plane.put(before);
        expect(pixels(plane) === beginning).toBe(true);
        for (const { after } of done) plane.put(after);
        expect(pixels(plane) === end).toBe(true);
      }),
      { numRuns: examples(20) },
    );
  });

  it("keeps only the tiles an edit touched, and a cancelled edit leaves nothing", () => {
    const plane = new LabelPlane(WIDTH, HEIGHT);
    plane.begin();
    plane.paint({ y: 10, from: 250, to: 260 }, 1);
    expect([...plane.end()!.before.keys()]).toEqual([0, 1]);
    plane.begin();
    plane.paint({ y: 10, from: 250, to: 260 }, 1);
    expect(plane.end()).toBeUndefined();
    plane.begin();
    plane.paint({ y: 290, from: 0, to: WIDTH }, 3);
    plane.cancel();
    expect([...plane.counts()]).toEqual([[1, 10]]);
  });
});

function covered(runs: Iterable<Span>): Set<string> {
  const found = new Set<string>();
  for (const { y, from, to } of runs) for (let x = from; x < to; x++) found.add(`${x},${y}`);
  return found;
}

describe("rasters", () => {
  const point = fc.record({ x: fc.double({ min: 0, max: 40, noNaN: true }), y: fc.double({ min: 0, max: 40, noNaN: true }) });

  it("a stroke covers the pixels whose centre is near its line", () => {
    fc.assert(
      fc.property(point, point, fc.double({ min: 1, max: 12, noNaN: true }), (a, b, radius) => {
        const found = covered(strokeSpans(a, b, radius));
        const [dx, dy] = [b.x - a.x, b.y - a.y];
        const length = dx * dx + dy * dy;
        for (let y = -15; y < 55; y++) {
          for (let x = -15; x < 55; x++) {
            const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
            const along = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
            const distance = Math.hypot(px - along * dx, py - along * dy);
            if (Math.abs(distance - radius) > 1e-6 && found.has(`${x},${y}`) !== distance < radius) expect.fail(`${x},${y}: ${distance} of ${radius}`);
          }
        }
      }),
      { numRuns: examples(20) },
    );
  });

  it("the smallest brush paints the pixel under the pointer", () => {
    expect([...strokeSpans({ x: 3.2, y: 7.9 }, { x: 3.2, y: 7.9 }, 0.1)]).toEqual([{ y: 7, from: 3, to: 4 }]);
  });

  it("a polygon on pixel corners covers exactly its pixels", () => {
    const square = [{ x: 2, y: 3 }, { x: 7, y: 3 }, { x: 7, y: 6 }, { x: 2, y: 6 }];
    expect(covered(polygonSpans(square)).size).toBe(15);
    expect(covered(polygonSpans([...square].reverse()))).toEqual(covered(polygonSpans(square)));
  });

  it("a flood finds what is connected and nothing else", () => {
    const walls = new Set(["5,0", "5,1", "5,2", "4,3", "3,3", "2,3", "1,3", "0,3"]);
    const found = covered(floodSpans(10, 8, { x: 2, y: 1 }, (x, y) => !walls.has(`${x},${y}`)));
    expect(found.size).toBe(15);
    expect(floodSpans(10, 8, { x: 5, y: 0 }, (x, y) => !walls.has(`${x},${y}`))).toEqual([]);
  });

  it("a flood agrees with a plain search on any picture", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }), fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 9 }), (cells, x, y) => {
        const inside = (cx: number, cy: number) => cells[cy * 12 + cx]!;
        const wanted = new Set<string>();
        const waiting = inside(x, y) ? [[x, y] as [number, number]] : [];
        for (let next = waiting.pop(); next; next = waiting.pop()) {
          const [cx, cy] = next;
          if (cx < 0 || cy < 0 || cx > 11 || cy > 9 || wanted.has(`${cx},${cy}`) || !inside(cx, cy)) continue;
          wanted.add(`${cx},${cy}`);
          waiting.push([cx + 1, cy], [cx - 1, cy], [cx, cy + 1], [cx, cy - 1]);
        }
        expect(covered(floodSpans(12, 10, { x, y }, inside))).toEqual(wanted);
      }),
    );
  });
});
