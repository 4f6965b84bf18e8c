/**
 * All shapes but the active one. Built so that no frame has to draw them all:
 *
 * - a change draws only the rectangle it touches (the spatial index finds what lies there);
 * - panning shifts the canvas's own pixels and draws the strips that came into sight;
 * - zooming stretches the last picture at once (a CSS transform) while the sharp one is drawn, a slice a frame, on a second canvas.
 *
 * The canvas has a view of its own, the one its pixels were drawn for; the transform leads from it to the frame's view.
 */
import { boundsOf, grow, union, type Box } from "../geometry/box.js";
import type { Size } from "../geometry/point.js";
import type { View } from "../geometry/view.js";
import type { Editor } from "../model/editor.js";
import type { Shape } from "../model/shape.js";
import { fitCanvas, makeCanvas, type Frame, type Layer } from "./layer.js";
import { Palette } from "./palette.js";
import { INK_PX, LINE_PX, paintShapes, type Look } from "./shape-painter.js";

interface Job {
  readonly view: View;
  readonly look: Look;
  readonly shapes: readonly Shape[];
  next: number;
}

/** Shapes with at most this many points are drawn at once, without the detour over a stretched picture. */
const AT_ONCE_POINTS = 3000;
const SLICE_POINTS = 400;
/** With more shapes than this in sight insides stay empty: where hundreds overlap, fills only hide the image. */
const FILLED_UP_TO = 300;
/** With more than this, outlines are one device pixel wide: thicker ones run together, and take five times as long. */
const THICK_UP_TO = 600;
/** From this many patches a frame on, everything is drawn anew instead. */
const MANY_PATCHES = 24;

export class StaticLayer implements Layer {
  readonly canvas = makeCanvas("lower-canvas");
  readonly #context = this.canvas.getContext("2d") as CanvasRenderingContext2D;
  readonly #back = document.createElement("canvas");
  readonly #backContext = this.#back.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  #palette = new Palette();
  #drawn: View | null = null;
  #look: Look = { filled: true, line: LINE_PX };
  #ratio = 1;
  #blank = true;
  #job: Job | null = null;
  #patches: Box[] = [];
  /** The shape drawn by the active layer instead of this one. */
  #lifted: number | null = null;
  #hidden = "";
  readonly #forget: () => void;

