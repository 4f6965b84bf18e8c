import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { centred, fit, moved, zoomAt } from "./viewport.js";

const frame = { width: 800, height: 600 };

describe("view of an image", () => {
  test("fit shows the whole image, centred", () => {
    const view = fit({ width: 1600, height: 600 }, frame, { margin: 0 });
    expect(view).toEqual({ scale: 0.5, x: 0, y: 150 });
  });

  test("fit leaves room at the top", () => {
    const tall = fit({ width: 100, height: 1000 }, frame, { margin: 10, top: 50 });
    expect(tall.scale).toBeCloseTo(0.53);
    expect(tall.y).toBeGreaterThanOrEqual(50);
    expect(tall.y + 1000 * tall.scale).toBeLessThanOrEqual(600);
    expect(fit({ width: 800, height: 100 }, frame, { margin: 0, top: 50 }).y).toBe(250);
  });

  test("fit enlarges a tiny image only so far", () => {
    expect(fit({ width: 8, height: 8 }, frame).scale).toBe(8);
  });

  test("zooming keeps the image point under the cursor", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 }), fc.integer({ min: 0, max: 600 }), fc.double({ min: 0.2, max: 5, noNaN: true }), (x, y, factor) => {
        const view = centred({ width: 400, height: 300 }, frame, 1.5);
        const next = zoomAt(view, factor, x, y);
        expect((x - next.x) / next.scale).toBeCloseTo((x - view.x) / view.scale, 6);
        expect((y - next.y) / next.scale).toBeCloseTo((y - view.y) / view.scale, 6);
      }),
    );
  });

  test("panning never loses the image", () => {
    const image = { width: 100, height: 100 };
    const view = moved(centred(image, frame, 1), 10_000, -10_000, image, frame);
    expect(view.x).toBeLessThan(frame.width);
    expect(view.y + 100).toBeGreaterThan(0);
  });
});
