/**
 * PNG files of masks: a palette where 256 colours do, true colour beyond. The index of a pixel is its label's number, as
 * SageMaker's training expects. Source: PNG specification, third edition, W3C 2025.
 */
import { deflateRuns } from "./deflate.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const PALETTE = 3;
const TRUE_COLOUR = 2;
const UP = 2; // the filter
const ADLER = 65_521;

/** The rows of a picture of numbers, one at a time, into the given array. */
export type ReadRow = (y: number, row: Uint8Array | Uint16Array) => void;

/** Some rows, compressed by themselves: a picture is put together from bands, so that a change costs only its band. */
export interface Band {
  readonly deflated: Uint8Array;
  readonly length: number; // uncompressed
  readonly adler: number;
}

/** Whether this many colours, background included, fit into a palette. */
export const isIndexed = (colours: readonly string[]): boolean => colours.length <= 256;

/**
 * Compresses the rows `from` up to `to`. All but the first are stated by how they differ from the row above, so that the
 * insides of regions are runs of zeros.
 */
export function encodeBand(width: number, from: number, to: number, readRow: ReadRow, colours: readonly string[]): Band {
  const indexed = isIndexed(colours);
  const palette = indexed ? [] : colours.map(channels);
  const row = indexed ? new Uint8Array(width) : new Uint16Array(width);
  const stride = 1 + (indexed ? width : 3 * width);
  const lines = new Uint8Array(stride * (to - from));
  const [line, above] = [new Uint8Array(stride - 1), new Uint8Array(stride - 1)];
  for (let y = from; y < to; y++) {
    readRow(y, row);
    if (indexed) line.set(row);
    else for (let x = 0; x < width; x++) line.set(palette[row[x]!] ?? [0, 0, 0], 3 * x);
    const start = (y - from) * stride;
    lines[start] = y > from ? UP : 0;
    for (let x = 0; x < line.length; x++) lines[start + 1 + x] = line[x]! - above[x]!;
    above.set(line);
  }
  return { deflated: deflateRuns(lines), length: lines.length, adler: adler32(lines) };
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
  return assemblePng(width, height, [encodeBand(width, 0, height, readRow, colours)], colours);
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + 3800, bytes.length); // as far as the sums fit into 32 bits
    for (; at < end; at++) b += a += bytes[at]!;
    a %= ADLER;
    b %= ADLER;
  }
  return b * 65_536 + a;
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

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
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
