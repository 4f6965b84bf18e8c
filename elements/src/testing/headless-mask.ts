/** Paints a mask without a page: the tools of the mask elements over a headless editor, one number for each label. */
import type { Tool } from "../tools/tool.js";
import { Mask } from "../model/mask.js";
import { BrushTool } from "../tools/brush.js";
import { EraserTool } from "../tools/eraser.js";
import { FloodFillTool } from "../tools/flood-fill.js";
import type { Paint } from "../tools/painting.js";
import { PolygonFillTool } from "../tools/polygon-fill.js";
import { WandTool } from "../tools/wand.js";
import { HeadlessEditor } from "./headless-editor.js";

const SIZE = { width: 600, height: 300 };

export class HeadlessMask extends HeadlessEditor {
  readonly mask: Mask;
  readonly paint: Paint;
  readonly tools: Readonly<Record<"brush" | "eraser" | "outline" | "flood" | "wand", Tool>>;
  picked: number | undefined;
  sparing = false;
  /** Colours of the image for the wand: red is the column's number. */
  readonly colors = Uint8ClampedArray.from({ length: 4 * SIZE.width }, (_, i) => (i % 4 === 0 ? i / 4 / 3 : 255));

  constructor(size = SIZE) {
    super(() => null, { size });
    const { editor } = this;
    this.mask = new Mask(editor);
    this.mask.resize(size, false);
    editor.labels.forEach((label, index) => this.mask.addRegion(index + 1, label));
    this.paint = {
      editor,
      mask: this.mask,
      size: 10,
      tolerance: 10,
      value: () => (editor.label === null ? null : editor.labels.indexOf(editor.label) + 1),
      over: (value) => (this.sparing && value !== 0 ? 0 : undefined),
      pick: (at) => (this.picked = this.mask.plane.get(Math.floor(at.x), Math.floor(at.y))),
      pixels: () => ({ row: () => ({ data: this.colors, at: 0 }) }),
    };
    this.tools = {
      brush: new BrushTool(this.paint),
      eraser: new EraserTool(this.paint),
      outline: new PolygonFillTool(this.paint),
      flood: new FloodFillTool(this.paint),
      wand: new WandTool(this.paint),
    };
    this.use("brush");
  }

  use(tool: keyof HeadlessMask["tools"]): this {
    this.editor.setTool(this.tools[tool]);
    return this;
  }

  /** Every pixel, and the corners of an outline in the making. */
  get content(): string {
    const { plane } = this.mask;
    const row = new Uint8Array(plane.width);
    const rows: string[] = [];
    for (let y = 0; y < plane.height; y++) {
      plane.readRow(y, row);
      rows.push(Buffer.from(row).toString("latin1"));
    }
    return rows.join("") + JSON.stringify([this.state.draft, [...this.mask.regions.values()]]);
  }
}
