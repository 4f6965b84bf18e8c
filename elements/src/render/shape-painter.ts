/** Draws shapes on a 2-D context in device pixels. */
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
const SKIP_PX = 1.5;

interface Painter {
  /** Adds the outline to the context's path. */
  trace(context: Context, points: readonly Point[], view: View, ratio: number, closed: boolean): void;
  /** Strokes the outline by itself, where that is much cheaper than as part of a path. */
  stroke?(context: Context, points: readonly Point[], view: View): void;
}

/** Painters by kind of shape; kinds without one are paths through their points. */
const PAINTERS: Readonly<Record<string, Painter>> = {
  box: {
    trace: (context, points, view) => context.rect(...deviceRect(points, view)),
    stroke: (context, points, view) => context.strokeRect(...deviceRect(points, view)),
  },
  keypoint: {
    trace(context, points, { scale, x, y }, ratio) {
      const [p] = points as readonly [Point];
      const [cx, cy] = [(p.x + 0.5) * scale + x, (p.y + 0.5) * scale + y];
      context.moveTo(cx + KEYPOINT_PX * ratio, cy);
      context.arc(cx, cy, KEYPOINT_PX * ratio, 0, 2 * Math.PI);
    },
  },
};

/** Whole device pixels, so that edges are crisp at any zoom. */
function deviceRect(points: readonly Point[], { scale, x, y }: View): [number, number, number, number] {
  const [a, b] = points as readonly [Point, Point];
  const left = Math.round(a.x * scale + x);
  const top = Math.round(a.y * scale + y);
  return [left, top, Math.round(b.x * scale + x) - left, Math.round(b.y * scale + y) - top];
}

const pathPainter: Painter = {
  trace(context, points, { scale, x, y }, ratio, closed) {
    const skip = SKIP_PX * ratio;
    let px = NaN;
    let py = NaN;
    const last = points.length - 1;
    for (let i = 0; i <= last; i++) {
      const p = points[i] as Point;
      const nx = p.x * scale + x;
      const ny = p.y * scale + y;
      if (i === 0) context.moveTo(nx, ny);
      else if (i < last && Math.abs(nx - px) < skip && Math.abs(ny - py) < skip) continue;
      else context.lineTo(nx, ny);
      [px, py] = [nx, ny];
    }
    if (closed) context.closePath();
  },
};

const painterOf = (kind: string): Painter => PAINTERS[kind] ?? pathPainter;

/** Adds the outline of a shape to the context's path. */
export function trace(context: Context, { kind, points }: Pick<Shape, "kind" | "points">, view: View, ratio: number): void {
  painterOf(kind).trace(context, points, view, ratio, kindOf({ kind }).closed);
}

/** How a whole picture of shapes is drawn. */
export interface Look {
  /** Insides are filled thinly. */
  readonly filled: boolean;
  /** Width of outlines in device pixels. */
  readonly line: number;
}

/**
 * Draws many shapes in their order, each by itself. So the picture is the same however the shapes are dealt out to slices and
 * patches, and browsers stroke many short paths faster than one long one.
 */
export function paintShapes(context: Context, shapes: readonly Shape[], palette: Palette, view: View, ratio: number, look: Look): void {
  let last: LabelStyle | null = null;
  for (const shape of shapes) {
    const style = palette.of(shape.label);
    if (style !== last) pen(context, style, ratio, look.line);
    last = style;
    if (look.filled) fill(context, shape, style, view, ratio);
    outline(context, shape, view, ratio);
  }
}

function outline(context: Context, shape: Shape, view: View, ratio: number): void {
  const painter = painterOf(shape.kind);
  if (painter.stroke) return painter.stroke(context, shape.points, view);
  context.beginPath();
  trace(context, shape, view, ratio);
  context.stroke();
}

/** Insides are filled thinly, so that overlaps stay readable. */
function fill(context: Context, shape: Shape, style: LabelStyle, view: View, ratio: number): void {
  if (!kindOf(shape).closed && kindOf(shape).maxPoints > 1) return;
  context.fillStyle = style.color;
  context.globalAlpha = FILL_ALPHA;
  context.beginPath();
  trace(context, shape, view, ratio);
  context.fill();
  context.globalAlpha = 1;
}

export function strokeAndFill(context: Context, style: LabelStyle, ratio: number, filled: boolean, alpha: number, width = LINE_PX): void {
  if (filled) {
    context.globalAlpha = alpha;
    context.fillStyle = style.color;
    context.fill();
    context.globalAlpha = 1;
  }
  pen(context, style, ratio, width * ratio);
  context.stroke();
}

/** `width` in device pixels. */
function pen(context: Context, style: LabelStyle, ratio: number, width: number): void {
  context.lineWidth = width;
  context.lineJoin = "bevel";
  context.strokeStyle = style.color;
  context.setLineDash(style.dash.map((length) => length * ratio));
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
