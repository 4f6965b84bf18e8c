import { describe, expect, test } from "vitest";
import { labelStyle, Palette, readableOn } from "./palette.js";

describe("label styles", () => {
  test("32 labels are 32 different pairs of colour and dash", () => {
    const seen = new Set(Array.from({ length: 32 }, (_, i) => JSON.stringify([labelStyle(i).color, labelStyle(i).dash])));
    expect(seen.size).toBe(32);
  });

  test("the template's own colours come first, and labels beyond them get ours", () => {
    const palette = new Palette(["a", "b"], ["#d62728"]);
    expect(palette.of("a")).toMatchObject({ color: "#d62728", dash: [] });
    expect(palette.of("b").color).toBe("#e69f00");
    expect(palette.of("unknown")).toBe(labelStyle(-1));
  });

  test.each([
    ["#f0e442", "#000000"],
    ["#0072b2", "#ffffff"],
    ["#fff", "#000000"],
    ["rebeccapurple", "#ffffff"],
  ])("text on %s is %s", (color, text) => expect(readableOn(color)).toBe(text));
});
