/**
 * Reads attribute values as templates write them: JSON, JSON5 (single quotes, bare keys, trailing commas, comments),
 * Python's True, False and None, and text whose quotes were escaped once too often (`&quot;`).
 * Source of the grammar: the attributes of Ground Truth's public task templates.
 */
import type { ComplexAttributeConverter } from "lit";

/** A text that is not JSON by even the most lenient reading; `at` is the index of the first character not understood. */
export class UnreadableAttribute extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const WORDS: Record<string, unknown> = {
  true: true, false: false, null: null, undefined: undefined, NaN: NaN, Infinity: Infinity,
  True: true, False: false, None: null,
};
const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", 0: "\0", "\n": "" };
const ENTITIES: Record<string, string> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };
const IDENTIFIER = /[\p{L}\p{N}_$-]+/uy;
const NUMBER = /[+-]?(?:0[xX][\da-fA-F]+|Infinity|NaN|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y;
const BLANK = /(?:[\s\u00a0\ufeff]|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;

/** The value a lenient JSON text stands for. Throws `UnreadableAttribute`. */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    /* not strict JSON: read leniently below */
  }
  try {
    return new Reader(text).document();
  } catch (problem) {
    const unescaped = decodeEntities(text);
    if (unescaped === text) throw problem;
    return new Reader(unescaped).document();
  }
}

/** Lit converter for attributes that hold JSON; unreadable text is reported on the console and counts as absent. */
export const lenient: ComplexAttributeConverter<unknown> = {
  fromAttribute(text: string | null): unknown {
    if (text === null || text.trim() === "") return undefined;
    try {
      return parseLenient(text);
    } catch (problem) {
      console.warn(`An attribute cannot be read: ${(problem as Error).message}`);
      return undefined;
    }
  },
  toAttribute: (value: unknown) => (value === undefined ? null : JSON.stringify(value)),
};

/** Boolean attribute as templates write it: present, `="true"` and `=""` mean true; `="false"` means false. */
export const lenientBoolean: ComplexAttributeConverter<boolean> = {
  fromAttribute: (text: string | null) => text !== null && !/^\s*(false|no|off)\s*$/i.test(text),
  toAttribute: (value: boolean) => (value ? "" : null),
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(quot|apos|lt|gt|amp));/gi, (all, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(parseInt(hex as string, 16));
    return ENTITIES[(name as string).toLowerCase()] ?? (all as string);
  });
}

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  document(): unknown {
    const value = this.value();
    this.blank();
    if (this.at < this.text.length) this.fail("expected the end of the value");
    return value;
  }

  private value(): unknown {
    this.blank();
    const next = this.text[this.at];
    if (next === "[") return this.array();
    if (next === "{") return this.object();
    if (next === '"' || next === "'" || next === "`") return this.string(next);
    const number = this.match(NUMBER);
    if (number !== undefined) return Number(number.replace(/^\+/, ""));
    const word = this.match(IDENTIFIER);
    if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word];
    return this.fail(word ? `expected a value, found the bare word ${word}` : "expected a value");
  }

  private array(): unknown[] {
    const items: unknown[] = [];
    this.at += 1;
    for (;;) {
      this.blank();
      if (this.take("]")) return items;
      // Loops in templates leave stray commas: `[a, , b,]` means two items.
      if (this.take(",")) continue;
      items.push(this.value());
      this.separator("]");
    }
  }

  private object(): Record<string, unknown> {
    const members: [string, unknown][] = [];
    this.at += 1;
    for (;;) {
      this.blank();
      if (this.take("}")) return Object.fromEntries(members);
      if (this.take(",")) continue;
      const key = this.key();
      this.blank();
      if (!this.take(":")) this.fail(`expected ":" after the key ${key}`);
      members.push([key, this.value()]);
      this.separator("}");
    }
  }

  private key(): string {
    const next = this.text[this.at];
    if (next === '"' || next === "'" || next === "`") return this.string(next);
    return this.match(IDENTIFIER) ?? this.fail("expected a key");
  }

  private string(quote: string): string {
    let out = "";
    for (this.at += 1; this.at < this.text.length; this.at += 1) {
      const char = this.text[this.at]!;
      if (char === quote) {
        this.at += 1;
        return out;
      }
      out += char === "\\" ? this.escape() : char;
    }
    return this.fail(`expected the closing quote ${quote}`);
  }

  private escape(): string {
    const char = this.text[(this.at += 1)] ?? this.fail("expected a character after the backslash");
    const width = { x: 2, u: 4 }[char];
    if (width === undefined) return ESCAPES[char] ?? char;
    const hex = this.text.slice(this.at + 1, this.at + 1 + width);
    if (!/^[\da-fA-F]+$/.test(hex) || hex.length < width) this.fail(`expected ${width} hexadecimal digits`);
    this.at += width;
    return String.fromCharCode(parseInt(hex, 16));
  }

  private separator(end: string): void {
    this.blank();
    if (this.text[this.at] !== "," && this.text[this.at] !== end) this.fail(`expected "," or "${end}"`);
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private blank(): void {
    this.match(BLANK);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private fail(message: string): never {
    const near = this.text.slice(this.at, this.at + 24);
    throw new UnreadableAttribute(`${message} at character ${this.at + 1}, near ${JSON.stringify(near)}`, this.at);
  }
}
