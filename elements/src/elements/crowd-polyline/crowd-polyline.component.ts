import { property } from "lit/decorators.js";
import { lenient } from "../../chrome/base.js";
import { readVertices, ShapeElement, writeVertices, type ShapeAdapter } from "../../drawing/shape-element.js";
import { PolylineTool } from "../../tools/polyline.js";

export const polylines: ShapeAdapter = {
  kind: "polyline",
  list: "polylines",
  write: (shape) => ({ label: shape.label, vertices: writeVertices(shape) }),
  read: (record) => readVertices(record.vertices, 2),
};

/**
 * Polylines on an image: `<crowd-polyline name src header labels label-colors initial-value>`; `initial-value` is a list
 * or `{polylines: [...]}`.
 *
 * Answer: `{polylines: [{label, vertices: [{x, y}]}], inputImageProperties: {height, width}}`, and `initialValueModified`
 * where `initial-value` is given.
 */
export class CrowdPolyline extends ShapeElement {
  protected readonly adapter = polylines;
  protected readonly tools = [{ tool: new PolylineTool(this.editor), keys: ["g"] }];

  /** Colours of the labels in their order, as hexadecimal texts. */
  @property({ converter: lenient, attribute: "label-colors" }) labelColors: unknown;

  protected override get colors(): readonly string[] {
    return Array.isArray(this.labelColors) ? this.labelColors.map(String) : [];
  }
}
