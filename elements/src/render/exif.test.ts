import { describe, expect, test } from "vitest";
import { forgetRotation } from "./exif.js";

/** A TIFF directory of two entries, the second one the orientation. */
function tiff(orientation: number, little: boolean): number[] {
  const u16 = (n: number): number[] => (little ? [n & 255, n >> 8] : [n >> 8, n & 255]);
  const u32 = (n: number): number[] => (little ? [...u16(n), 0, 0] : [0, 0, ...u16(n)]);
  const entry = (tag: number, value: number): number[] => [...u16(tag), ...u16(3), ...u32(1), ...u16(value), 0, 0];
  return [...(little ? [0x49, 0x49] : [0x4d, 0x4d]), ...u16(42), ...u32(8), ...u16(2), ...entry(0x0100, 6), ...entry(0x0112, orientation)];
}

const u16be = (n: number): number[] => [n >> 8, n & 255];
const jpeg = (exif: number[]): Uint8Array => {
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...exif];
  return new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xe1, ...u16be(body.length + 2), ...body, 0xff, 0xda, 0, 2]);
};
const png = (exif: number[]): Uint8Array =>
  new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, ...u16be(exif.length), 0x65, 0x58, 0x49, 0x66, ...exif, 0, 0, 0, 0]);

describe("forgetting the rotation", () => {
  test.each([
    ["JPEG, little endian", jpeg(tiff(6, true)), jpeg(tiff(1, true))],
    ["JPEG, big endian", jpeg(tiff(8, false)), jpeg(tiff(1, false))],
    ["PNG", png(tiff(3, false)), png(tiff(1, false))],
  ])("%s", (_name, file, upright) => {
    expect(forgetRotation(file)).toBe(true);
    expect(file).toEqual(upright);
    expect(forgetRotation(file)).toBe(false);
  });

  test("other and damaged files stay as they are", () => {
    for (const bytes of [[], [1, 2, 3, 4, 5, 6], [...jpeg(tiff(6, true))].slice(0, 30), [0xff, 0xd8, 0xff, 0xe1, 0, 40, 0x45, 0x78, 0x69, 0x66]]) {
      const file = new Uint8Array(bytes);
      expect(forgetRotation(file)).toBe(false);
      expect([...file]).toEqual(bytes);
    }
  });
});
