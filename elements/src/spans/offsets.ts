/** Offsets in Unicode code points, as answers have them, and in UTF-16 units, as JavaScript counts. */

export class Offsets {
  // Positions (UTF-16) of the second halves of surrogate pairs; empty for most texts, and then both counts agree.
  private readonly halves: number[] = [];

  constructor(text: string) {
    for (let at = 0; at < text.length - 1; at++) {
      const unit = text.charCodeAt(at);
      if (unit < 0xd800 || unit > 0xdbff) continue;
      const next = text.charCodeAt(at + 1);
      if (next >= 0xdc00 && next <= 0xdfff) this.halves.push(++at);
    }
  }

  /** Code points before a UTF-16 position; a position inside a pair counts as before it. */
  toCodePoints(unit: number): number {
    return unit - this.countBelow(unit + 1);
  }

  /** The UTF-16 position after this many code points. */
  toUnits(codePoint: number): number {
    return codePoint + this.countWhile((half, index) => half - index <= codePoint);
  }

  private countBelow(limit: number): number {
    return this.countWhile((half) => half < limit);
  }

  // How many halves from the first on fulfil a condition that no later one fulfils once one does not.
  private countWhile(holds: (half: number, index: number) => boolean): number {
    let low = 0;
    let high = this.halves.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.halves[middle]!, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