  constructor(readonly editor: Editor) {
    this.#forget = editor.document.shapes.onChange((changes) => {
      for (const { before, after } of changes) {
        if (before) this.#patches.push(boundsOf(before.points));
        if (after) this.#patches.push(boundsOf(after.points));
        if (this.#patches.length > MANY_PATCHES) return this.invalidate();
      }
    });
  }

  set palette(palette: Palette) {
    this.#palette = palette;
    this.invalidate();
  }

  get palette(): Palette {
    return this.#palette;
  }

  /** Nothing has been shown yet. */
  get blank(): boolean {
    return this.#blank;
  }

  /** Draws everything again, keeping the old picture until the new one is there. */
  invalidate(): void {
    this.#drawn = null;
    this.#job = null;
    this.#patches = [];
  }

  dispose(): void {
    this.#forget();
  }

  draw(frame: Frame): boolean {
    this.#lift();
    this.#noticeHidden();
    if (fitCanvas(this.canvas, frame.size) || this.#ratio !== frame.ratio) this.invalidate();
    this.#ratio = frame.ratio;
    if (this.#patches.length > 0) this.#patch(frame.size, this.#drawn);
    if (this.#drawn && !this.#job && this.#pan(frame, this.#drawn)) return false;
    this.#job ??= this.#startJob(frame);
    const done = this.#work(this.#job, frame);
    const behind = this.#drawn === null || !same(this.#drawn, frame.view);
    this.#place(frame.view);
    return !done || behind;
  }

  /** The active layer draws the selected shape: it leaves this layer, and the one before comes back. */
  #lift(): void {
    const lifted = this.editor.selection?.id ?? null;
    if (lifted === this.#lifted) return;
    for (const id of [lifted, this.#lifted]) {
      const shape = id === null ? undefined : this.editor.document.shapes.get(id);
      if (shape) this.#patches.push(boundsOf(shape.points));
    }
    this.#lifted = lifted;
  }

  #noticeHidden(): void {
    const hidden = [...this.editor.hidden].join("\n");
    if (hidden === this.#hidden) return;
    this.#hidden = hidden;
    this.invalidate();
  }

  #visible(box: Box): Shape[] {
    const { editor } = this;
    return editor.document.shapes.within(box).filter(({ id, label }) => id !== this.#lifted && !editor.hidden.has(label));
  }

  #startJob(frame: Frame): Job {
    const shapes = this.#visible(grow(imageBox(frame.view, { left: 0, top: 0, ...frame.size }), this.#ink(frame.view)));
    fitCanvas(this.#back, frame.size);
    this.#backContext.clearRect(0, 0, frame.size.width, frame.size.height);
    const line = shapes.length <= THICK_UP_TO ? LINE_PX * frame.ratio : Math.max(Math.round(frame.ratio / 2), 1);
    return { view: frame.view, look: { filled: shapes.length <= FILLED_UP_TO, line }, shapes, next: 0 };
  }

  /** Draws slices until the budget is spent; the finished picture replaces the shown one. True when done. */
  #work(job: Job, frame: Frame): boolean {
    const end = performance.now() + frame.budget;
    const atOnce = pointsOf(job.shapes) <= AT_ONCE_POINTS;
    while (job.next < job.shapes.length) {
      let to = job.next;
      for (let points = 0; to < job.shapes.length && (atOnce || points < SLICE_POINTS); to++) points += (job.shapes[to] as Shape).points.length;
      paintShapes(this.#backContext, job.shapes.slice(job.next, to), this.#palette, job.view, this.#ratio, job.look);
      job.next = to;
      // Browsers put drawing off until somebody looks; without this look the last slice would pay for all.
      this.#backContext.getImageData(0, 0, 1, 1);
      if (performance.now() > end && job.next < job.shapes.length) return false;
    }
    this.#context.globalCompositeOperation = "copy";
    this.#context.drawImage(this.#back, 0, 0);
    this.#context.globalCompositeOperation = "source-over";
    this.#drawn = job.view;
    this.#look = job.look;
    this.#blank &&= job.shapes.length === 0;
    this.#job = null;
    return true;
  }

  /** Shifts the picture by whole device pixels and fills the strips; false if the scale changed or the way is too far. */
  #pan(frame: Frame, drawn: View): boolean {
    const { view, size } = frame;
    const [dx, dy] = [view.x - drawn.x, view.y - drawn.y];
    if (view.scale !== drawn.scale || Math.abs(dx) >= size.width || Math.abs(dy) >= size.height) return false;
    if (!Number.isInteger(dx) || !Number.isInteger(dy)) return false;
    if (dx !== 0 || dy !== 0) {
      this.#context.globalCompositeOperation = "copy";
      this.#context.drawImage(this.canvas, dx, dy);
      this.#context.globalCompositeOperation = "source-over";
      this.#drawn = view;
      for (const strip of strips(dx, dy, size)) this.#redraw(strip, view);
    }
    this.#place(view);
    return true;
  }

  #patch(size: Size, drawn: View | null): void {
    // A picture in the making would miss the change: it begins again.
    this.#job = null;
    if (!drawn) {
      this.#patches = [];
      return;
    }
    const ink = this.#ink(drawn);
    const dirty = this.#patches.map((box) => grow(box, ink));
    this.#patches = [];
    const all = dirty.reduce(union);
    const apart = dirty.reduce((sum, box) => sum + box.width * box.height, 0);
    for (const box of all.width * all.height <= apart * 1.5 ? [all] : dirty) {
      const device = deviceBox(drawn, box, size);
      if (device) this.#redraw(device, drawn);
    }
  }

  /** Clears a rectangle of device pixels and draws what belongs there. */
  #redraw(device: Box, view: View): void {
    const context = this.#context;
    const shapes = this.#visible(grow(imageBox(view, device), this.#ink(view)));
    context.save();
    context.beginPath();
    context.rect(device.left, device.top, device.width, device.height);
    context.clip();
    context.clearRect(device.left, device.top, device.width, device.height);
    paintShapes(context, shapes, this.#palette, view, this.#ratio, this.#look);
    context.restore();
  }

  /** Lays the picture where the frame's view wants it. */
  #place(view: View): void {
    const from = this.#drawn;
    const scale = from ? view.scale / from.scale : 1;
    const x = from ? (view.x - from.x * scale) / this.#ratio : 0;
    const y = from ? (view.y - from.y * scale) / this.#ratio : 0;
    const transform = scale === 1 && x === 0 && y === 0 ? "" : `matrix(${scale},0,0,${scale},${x},${y})`;
    if (this.canvas.style.transform !== transform) this.canvas.style.transform = transform;
  }

  /** Reach of a shape's ink beyond its bounds, in image units. */
  #ink(view: View): number {
    return (INK_PX * this.#ratio) / view.scale;
  }
}

const same = (a: View, b: View): boolean => a.scale === b.scale && a.x === b.x && a.y === b.y;

const pointsOf = (shapes: readonly Shape[]): number => shapes.reduce((sum, shape) => sum + shape.points.length, 0);

const imageBox = (view: View, device: Box): Box => ({
  left: (device.left - view.x) / view.scale,
  top: (device.top - view.y) / view.scale,
  width: device.width / view.scale,
  height: device.height / view.scale,
});

/** The whole device pixels that an image box covers on the canvas; null if it lies outside. */
function deviceBox(view: View, box: Box, size: Size): Box | null {
  const left = Math.max(Math.floor(box.left * view.scale + view.x), 0);
  const top = Math.max(Math.floor(box.top * view.scale + view.y), 0);
  const right = Math.min(Math.ceil((box.left + box.width) * view.scale + view.x), size.width);
  const bottom = Math.min(Math.ceil((box.top + box.height) * view.scale + view.y), size.height);
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : null;
}

/** What a shift by (dx, dy) uncovers: a strip at the side and one at the top or bottom. */
function strips(dx: number, dy: number, { width, height }: Size): Box[] {
  const found: Box[] = [];
  if (dx !== 0) found.push({ left: dx > 0 ? 0 : width + dx, top: 0, width: Math.abs(dx), height });
  if (dy !== 0) found.push({ left: 0, top: dy > 0 ? 0 : height + dy, width, height: Math.abs(dy) });
  return found;
}
