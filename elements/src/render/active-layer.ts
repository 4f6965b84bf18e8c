/** What changes with every pointer move: the selected or previewed shape with its handles, the draft, the cross-hair. */
import type { Point } from "../geometry/point.js";
import type { View } from "../geometry/view.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import type { Shape } from "../model/shape.js";
import { showsHandles } from "../tools/editing.js";
import { PathTool } from "../tools/path-tool.js";
import { fitCanvas, makeCanvas, type Frame, type Layer } from "./layer.js";
import { Palette, type LabelStyle } from "./palette.js";
import { paintTag, strokeAndFill, trace } from "./shape-painter.js";

type Context = CanvasRenderingContext2D;

/** Draws on the active layer too, after everything else: a tool's own cursor, for example a brush's ring. */
export type Overlay = (context: Context, frame: Frame) => void;

export class ActiveLayer implements Layer {
  /** Templates of Ground Truth reach for the canvas by the name `upper-canvas`. */
  readonly canvas = makeCanvas("upper-canvas");
  readonly #context = this.canvas.getContext("2d") as Context;
  palette = new Palette();
  /** Where the pointer is, in image coordinates; null while it is elsewhere. */
  pointer: Point | null = null;
  crossHair = true;
  readonly overlays: Overlay[] = [];

  constructor(readonly editor: Editor) {}

  draw(frame: Frame): boolean {
    fitCanvas(this.canvas, frame.size);
    const context = this.#context;
    context.clearRect(0, 0, frame.size.width, frame.size.height);
    const { editor } = this;
    const preview = editor.preview?.shape ?? null;
    const selected = editor.selected;
    const hovered = editor.hover === null ? undefined : editor.document.shapes.get(editor.hover);
    if (hovered && hovered.id !== selected?.id) this.#paintShape(hovered, frame, false);
    if (selected && editor.preview?.replaces !== selected.id) this.#paintShape(selected, frame, true);
    if (preview) this.#paintShape(preview, frame, editor.preview?.replaces !== null);
    if (editor.tool instanceof PathTool) this.#paintDraft(editor.tool, frame);
    if (this.crossHair && this.pointer && editor.tool?.cursor === "crosshair") this.#paintCrossHair(this.pointer, frame);
    for (const overlay of this.overlays) overlay(context, frame);
    return false;
  }

  #paintShape(shape: Shape, { view, ratio }: Frame, handles: boolean): void {
    if (this.editor.hidden.has(shape.label)) return;
    const context = this.#context;
    const style = this.palette.of(shape.label);
    context.beginPath();
    trace(context, shape, view, ratio);
    // A pale rim keeps the outline visible on an image of the label's own colour.
    context.setLineDash([]);
    context.lineWidth = 5 * ratio;
    context.strokeStyle = "rgb(255 255 255 / .65)";
    context.lineJoin = "round";
    context.stroke();
    strokeAndFill(context, style, ratio, kindOf(shape).closed, 0.16, 3);
    if (handles && showsHandles(shape, view.scale / ratio)) this.#paintHandles(shape, style, view, ratio);
    paintTag(context, shape, shape.label, style, view, ratio);
  }

  #paintHandles(shape: Shape, style: LabelStyle, view: View, ratio: number): void {
    const context = this.#context;
    const vertex = this.editor.selection?.vertex ?? null;
    context.setLineDash([]);
    context.lineWidth = 2 * ratio;
    context.strokeStyle = style.color;
    for (const handle of kindOf(shape).handles(shape.points)) {
      const x = handle.point.x * view.scale + view.x;
      const y = handle.point.y * view.scale + view.y;
      const active = !handle.inserts && handle.index === vertex;
      const side = (handle.inserts ? 5 : active ? 12 : 9) * ratio;
      context.fillStyle = active ? style.color : "#ffffff";
      context.globalAlpha = handle.inserts ? 0.75 : 1;
      context.beginPath();
      if (handle.inserts) context.arc(x, y, side / 2, 0, 2 * Math.PI);
      else context.rect(Math.round(x - side / 2), Math.round(y - side / 2), side, side);
      context.fill();
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #paintDraft(tool: PathTool, { view, ratio }: Frame): void {
    const points = tool.drawnPoints;
    const { draft } = this.editor.document;
    if (!draft || points.length === 0) return;
    const context = this.#context;
    const style = this.palette.of(draft.label);
    const open = tool.cursorPoint ? [...points, tool.cursorPoint] : points;
    context.beginPath();
    trace(context, { kind: "polyline", points: open }, view, ratio);
    context.setLineDash([]);
    context.lineWidth = 5 * ratio;
    context.strokeStyle = "rgb(255 255 255 / .65)";
    context.stroke();
    strokeAndFill(context, style, ratio, false, 0, 3);
    context.setLineDash([]);
    context.lineWidth = 2 * ratio;
    const closable = kindOf(draft).closed && draft.points.length >= kindOf(draft).minPoints;
    draft.points.forEach((p, i) => {
      // The first point grows once a click on it closes the shape.
      const radius = (i === 0 && closable ? 7 : 4) * ratio;
      context.beginPath();
      context.arc(p.x * view.scale + view.x, p.y * view.scale + view.y, radius, 0, 2 * Math.PI);
      context.fillStyle = "#ffffff";
      context.fill();
      context.stroke();
    });
  }

  #paintCrossHair(at: Point, { view, size, ratio }: Frame): void {
    const context = this.#context;
    const x = Math.round(at.x * view.scale + view.x) + 0.5;
    const y = Math.round(at.y * view.scale + view.y) + 0.5;
    context.setLineDash([]);
    for (const [color, shift] of [["rgb(0 0 0 / .55)", 1], ["rgb(255 255 255 / .8)", 0]] as const) {
      context.strokeStyle = color;
      context.lineWidth = Math.max(Math.round(ratio), 1);
      context.beginPath();
      context.moveTo(0, y + shift);
      context.lineTo(size.width, y + shift);
      context.moveTo(x + shift, 0);
      context.lineTo(x + shift, size.height);
      context.stroke();
    }
  }
}
