import fc from "fast-check";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { lenientBoolean, parseLenient, UnreadableAttribute } from "./lenient.js";

describe("attribute values as public templates write them", () => {
  test.each([
    ["['Cat', 'Dog']", ["Cat", "Dog"]],
    ["[ 'Cat', 'Dog', ]", ["Cat", "Dog"]],
    ["{ text: 'None of the above' }", { text: "None of the above" }],
    ["[{'label': 'person', 'shortDisplayName': 'per'}]", [{ label: "person", shortDisplayName: "per" }]],
    ['[ { label: "Bird", left: 1, top: 2, }, ]', [{ label: "Bird", left: 1, top: 2 }]],
    ["{ 'src': 'x.png', 'labelMappings': { \"Bird\": {'color': \"#2ca02c\"}, } }", { src: "x.png", labelMappings: { Bird: { color: "#2ca02c" } } }],
    ["[&quot;Cat&quot;, &quot;Dog&quot;]", ["Cat", "Dog"]],
    ["{'a': True, 'b': None, 'c': False}", { a: true, b: null, c: false }],
    ["['It\\'s', \"a \\\"b\\\"\"]", ["It's", 'a "b"']],
    ["[, 'a', , 'b', ]", ["a", "b"]], // stray commas of loops
    ["{hex-color: '#fff'}", { "hex-color": "#fff" }],
    ["[.5, +1, -2e3, 0x1f]", [0.5, 1, -2000, 31]],
    ["[1, // one\n 2 /* two */]", [1, 2]],
    ["['日本語', 'עברית']", ["日本語", "עברית"]],
    [" 'text' ", "text"],
  ])("%s", (text, value) => expect(parseLenient(text)).toEqual(value));

  test.each(["[", "{a 1}", "['a' 'b']", "'open", "{,:}", "hello world", "[1] 2"])("refuses %s and says where", (text) => {
    expect(() => parseLenient(text)).toThrow(UnreadableAttribute);
    expect(() => parseLenient(text)).toThrow(/at character \d+/);
  });

  test("reads every JSON and JSON5 text as those standards do", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const clean: unknown = JSON.parse(JSON.stringify(value));
        expect(parseLenient(JSON.stringify(value))).toEqual(clean);
        expect(parseLenient(JSON5.stringify(clean))).toEqual(clean);
      }),
    );
  });

  test("a member named __proto__ is a member", () => {
    expect(Object.hasOwn(parseLenient("{'__proto__': 1}") as object, "__proto__")).toBe(true);
  });
});

test.each([
  [null, false],
  ["", true],
  ["true", true],
  ["disabled", true],
  ["false", false],
])("boolean attribute %s", (text, value) => expect(lenientBoolean.fromAttribute!(text)).toBe(value));
