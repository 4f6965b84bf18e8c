import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { base64, channels, encodePng } from "./png.js";

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

describe("mask PNGs", () => {
  it("have the label's number as index and its colour in the palette", () => {
    const png = encodePng(3, 2, (y, row) => row.set(y ? [2, 0, 1] : [0, 1, 2]), ["#ffffff", "#2ca02c", "#1f77b4"]);
    expect([...png.subarray(0, 8)]).toEqual(signature);
    const parts = chunks(png);
    expect([...parts.get("PLTE")!]).toEqual([255, 255, 255, 0x2c, 0xa0, 0x2c, 0x1f, 0x77, 0xb4]);
    expect([...inflateSync(parts.get("IDAT")!)]).toEqual([0, 0, 1, 2, 0, 2, 0, 1]);
  });

  it("turn to true colour beyond 256 numbers", () => {
    const colours = Array.from({ length: 300 }, (_, n) => `#${(n * 7).toString(16).padStart(6, "0")}`);
    const parts = chunks(encodePng(2, 1, (_, row) => row.set([0, 299]), colours));
    expect(parts.has("PLTE")).toBe(false);
    expect([...inflateSync(parts.get("IDAT")!)]).toEqual([0, 0, 0, 0, ...channels("#00082d")]);
  });

  it("read short colours and write base64", () => {
    expect(channels("#0af")).toEqual([0, 0xaa, 0xff]);
    expect(base64(Uint8Array.from([1, 2, 3]))).toBe("AQID");
  });
});
