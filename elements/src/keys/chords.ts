/**
 * Key chords: texts such as `a`, `1`, `Shift+1`, `Mod+Shift+z`, `ArrowLeft`, `Space`, `?`, and how a key event matches them.
 *
 * Letters follow the layout (`event.key`), so a Dvorak worker presses the letter that is printed; where the layout has no
 * Latin letters the key's place (`event.code`) is used. Digits follow both, so the digit row works on AZERTY without Shift.
 * `Mod` is Control, or Command on a Mac. Punctuation is matched as typed, whatever Shift it takes on the layout.
 */

/** The parts of a KeyboardEvent that matching reads. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey?: boolean;
  readonly metaKey?: boolean;
  readonly altKey?: boolean;
  readonly shiftKey?: boolean;
  getModifierState?(name: string): boolean;
}

const MODIFIER_KEYS = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "NumLock", "Dead", "Process", "Unidentified"]);

/** The chords a key press may stand for, likeliest first; empty for a bare modifier or a dead key. */
export function chordsOf(press: KeyPress): string[] {
  const byPlace = placeName(press.code);
  if (MODIFIER_KEYS.has(press.key) && !(press.key === "Dead" && byPlace)) return [];
  const altGraph = press.getModifierState?.("AltGraph") ?? false;
  const mod = (press.ctrlKey || press.metaKey) && !altGraph ? "Mod+" : "";
  const alt = press.altKey && !altGraph ? "Alt+" : "";
  const shift = press.shiftKey ? "Shift+" : "";
  const chords: string[] = [];
  const key = press.key === " " ? "Space" : press.key;
  if (/^[a-z]$/i.test(key)) chords.push(`${mod}${alt}${shift}${key.toLowerCase()}`);
  else if (key.length === 1) chords.push(`${mod}${alt}${key}`);
  else if (!MODIFIER_KEYS.has(key)) chords.push(`${mod}${alt}${shift}${key}`);
  if (byPlace && !altGraph && (/\d/.test(byPlace) || isForeignLetter(key))) {
    const chord = `${mod}${alt}${shift}${byPlace}`;
    if (!chords.includes(chord)) chords.push(chord);
  }
  return chords;
}

function isForeignLetter(key: string): boolean {
  return key === "Dead" || (/^\p{L}$/u.test(key) && !/^[a-z]$/i.test(key));
}

function placeName(code: string): string | undefined {
  const match = /^(?:Digit|Numpad)(\d)$|^Key([A-Z])$/.exec(code);
  return match?.[1] ?? match?.[2]?.toLowerCase();
}

const PRINTED: Record<string, string> = {
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Delete: "Del", Backspace: "⌫",
};

/** How a chord is printed on the screen, for example `Ctrl Z`. */
export function printChord(chord: string, mac = isMac()): string {
  const parts = chord === "+" ? ["+"] : chord.replace(/\+\+$/, "+Plus").split("+");
  return parts
    .map((part) => {
      if (part === "Mod") return mac ? "⌘" : "Ctrl";
      if (part === "Plus") return "+";
      return PRINTED[part] ?? (part.length === 1 ? part.toUpperCase() : part);
    })
    .join(" ");
}

/** A chord in the form of `aria-keyshortcuts`. */
export function ariaChord(chord: string): string {
  return chord.replace("Mod", isMac() ? "Meta" : "Control");
}

function isMac(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
}
