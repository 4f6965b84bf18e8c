import { property } from "lit/decorators.js";
import { lenient } from "../../chrome/base.js";
import { readVertices, ShapeElement, writeVertices, type ShapeAdapter } from "../../drawing/shape-element.js";
import { LineTool } from "../../tools/line.js";

export const lines: ShapeAdapter = {
  kind: "line",
  list: "lines",
  write: (shape) => ({ label: shape.label, vertices: writeVertices(shape) }),
  read: (record) => readVertices(record.vertices, 2),
};

/**
 * Lines on an image: `<crowd-line name src header labels label-colors initial-value>`; `initial-value` is a list
 * or `{lines: [...]}`.
 *
 * Answer: `{lines: [{label, vertices: [{x, y}]}], inputImageProperties: {height, width}}`, and `initialValueModified`
 * where `initial-value` is given.
 */
export class CrowdLine extends ShapeElement {
  protected readonly adapter = lines;
  protected readonly tools = [{ tool: new LineTool(this.editor), keys: ["g"] }];

  /** Colours of the labels in their order, as hexadecimal texts. */
  @property({ converter: lenient, attribute: "label-colors" }) labelColors: unknown;

  protected override get colors(): readonly string[] {
    return Array.isArray(this.labelColors) ? this.labelColors.map(String) : [];
  }
}
