/** Draws polygons: click or drag, close on the first point, by Enter or by a double click. */
import type { Editor } from "../model/editor.js";
import { PathTool } from "./path-tool.js";

export class PolygonTool extends PathTool {
  constructor(editor: Editor) {
    super(editor, { kind: "polygon", title: "Polygon", simple: true });
  }
}
