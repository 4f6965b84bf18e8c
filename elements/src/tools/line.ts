/** Draws lines: two clicks, or one drag. */
import type { Editor } from "../model/editor.js";
import { PathTool } from "./path-tool.js";

export class LineTool extends PathTool {
  constructor(editor: Editor) {
    super(editor, { kind: "line", title: "Line", simple: false });
  }
}
