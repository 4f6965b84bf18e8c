/** Fills an outline: corners by clicks or freehand, as a polygon is drawn, each corner a step to undo. */
import { polygonSpans } from "../geometry/raster.js";
import type { Paint } from "./painting.js";
import { PathTool } from "./path-tool.js";

export class PolygonFillTool extends PathTool {
  constructor(private readonly paint: Paint) {
    super(paint.editor, { kind: "polygon", name: "polygon-fill", title: "Fill an outline", simple: false });
  }

  protected override complete(): void {
    const { editor, mask } = this.paint;
    const points = editor.document.draft?.points ?? [];
    if (points.length < 3) return void editor.refuse("An outline needs three points.");
    const value = this.paint.value();
    if (value === null) return;
    editor.takeDraft();
    if (!mask.paint(polygonSpans(points), value, "fill an outline", this.paint.over(value))) editor.documentChanged();
  }
}
