/**
 * PNG files of masks: a palette where 256 colours do, true colour beyond. The index of a pixel is its label's number, as
 * SageMaker's training expects. Source: PNG specification, third edition, W3C 2025.
 */
import { zlibSync } from "fflate";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const PALETTE = 3;
const TRUE_COLOUR = 2;

/** The rows of a picture of numbers, one at a time, into the given array. */
export type ReadRow = (y: number, row: Uint8Array | Uint16Array) => void;

/** A PNG of numbers 0..colours.length - 1; colours as `#rrggbb`. */
export function encodePng(width: number, height: number, readRow: ReadRow, colours: readonly string[]): Uint8Array {
  const indexed = colours.length <= 256;
  const palette = colours.map(channels);
  const row = indexed ? new Uint8Array(width) : new Uint16Array(width);
  const stride = 1 + (indexed ? width : 3 * width);
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    readRow(y, row);
    if (indexed) pixels.set(row, y * stride + 1);
    else for (let x = 0; x < width; x++) pixels.set(palette[row[x]!] ?? [0, 0, 0], y * stride + 1 + 3 * x);
  }
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header(width, height, indexed ? PALETTE : TRUE_COLOUR)),
    ...(indexed ? [chunk("PLTE", Uint8Array.from(palette.flat()))] : []),
    chunk("IDAT", zlibSync(pixels, { level: 1 })),
    chunk("IEND", new Uint8Array()),
  ];
  return joined(parts);
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
