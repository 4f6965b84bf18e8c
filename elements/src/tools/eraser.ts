import { BrushTool } from "./brush.js";

/** A brush of background. */
export class EraserTool extends BrushTool {
  override readonly name = "eraser";
  override readonly title = "Eraser";

  protected override number(): number {
    return 0;
  }
}
