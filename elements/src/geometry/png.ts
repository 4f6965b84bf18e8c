/**
 * PNG files of masks: a palette where 256 colours do, true colour beyond. The index of a pixel is its label's number, as
 * SageMaker's training expects. Source: PNG specification, third edition, W3C 2025.
 */
import { joined } from "./bytes.js";
import { deflateRuns } from "./deflate.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const PALETTE = 3;
const TRUE_COLOUR = 2;
const UP = 2; // the filter
const ADLER = 65_521;

/** The rows of a picture of numbers, one at a time, into the given array. */
export type ReadRow = (y: number, row: Uint16Array) => void;

/** Some rows, compressed by themselves: a picture is put together from bands, so that a change costs only its band. */
export interface Band {
  readonly deflated: Uint8Array;
  readonly length: number; // uncompressed
  readonly adler: number;
}

/** What is written for each number: one byte, its index in the palette, or three, its colour. */
export interface Levels {
  readonly bytes: Uint8Array;
  readonly each: 1 | 3;
}

/** Whether this many colours, background included, fit into a palette. */
export const isIndexed = (colours: readonly string[]): boolean => colours.length <= 256;

/** The levels of numbers whose places in `colours` are `indexOf`; without it they are their own places. */
export function levelsOf(colours: readonly string[], indexOf: readonly number[] = colours.map((_, number) => number)): Levels {
  if (isIndexed(colours)) return { bytes: Uint8Array.from(indexOf), each: 1 };
  return { bytes: Uint8Array.from(indexOf.flatMap((index) => channels(colours[index] ?? ""))), each: 3 };
}

/**
 * Compresses the rows `from` up to `to`. All but the first are stated by how they differ from the row above: most do not, and
 * nothing is computed where they do not.
 */
export function encodeBand(width: number, from: number, to: number, readRow: ReadRow, { bytes, each }: Levels): Band {
  const stride = 1 + each * width;
  const lines = new Uint8Array(stride * (to - from));
  const sum = new Adler();
  let [row, above] = [new Uint16Array(width), new Uint16Array(width)];
  for (let y = from; y < to; y++, [row, above] = [above, row]) {
    readRow(y, row);
    const start = (y - from) * stride;
    const first = y === from;
    lines[start] = first ? 0 : UP;
    let low = 0;
    let high = width;
    while (!first && low < high && row[low] === above[low]) low++;
    while (!first && low < high && row[high - 1] === above[high - 1]) high--;
    for (let x = low, at = start + 1 + each * low; x < high; x++) {
      for (let part = 0; part < each; part++) {
        lines[at++] = (bytes[each * row[x]! + part] ?? 0) - (first ? 0 : (bytes[each * above[x]! + part] ?? 0));
      }
    }
    sum.add(lines, start, start + 1);
    sum.zeros(each * low);
    sum.add(lines, start + 1 + each * low, start + 1 + each * high);
    sum.zeros(each * (width - high));
  }
  return { deflated: deflateRuns(lines), length: lines.length, adler: sum.value };
}

/** A PNG of bands, top to bottom. */
export function assemblePng(width: number, height: number, bands: readonly Band[], colours: readonly string[]): Uint8Array {
  const indexed = isIndexed(colours);
  const sum = new Uint8Array(6);
  sum.set([3, 0]); // an empty last block
  new DataView(sum.buffer).setUint32(2, bands.reduce((all, band) => adlerOfBoth(all, band.adler, band.length), 1));
  return joined([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header(width, height, indexed ? PALETTE : TRUE_COLOUR)),
    ...(indexed ? [chunk("PLTE", Uint8Array.from(colours.flatMap(channels)))] : []),
    chunk("IDAT", joined([Uint8Array.of(0x78, 1), ...bands.map(({ deflated }) => deflated), sum])),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** A PNG of numbers 0..colours.length - 1; colours as `#rrggbb`. */
export function encodePng(width: number, height: number, readRow: ReadRow, colours: readonly string[]): Uint8Array {
  return assemblePng(width, height, [encodeBand(width, 0, height, readRow, levelsOf(colours))], colours);
}

/** The check sum of zlib, which knows what a run of zeros does to it. */
class Adler {
  private a = 1;
  private b = 0;

  get value(): number {
    return this.b * 65_536 + this.a;
  }

  zeros(count: number): void {
    this.b = (this.b + count * this.a) % ADLER;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    let { a, b } = this;
    for (let at = from; at < to; ) {
      const end = Math.min(at + 3800, to); // as far as the sums fit into 32 bits
      for (; at < end; at++) b += a += bytes[at]!;
      a %= ADLER;
      b %= ADLER;
    }
    this.a = a;
    this.b = b;
  }
}

// The sum of two texts from the sums of each and the length of the second.
function adlerOfBoth(one: number, other: number, length: number): number {
  const [a1, b1, a2, b2] = [one % 65_536, Math.floor(one / 65_536), other % 65_536, Math.floor(other / 65_536)];
  const a = (a1 + a2 + ADLER - 1) % ADLER;
  const b = (b1 + b2 + (length % ADLER) * ((a1 + ADLER - 1) % ADLER)) % ADLER;
  return b * 65_536 + a;
}

/** The bytes as base64 text. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

/** Red, green and blue of `#rrggbb` or `#rgb`. */
export function channels(colour: string): [number, number, number] {
  const hex = colour.replace("#", "");
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex.padEnd(6, "0");
  return [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16) || 0) as [number, number, number];
}

function header(width: number, height: number, type: number): Uint8Array {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes.set([8, type, 0, 0, 0], 8);
  return bytes;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

let table: Uint32Array | undefined;

function crc(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, start) => {
    let value = start;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  let value = 0xffffffff;
  for (const byte of bytes) value = table[(value ^ byte) & 255]! ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
