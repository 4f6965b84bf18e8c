import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { examples } from "../testing/random-examples.js";
import { boundsOf, boxFromCorners, intersects, shiftInside, union } from "./box.js";
import { LooseGrid } from "./loose-grid.js";
import { closingCrosses, crossesItself, insidePolygon, nearestEdge, simplify, wouldCross } from "./path.js";
import { point, type Point } from "./point.js";
import { centreOn, fit, keepInSight, pan, toImage, toScreen, visibleBox, zoomTo } from "./view.js";

const coordinate = fc.double({ min: -5000, max: 5000, noNaN: true });
const anyPoint = fc.record({ x: coordinate, y: coordinate });
const anyBox = fc.tuple(anyPoint, anyPoint).map(([a, b]) => boxFromCorners(a, b));
const square = [point(0, 0), point(10, 0), point(10, 10), point(0, 10)];

describe("boxes", () => {
  test("bounds hold every point and touch the outermost", () => {
    expect(boundsOf([point(3, 7), point(-1, 9), point(5, 2)])).toEqual({ left: -1, top: 2, width: 6, height: 7 });
  });

  test("the union holds both", () => {
    fc.assert(
      fc.property(anyBox, anyBox, (a, b) => {
        const both = union(a, b);
        expect(both.left).toBeLessThanOrEqual(Math.min(a.left, b.left));
        expect(both.top + both.height).toBeGreaterThanOrEqual(Math.max(a.top + a.height, b.top + b.height) - 1e-6);
      }),
    );
  });

  test("a shift stops at the image's border", () => {
    const size = { width: 100, height: 50 };
    expect(shiftInside({ left: 90, top: 5, width: 10, height: 10 }, 7, -20, size)).toEqual({ x: 0, y: -5 });
    expect(shiftInside({ left: 0, top: 0, width: 100, height: 10 }, 3, 3, size)).toEqual({ x: 0, y: 3 });
  });
});

describe("paths", () => {
  test("a square holds its middle, not its outside", () => {
    expect(insidePolygon(square, point(5, 5))).toBe(true);
    expect(insidePolygon(square, point(15, 5))).toBe(false);
  });

  test("the nearest edge of a closed path may be the closing one", () => {
    expect(nearestEdge(square, true, point(-2, 4))).toMatchObject({ edge: 3, point: { x: 0, y: 4 }, distance: 2 });
    expect(nearestEdge(square, false, point(-2, 4))?.edge).not.toBe(3);
  });

  test("a bow tie crosses itself, a square does not", () => {
    expect(crossesItself(square)).toBe(false);
    expect(crossesItself([point(0, 0), point(10, 10), point(10, 0), point(0, 10)])).toBe(true);
    expect(crossesItself([point(0, 0), point(10, 0), point(4, 0)])).toBe(true);
  });

  test("an edge that crosses or runs back is refused, an edge onwards is not", () => {
    const path = [point(0, 0), point(10, 0), point(10, 10)];
    expect(wouldCross(path, point(5, -5))).toBe(true);
    expect(wouldCross(path, point(10, 3))).toBe(true);
    expect(wouldCross(path, point(0, 10))).toBe(false);
    expect(closingCrosses([...path, point(-5, 10), point(5, 25), point(20, 5)])).toBe(true);
  });

  test("adding vertices that do not cross and closing without a cross gives a simple polygon", () => {
    const cell = fc.record({ x: fc.integer({ min: 0, max: 12 }), y: fc.integer({ min: 0, max: 12 }) });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 3, maxLength: 12 }), (clicks) => {
        const path: Point[] = [];
        for (const p of clicks) {
          const last = path[path.length - 1];
          if ((last && last.x === p.x && last.y === p.y) || wouldCross(path, p)) continue;
          path.push(p);
        }
        if (path.length > 2 && !closingCrosses(path)) expect(crossesItself(path)).toBe(false);
      }),
      { numRuns: examples(2000) },
    );
  });

  test("a straight stroke keeps its ends only", () => {
    const stroke = Array.from({ length: 50 }, (_, i) => point(i, i * 0.5));
    expect(simplify(stroke, 0.1)).toEqual([stroke[0], stroke[49]]);
    expect(simplify([...square, point(0, 0)], 1)).toHaveLength(5);
  });
});

describe("the spatial index", () => {
  test("finds exactly what a search through everything finds, after any moves and removals", () => {
    const act = fc.record({ id: fc.integer({ min: 0, max: 40 }), box: anyBox, gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), anyBox, (acts, around) => {
        const grid = new LooseGrid();
        const truth = new Map<number, ReturnType<typeof boxFromCorners>>();
        for (const { id, box, gone } of acts) {
          if (gone) grid.delete(id);
          else grid.set(id, box);
          if (gone) truth.delete(id);
          else truth.set(id, box);
        }
        const expected = [...truth].filter(([, box]) => intersects(box, around)).map(([id]) => id);
        expect(grid.query(around).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
        expect(grid.size).toBe(truth.size);
      }),
    );
  });
});

describe("the view", () => {
  const image = { width: 4000, height: 3000 };
  const stage = { width: 800, height: 600 };

  test("screen and image coordinates are inverses", () => {
    fc.assert(
      fc.property(anyPoint, fc.double({ min: 0.01, max: 64, noNaN: true }), anyPoint, (p, scale, at) => {
        const back = toImage({ scale, ...at }, toScreen({ scale, ...at }, p));
        expect(back.x).toBeCloseTo(p.x, 4);
        expect(back.y).toBeCloseTo(p.y, 4);
      }),
    );
  });

  test("zooming holds the point under the cursor", () => {
    const start = fit(image, stage);
    const at = point(120, 450);
    const before = toImage(start, at);
    const zoomed = zoomTo(start, 3, at, image, stage);
    expect(zoomed.scale).toBe(3);
    expect(toImage(zoomed, at).x).toBeCloseTo(before.x, 6);
    expect(toImage(zoomed, at).y).toBeCloseTo(before.y, 6);
  });

  test("fit shows the whole image in the middle", () => {
    expect(fit(image, stage)).toEqual({ scale: 0.2, x: 0, y: 0 });
    expect(visibleBox(fit(image, stage), stage)).toMatchObject({ width: 4000, height: 3000 });
    expect(fit({ width: 10, height: 10 }, stage).scale).toBe(8);
  });

  test("the image cannot be lost by panning", () => {
    const far = keepInSight(pan(fit(image, stage), 1e6, -1e6), image, stage);
    expect(far.x).toBe(800 - 48);
    expect(far.y).toBe(48 - 600);
    expect(toScreen(centreOn(far, point(2000, 1500), stage), point(2000, 1500))).toEqual({ x: 400, y: 300 });
  });
});
