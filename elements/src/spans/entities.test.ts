import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EntityList, linesOf } from "./entities.js";
import { Offsets } from "./offsets.js";

const TEXT = "Ann went home.\nThen 😀 Bob, too.\n\nend";

function list(text = TEXT): EntityList {
  return new EntityList(text);
}

describe("offsets", () => {
  it("count characters, not units", () => {
    const offsets = new Offsets("a😀b");
    expect([0, 1, 3, 4].map((unit) => offsets.toCodePoints(unit))).toEqual([0, 1, 2, 3]);
    expect([0, 1, 2, 3].map((point) => offsets.toUnits(point))).toEqual([0, 1, 3, 4]);
  });

  it("agree with iterating over any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const offsets = new Offsets(text);
        let unit = 0;
        let point = 0;
        for (const character of text) {
          expect(offsets.toCodePoints(unit)).toBe(point);
          expect(offsets.toUnits(point)).toBe(unit);
          unit += character.length;
          point += 1;
        }
        expect(offsets.toUnits(point)).toBe(unit);
      }),
    );
  });
});

describe("entities", () => {
  it("leave the blanks around a selection out", () => {
    const entities = list();
    expect(entities.add("person", 3, 9)).toMatchObject({ start: 4, end: 8 });
    expect(entities.add("person", 8, 9)).toBeUndefined();
  });

  it("may overlap, but are there once", () => {
    const entities = list();
    entities.add("a", 0, 8);
    entities.add("b", 4, 13);
    expect(entities.add("a", 0, 8)).toBeUndefined();
    expect(entities.segments(0, 15).map((one) => [one.start, one.end, one.entities.map((entity) => entity.label).join("")])).toEqual([
      [0, 4, "a"], [4, 8, "ba"], [8, 13, "b"], [13, 15, ""],
    ]);
  });

  it("span lines", () => {
    const entities = list();
    entities.add("a", 9, 19);
    const [first, second] = linesOf(TEXT);
    expect(entities.segments(first!.start, first!.end).map((one) => one.ending.length)).toEqual([0, 0]);
    expect(entities.segments(second!.start, second!.end).map((one) => one.ending.length)).toEqual([1, 0]);
  });

  it("grow over a whole character", () => {
    const entities = list();
    const made = entities.add("a", 15, 19)!;
    entities.resize(made.id, 0, 2);
    expect(TEXT.slice(made.start, entities.get(made.id)!.end)).toBe("Then 😀");
  });

  it("refuse spans that cannot be", () => {
    const entities = list();
    entities.load([{ label: "a", start: 5, end: 5 }, { label: "a", start: -1, end: 3 }, { label: "a", start: 0, end: 999 }, { label: "a", start: Number.NaN, end: 2 }]);
    expect(entities.all).toEqual([]);
  });

  it("lines cover the text", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\n", "\r\n", "é", "😀")).map((parts) => parts.join("")), (text) => {
        const lines = linesOf(text);
        expect(lines.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
      }),
    );
  });

  it("undoing everything is the beginning, doing it again the end", () => {
    const step = fc.record({ what: fc.constantFrom("add", "remove", "relabel", "resize"), a: fc.nat(TEXT.length), b: fc.nat(TEXT.length), label: fc.constantFrom("x", "y", "z") });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const entities = list();
        entities.load([{ label: "x", start: 0, end: 3 }]);
        const beginning = entities.all;
        for (const { what, a, b, label } of steps) {
          const some = entities.all[a % Math.max(1, entities.all.length)];
          if (what === "add") entities.add(label, a, b);
          else if (some && what === "remove") entities.remove(some.id);
          else if (some && what === "relabel") entities.relabel(some.id, label);
          else if (some) entities.resize(some.id, (a % 5) - 2, (b % 5) - 2);
          for (const one of entities.all) expect(one.start).toBeLessThan(one.end);
        }
        const end = entities.all;
        while (entities.canUndo) entities.undo();
        expect(entities.all).toEqual(beginning);
        while (entities.canRedo) entities.redo();
        expect(entities.all).toEqual(end);
      }),
    );
  });
});
