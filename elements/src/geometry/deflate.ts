/**
 * Compresses rows of masks, which are almost only runs, many times faster than a general compressor would.
 *
 * One deflate block with a fixed set of codes made for runs: a full run of 258 bytes takes two bits. It ends at a byte and
 * is never the last, so that parts compressed by themselves can be put one after another. Source: RFC 1951.
 */

const MOST = 258;
const LEAST = 3;
const END = 256;
/** A run repeats the byte before, or the three before (a pixel of true colour): distance codes 0 and 2. */
const DISTANCES = [1, 0, 1];
/** The bits of each code: the full run 1, zero 3, short runs 6, other runs 7, the rest 11. Together they fill the tree. */
const CODE_BITS = Array.from({ length: 286 }, (_, symbol) =>
  symbol === 285 ? 1 : symbol === 0 ? 3 : symbol < 257 ? 11 : symbol < 261 ? 6 : 7,
);
/** The order in which deflate states the bits of the codes for bits, and those used here: eight of three bits. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const BITS_CODES = [0, 1, 2, 3, 4, 6, 7, 11];
const CODES = codesOf(CODE_BITS);
const RUNS = runSymbols();

export function deflateRuns(bytes: Uint8Array): Uint8Array {
  const out = new Bits(Math.ceil(bytes.length * 1.4) + 256);
  writeHeader(out);
  for (let at = 0; at < bytes.length; ) {
    const near = runAt(bytes, at, 1);
    const far = near >= MOST ? 0 : runAt(bytes, at, 3);
    const run = Math.max(near, far);
    if (run < LEAST) writeCode(out, bytes[at]!);
    else writeRun(out, run, far > near ? 1 : 0);
    at += run < LEAST ? 1 : run;
  }
  writeCode(out, END);
  return out.aligned();
}

// How many bytes from `at` on are those `distance` before.
function runAt(bytes: Uint8Array, at: number, distance: number): number {
  if (at < distance) return 0;
  const end = Math.min(at + MOST, bytes.length);
  let to = at;
  while (to < end && bytes[to] === bytes[to - distance]) to++;
  return to - at;
}

function writeHeader(out: Bits): void {
  out.write(0b100, 3); // not the last block; with codes of its own
  out.write(CODE_BITS.length - 257, 5);
  out.write(DISTANCES.length - 1, 5);
  out.write(ORDER.length - 4, 4);
  for (const symbol of ORDER) out.write(BITS_CODES.includes(symbol) ? 3 : 0, 3);
  for (const bits of [...CODE_BITS, ...DISTANCES]) out.write(reversed(BITS_CODES.indexOf(bits), 3), 3);
}

function writeCode(out: Bits, symbol: number): void {
  out.write(CODES[symbol]!, CODE_BITS[symbol]!);
}

function writeRun(out: Bits, length: number, distance: number): void {
  const { symbol, base, extra } = RUNS[length]!;
  writeCode(out, symbol);
  if (extra > 0) out.write(length - base, extra);
  out.write(distance, 1);
}

class Bits {
  private readonly bytes: Uint8Array;
  private at = 0;
  private held = 0;
  private count = 0;

  constructor(room: number) {
    this.bytes = new Uint8Array(room);
  }

  write(value: number, bits: number): void {
    this.held |= value << this.count;
    this.count += bits;
    for (; this.count >= 8; this.count -= 8) {
      this.bytes[this.at++] = this.held & 255;
      this.held >>>= 8;
    }
  }

  /** What was written, to a byte's end: an empty stored block fills it up. */
  aligned(): Uint8Array {
    this.write(0, 3);
    if (this.count > 0) this.write(0, 8 - this.count);
    for (const byte of [0, 0, 255, 255]) this.write(byte, 8);
    return this.bytes.slice(0, this.at);
  }
}

// Canonical codes of these lengths, their bits in the order in which they are written.
function codesOf(bits: readonly number[]): number[] {
  const codes = new Array<number>(bits.length).fill(0);
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    bits.forEach((own, symbol) => {
      if (own === length) codes[symbol] = reversed(code++, length);
    });
    code <<= 1;
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let back = 0;
  for (let bit = 0; bit < length; bit++) back |= ((code >> bit) & 1) << (length - 1 - bit);
  return back;
}

// For each length of a run: its code, the least length of that code, and how many bits tell the rest.
function runSymbols(): { symbol: number; base: number; extra: number }[] {
  const found: { symbol: number; base: number; extra: number }[] = [];
  let base = LEAST;
  for (let symbol = 257; symbol < 285; symbol++) {
    const extra = Math.max(0, (symbol - 261) >> 2);
    for (let length = base; length < base + (1 << extra); length++) found[length] = { symbol, base, extra };
    base += 1 << extra;
  }
  found[MOST] = { symbol: 285, base: MOST, extra: 0 };
  return found;
}
