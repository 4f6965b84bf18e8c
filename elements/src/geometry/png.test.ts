import { inflateRawSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { examples } from "../testing/random-examples.js";
import { deflateRuns } from "./deflate.js";
import { assemblePng, base64, channels, encodeBand, encodePng, levelsOf } from "./png.js";

const signature = [137, 80, 78, 71, 13, 10, 26, 10];

function chunks(png: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(png.buffer, png.byteOffset);
  const found = new Map<string, Uint8Array>();
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    found.set(String.fromCharCode(...png.subarray(at + 4, at + 8)), png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return found;
}


/** The pixels of a PNG without the filters of its rows: 0 as they are, 2 less the row above. */
function pixelsOf(png: Uint8Array, stride: number): number[][] {
  const raw = inflateSync(chunks(png).get("IDAT")!);
  const rows: number[][] = [];
  for (let at = 0; at < raw.length; at += stride + 1) {
    const above = raw[at] === 2 ? rows.at(-1)! : new Array<number>(stride).fill(0);
    rows.push([...raw.subarray(at + 1, at + 1 + stride)].map((byte, x) => (byte + above[x]!) & 255));
  }
  return rows;
}

const LAST_BLOCK = [3, 0];

describe("deflate", () => {
  it("is read back by zlib, whatever the bytes", () => {
    const runs = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 700 })), { maxLength: 40 });
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 600 }), runs.map((list) => Uint8Array.from(list.flatMap(([value, n]) => new Array<number>(n).fill(value)))));
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const both = Uint8Array.from([...deflateRuns(one), ...deflateRuns(other), ...LAST_BLOCK]);
        expect(Buffer.compare(inflateRawSync(both), Buffer.from([...one, ...other]))).toBe(0);
      }),
      { numRuns: examples(300) },
    );
  });

  it("turns a million equal bytes into few kilobytes", () => {
    expect(deflateRuns(new Uint8Array(1_000_000)).length).toBeLessThan(6000);
  });
});

describe("mask PNGs", () => {
  it("have the label's number as index and its colour in the palette", () => {
    const png = encodePng(3, 2, (y, row) => row.set(y ? [2, 0, 1] : [0, 1, 2]), ["#ffffff", "#2ca02c", "#1f77b4"]);
    expect([...png.subarray(0, 8)]).toEqual(signature);
    expect([...chunks(png).get("PLTE")!]).toEqual([255, 255, 255, 0x2c, 0xa0, 0x2c, 0x1f, 0x77, 0xb4]);
    expect(pixelsOf(png, 3)).toEqual([[0, 1, 2], [2, 0, 1]]);
  });

  it("turn to true colour beyond 256 numbers", () => {
    const colours = Array.from({ length: 300 }, (_, n) => `#${(n * 7).toString(16).padStart(6, "0")}`);
    const png = encodePng(2, 1, (_, row) => row.set([0, 299]), colours);
    expect(chunks(png).has("PLTE")).toBe(false);
    expect(pixelsOf(png, 6)).toEqual([[0, 0, 0, ...channels("#00082d")]]);
  });

  it("are the same put together from bands", () => {
    const rows = Array.from({ length: 9 }, (_, y) => Uint8Array.from({ length: 40 }, (_, x) => (x * y) % 3));
    const read = (y: number, row: Uint16Array): void => row.set(rows[y]!);
    const colours = ["#ffffff", "#2ca02c", "#1f77b4"];
    const bands = [[0, 4], [4, 8], [8, 9]].map(([from, to]) => encodeBand(40, from!, to!, read, levelsOf(colours)));
    expect(pixelsOf(assemblePng(40, 9, bands, colours), 40)).toEqual(rows.map((row) => [...row]));
  });

  it("read short colours and write base64", () => {
    expect(channels("#0af")).toEqual([0, 0xaa, 0xff]);
    expect(base64(Uint8Array.from([1, 2, 3]))).toBe("AQID");
  });
});
