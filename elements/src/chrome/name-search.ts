/** Finding one of many names by typing: its number, or a part of it. What a long list of labels is chosen with. */
import type { KeyAction } from "../keys/registry.js";

/** Up to so many names each have a digit of their own; more are found by typing. */
export const KEYED = 9;

/** Digits pressed within so long of one another are one number. */
const SAME_NUMBER_MS = 1_000;
const DIGITS = [..."0123456789"];
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"].flatMap((letter) => [letter, `Shift+${letter}`]);
const NUMBER = /^\d+$/;

/** The names that have the query in them, in their order; all of them for a number or for nothing. */
export function matching(names: readonly string[], query: string): string[] {
  const wanted = folded(query);
  if (!wanted || NUMBER.test(wanted)) return [...names];
  return names.filter((name) => folded(name).includes(wanted));
}

/**
 * The name that is meant: the nth for a number, else the one that is the query, has it as whole words, begins with it,
 * or has it anywhere, the first of those. Undefined where there is none.
 */
export function meant(names: readonly string[], query: string): string | undefined {
  const wanted = folded(query);
  if (!wanted) return undefined;
  if (NUMBER.test(wanted) && names[Number(wanted) - 1] !== undefined) return names[Number(wanted) - 1];
  const found = names.filter((name) => folded(name).includes(wanted));
  const rank = (name: string): number => {
    const text = folded(name);
    if (text === wanted) return 0;
    const at = text.indexOf(wanted);
    const whole = !isWordy(text[at - 1]) && !isWordy(text[at + wanted.length]);
    return whole ? 1 : at === 0 ? 2 : !isWordy(text[at - 1]) ? 3 : 4;
  };
  return found.sort((a, b) => rank(a) - rank(b))[0];
}

function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

function isWordy(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}]/u.test(char);
}

/** What was typed so far to find a name. */
export class NameSearch {
  query = "";
  private at = 0;

  /** @param changed told after each key, with the query as it is now */
  constructor(private readonly changed: (query: string) => void) {}

  set(query: string): void {
    this.query = query;
    this.changed(query);
  }

  /** The keys that search: digits always, letters where nothing else of the element needs them. */
  actions({ letters, open }: { letters: boolean; open: () => void }): KeyAction[] {
    const searching = (): boolean => this.query !== "";
    return [
      {
        id: "names.find", title: letters ? "Find by name: type it" : "Find a label", group: "Labels", keys: ["/"],
        also: letters ? LETTERS : [], run: (event) => this.begin(event.key, open),
      },
      { id: "names.number", title: "Type a number: the label of that number", group: "Labels", keys: [], also: DIGITS, run: (event) => this.number(event.key) },
      { id: "names.blank", title: "A blank in the name", group: "Labels", keys: [], also: ["Space"], when: searching, run: () => this.set(`${this.query} `) },
      { id: "names.back", title: "Take back a letter", group: "Labels", keys: [], also: ["Backspace"], when: searching, run: () => this.set(this.query.slice(0, -1)) },
      { id: "names.clear", title: "End the search", group: "Labels", keys: [], also: ["Escape"], when: searching, inFields: "line", run: () => this.set("") },
    ];
  }

  private begin(key: string, open: () => void): void {
    open();
    if (key !== "/") this.set(this.query + key);
  }

  private number(digit: string): false | void {
    const goesOn = this.query !== "" && (!NUMBER.test(this.query) || Date.now() - this.at < SAME_NUMBER_MS);
    if (!goesOn && digit === "0") return false;
    this.at = Date.now();
    this.set((goesOn ? this.query : "") + digit);
  }
}
