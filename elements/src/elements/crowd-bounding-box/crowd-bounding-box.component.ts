import type { Point } from "../../geometry/point.js";
import { readNumbers, ShapeElement, whole, type ShapeAdapter } from "../../drawing/shape-element.js";
import { BoxTool } from "../../tools/box.js";

/** `{height, label, left, top, width}` in natural pixels. */
export const boundingBoxes: ShapeAdapter = {
  kind: "box",
  list: "boundingBoxes",
  write({ label, points }) {
    const [a, b] = points as readonly [Point, Point];
    const [left, top] = [whole(a.x), whole(a.y)];
    return { height: whole(b.y) - top, label, left, top, width: whole(b.x) - left };
  },
  read(record) {
    const box = readNumbers(record, ["left", "top", "width", "height"]);
    if (!box) return null;
    return [
      { x: box.left, y: box.top },
      { x: box.left + box.width, y: box.top + box.height },
    ];
  },
};

/**
 * Boxes on an image: `<crowd-bounding-box name src header labels initial-value>`.
 *
 * Answer: `{boundingBoxes: [{height, label, left, top, width}], inputImageProperties: {height, width}}`, and
 * `initialValueModified` where `initial-value` is given.
 */
export class CrowdBoundingBox extends ShapeElement {
  protected readonly adapter = boundingBoxes;
  protected readonly tools = [{ tool: new BoxTool(this.editor), keys: ["b"] }];
}
