import { expect, test } from "vitest";
import { matching, meant } from "./name-search.js";

const SPECIES = Array.from({ length: 200 }, (_, index) => `Species number ${index + 1}`);

test.each([
  ["number 15", "Species number 15"],
  ["number 5", "Species number 5"],
  ["15", "Species number 15"],
  ["200", "Species number 200"],
  ["number 19", "Species number 19"],
  ["number 199", "Species number 199"],
  ["  SPECIES number 7 ", "Species number 7"],
  ["nothing", undefined],
  ["", undefined],
])("%j means %s", (query, name) => expect(meant(SPECIES, query)).toBe(name));

test("words count more than parts, beginnings more than middles", () => {
  const names = ["catapult", "wildcat", "a cat", "Café"];
  expect([meant(names, "cat"), meant(names, "cata"), meant(names, "cafe")]).toEqual(["a cat", "catapult", "Café"]);
});

test("a number that no label has is looked for in the names", () => expect(meant(["Boeing 747", "Airbus 320"], "320")).toBe("Airbus 320"));

test("a number hides nothing, a text hides what has it not", () => {
  expect(matching(SPECIES, "15")).toHaveLength(200);
  expect(matching(SPECIES, "number 20")).toEqual(["Species number 20", "Species number 200"]);
});
