/** Default chords of the actions that several elements share, so that one key means one thing everywhere. */
export const STANDARD_KEYS = {
  "form.submit": ["Enter", "Mod+Enter"],
  "form.keys": ["?"],
  "form.instructions": ["i"],
  "view.zoom-in": ["+", "="],
  "view.zoom-out": ["-"],
  "view.fit": ["f"],
  "view.actual-size": ["Shift+f"],
  "view.left": ["ArrowLeft"],
  "view.right": ["ArrowRight"],
  "view.up": ["ArrowUp"],
  "view.down": ["ArrowDown"],
  "view.hide-labels": ["h"],
  "edit.undo": ["Mod+z"],
  "edit.redo": ["Mod+Shift+z", "Mod+y"],
} as const satisfies Record<string, readonly string[]>;

/** The digit that chooses the nth label (0-based): 1 to 9; the tenth and later have none of their own. */
export function labelKey(index: number): readonly string[] {
  return index < 9 ? [`${index + 1}`] : [];
}

// The rest of the alphabet, without the letters that mean something else in a classifier.
const LETTERS = "qwertyuopasdgjklzxcvbnm";

/** The key of the nth choice (0-based) where nothing else needs the letters: digits, then letters in keyboard order. */
export function choiceKey(index: number): readonly string[] {
  if (index < 10) return [`${(index + 1) % 10}`];
  const letter = LETTERS[index - 10];
  return letter ? [letter] : [];
}
