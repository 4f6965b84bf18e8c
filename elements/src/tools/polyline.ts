/** Draws polylines: click or drag; Enter or a click on the last point ends. */
import type { Editor } from "../model/editor.js";
import { PathTool } from "./path-tool.js";

export class PolylineTool extends PathTool {
  constructor(editor: Editor) {
    super(editor, { kind: "polyline", title: "Polyline", simple: false });
  }
}
