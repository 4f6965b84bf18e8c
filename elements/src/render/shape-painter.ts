/** Draws shapes on a 2-D context in device pixels. Shapes of one style are one path: two calls for thousands of them. */
import { boundsOf } from "../geometry/box.js";
import type { Point } from "../geometry/point.js";
import type { View } from "../geometry/view.js";
import { kindOf } from "../model/registry.js";
import type { Shape } from "../model/shape.js";
import type { LabelStyle, Palette } from "./palette.js";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export const LINE_PX = 2;
const KEYPOINT_PX = 5;
const FILL_ALPHA = 0.1;
/** How far a shape's ink reaches beyond its bounds, in CSS pixels. */
export const INK_PX = KEYPOINT_PX + LINE_PX + 2;
/** Vertices nearer than this to the last one drawn are left out: nobody sees them, and large polygons draw faster. */
const SKIP_DEVICE_PX = 1;

/** Adds the outline of a shape to the context's path. */
export function trace(context: Context, { kind, points }: Pick<Shape, "kind" | "points">, view: View, ratio: number): void {
  const { scale, x, y } = view;
  if (kind === "box") {
    // Whole device pixels, so that edges are crisp at any zoom.
    const [a, b] = points as readonly [Point, Point];
    const left = Math.round(a.x * scale + x);
    const top = Math.round(a.y * scale + y);
    context.rect(left, top, Math.round(b.x * scale + x) - left, Math.round(b.y * scale + y) - top);
    return;
  }
  if (kind === "keypoint") {
    const [p] = points as readonly [Point];
    const [cx, cy] = [(p.x + 0.5) * scale + x, (p.y + 0.5) * scale + y];
    context.moveTo(cx + KEYPOINT_PX * ratio, cy);
    context.arc(cx, cy, KEYPOINT_PX * ratio, 0, 2 * Math.PI);
    return;
  }
  let px = NaN;
  let py = NaN;
  const last = points.length - 1;
  for (let i = 0; i <= last; i++) {
    const p = points[i] as Point;
    const nx = p.x * scale + x;
    const ny = p.y * scale + y;
    if (i === 0) context.moveTo(nx, ny);
    else if (i < last && Math.abs(nx - px) < SKIP_DEVICE_PX && Math.abs(ny - py) < SKIP_DEVICE_PX) continue;
    else context.lineTo(nx, ny);
    [px, py] = [nx, ny];
  }
  if (kindOf({ kind }).closed) context.closePath();
}

/**
 * Draws many shapes, outlines as one path a style. Insides, where wanted, are filled thinly and one by one: overlaps add up
 * the same way however the shapes are dealt out to calls.
 */
export function paintShapes(context: Context, shapes: readonly Shape[], palette: Palette, view: View, ratio: number, filled: boolean): void {
  for (const [style, members] of byStyle(shapes, palette)) {
    if (filled) {
      context.fillStyle = style.color;
      context.globalAlpha = FILL_ALPHA;
      for (const shape of members) fill(context, shape, view, ratio);
      context.globalAlpha = 1;
    }
    context.beginPath();
    for (const shape of members) trace(context, shape, view, ratio);
    strokeAndFill(context, style, ratio, false, 0);
  }
}

function fill(context: Context, shape: Shape, view: View, ratio: number): void {
  if (!kindOf(shape).closed && kindOf(shape).maxPoints > 1) return;
  context.beginPath();
  trace(context, shape, view, ratio);
  context.fill();
}

export function strokeAndFill(context: Context, style: LabelStyle, ratio: number, filled: boolean, alpha: number, width = LINE_PX): void {
  if (filled) {
    context.globalAlpha = alpha;
    context.fillStyle = style.color;
    context.fill();
    context.globalAlpha = 1;
  }
  context.lineWidth = width * ratio;
  context.lineJoin = "round";
  context.strokeStyle = style.color;
  context.setLineDash(style.dash.map((length) => length * ratio));
  context.stroke();
}

/** A small flag with the label's name at the shape's top left corner. */
export function paintTag(context: Context, shape: Shape, text: string, style: LabelStyle, view: View, ratio: number): void {
  const { left, top } = boundsOf(shape.points);
  const height = 18 * ratio;
  context.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  const width = Math.min(context.measureText(text).width + 10 * ratio, 240 * ratio);
  const x = Math.max(left * view.scale + view.x - ratio, 0);
  const y = Math.max(top * view.scale + view.y - height - 3 * ratio, 0);
  context.fillStyle = style.color;
  context.beginPath();
  context.roundRect(x, y, width, height, 3 * ratio);
  context.fill();
  context.fillStyle = style.onColor;
  context.textBaseline = "middle";
  context.fillText(text, x + 5 * ratio, y + height / 2 + ratio / 2, width - 8 * ratio);
}

function byStyle(shapes: readonly Shape[], palette: Palette): Map<LabelStyle, Shape[]> {
  const groups = new Map<LabelStyle, Shape[]>();
  for (const shape of shapes) {
    const style = palette.of(shape.label);
    const group = groups.get(style);
    if (group) group.push(shape);
    else groups.set(style, [shape]);
  }
  return groups;
}
