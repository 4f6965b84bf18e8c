import { readVertices, ShapeElement, writeVertices, type ShapeAdapter } from "../../drawing/shape-element.js";
import { PolygonTool } from "../../tools/polygon.js";

export const polygons: ShapeAdapter = {
  kind: "polygon",
  list: "polygons",
  write: (shape) => ({ label: shape.label, vertices: writeVertices(shape) }),
  read: (record) => readVertices(record.vertices, 3),
};

/**
 * Polygons on an image: `<crowd-polygon name src header labels initial-value>`.
 *
 * Answer: `{polygons: [{label, vertices: [{x, y}]}], inputImageProperties: {height, width}}`, and `initialValueModified`
 * where `initial-value` is given.
 */
export class CrowdPolygon extends ShapeElement {
  protected readonly adapter = polygons;
  protected readonly tools = [{ tool: new PolygonTool(this.editor), keys: ["g"] }];
}
