import { describe, expect, test } from "vitest";
import { chordsOf, printChord } from "./chords.js";

describe("chords of a key press", () => {
  test.each([
    ["a letter", { key: "a", code: "KeyA" }, ["a"]],
    ["with Caps Lock", { key: "A", code: "KeyA" }, ["a"]],
    ["with Shift", { key: "A", code: "KeyA", shiftKey: true }, ["Shift+a"]],
    ["Dvorak: the letter that is printed", { key: "o", code: "KeyS" }, ["o"]],
    ["Russian: the letter's place", { key: "ф", code: "KeyA" }, ["ф", "a"]],
    ["a digit", { key: "1", code: "Digit1" }, ["1"]],
    ["AZERTY: the digit row without Shift", { key: "&", code: "Digit1" }, ["&", "1"]],
    ["AZERTY: the digit row with Shift", { key: "1", code: "Digit1", shiftKey: true }, ["1", "Shift+1"]],
    ["the digit block", { key: "7", code: "Numpad7" }, ["7"]],
    ["Control Z", { key: "z", code: "KeyZ", ctrlKey: true }, ["Mod+z"]],
    ["Command Shift Z", { key: "Z", code: "KeyZ", metaKey: true, shiftKey: true }, ["Mod+Shift+z"]],
    ["a question mark, whatever it takes", { key: "?", code: "Slash", shiftKey: true }, ["?"]],
    ["a blank", { key: " ", code: "Space" }, ["Space"]],
    ["an arrow with Shift", { key: "ArrowLeft", code: "ArrowLeft", shiftKey: true }, ["Shift+ArrowLeft"]],
    ["a bare modifier", { key: "Shift", code: "ShiftLeft", shiftKey: true }, []],
    ["AltGr types a character", { key: "@", code: "KeyQ", ctrlKey: true, altKey: true, getModifierState: () => true }, ["@"]],
  ])("%s", (_what, press, chords) => expect(chordsOf(press)).toEqual(chords));

  test("are printed as they stand on keyboards", () => {
    expect(printChord("Mod+Shift+z", false)).toBe("Ctrl Shift Z");
    expect(printChord("Mod+z", true)).toBe("⌘ Z");
    expect(printChord("+")).toBe("+");
    expect(printChord("ArrowLeft")).toBe("←");
  });
});
