import type { Point } from "../../geometry/point.js";
import { readNumbers, ShapeElement, whole, type ShapeAdapter } from "../../drawing/shape-element.js";
import { KeypointTool } from "../../tools/keypoint.js";

/** `{label, x, y}`; points of an unknown label are not drawn, as in Ground Truth. */
export const keypoints: ShapeAdapter = {
  kind: "keypoint",
  list: "keypoints",
  onlyKnownLabels: true,
  write({ label, points }) {
    const { x, y } = points[0] as Point;
    return { label, x: whole(x), y: whole(y) };
  },
  read(record) {
    const at = readNumbers(record, ["x", "y"]);
    return at && [at];
  },
};

/**
 * Points on an image: `<crowd-keypoint name src header labels initial-value>`.
 *
 * Answer: `{keypoints: [{label, x, y}], inputImageProperties: {height, width}}`, and `initialValueModified` where `initial-value`
 * is given.
 */
export class CrowdKeypoint extends ShapeElement {
  protected readonly adapter = keypoints;
  protected readonly tools = [{ tool: new KeypointTool(this.editor), keys: ["g"] }];
}
