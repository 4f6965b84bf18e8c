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
