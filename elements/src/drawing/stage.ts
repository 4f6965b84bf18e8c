/**
 * The stage: image, layers and view on one surface element. It turns screen into image coordinates, draws at most once a
 * frame, and only what is out of date. What pointers do on it is in `gestures.ts`.
 */
import { clampTo, type Point, type Size } from "../geometry/point.js";
import type { Insets, View } from "../geometry/view.js";
import * as views from "../geometry/view.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import { ActiveLayer } from "../render/active-layer.js";
import { loadImage, type LoadedImage } from "../render/image.js";
import { ImageLayer } from "../render/image-layer.js";
import type { Layer } from "../render/layer.js";
import type { Palette } from "../render/palette.js";
import { StaticLayer } from "../render/static-layer.js";
import { cursorAt } from "../tools/editing.js";
import { reach, type ToolPointer } from "../tools/tool.js";

export interface Adjustments {
  /** 1 is the image as it is; 0.2 to 3. */
  readonly brightness: number;
  readonly contrast: number;
  /** 0 shows the image fully, 0.9 almost not. */
  readonly dim: number;
}

export const UNADJUSTED: Adjustments = { brightness: 1, contrast: 1, dim: 0 };

const SLICE_MS = 4;
/** Smaller copies of the image are made once the task is on the screen and the worker looks at it. */
const PREPARE_AFTER_MS = 600;
/** While nothing is shown yet there is nothing to keep smooth. */
const FIRST_PAINT_MS = 80;

export class Stage {
  readonly image = new ImageLayer();
  readonly shapes: StaticLayer;
  readonly active: ActiveLayer;
  /** Bottom to top. Other layers are put between with `addLayer`. */
  readonly layers: Layer[];
  /** Called after the view, the size or the pointer's place changed, once a frame. */
  onFrame: () => void = () => undefined;
  /** Room that toolbar, question and status bar take from the stage; a fitted image keeps clear of them. */
  insets: () => Insets = () => ({ top: 12, right: 12, bottom: 12, left: 12 });
  loaded: LoadedImage | null = null;
  #surface: HTMLElement | null = null;
  #resizes: ResizeObserver | null = null;
  #size: Size = { width: 0, height: 0 };
  #device: Size = { width: 0, height: 0 };
  #view: View = { scale: 1, x: 0, y: 0 };
  #fitted = true;
  #complete = false;
  #painted = false;
  #frame = 0;
  #loads = 0;
  #pointer: ToolPointer | null = null;
  #pointerMoved = false;
  #adjustments = UNADJUSTED;
  readonly #forget: () => void;

  constructor(readonly editor: Editor) {
    this.shapes = new StaticLayer(editor);
    this.active = new ActiveLayer(editor);
    this.layers = [this.image, this.shapes, this.active];
    this.#forget = editor.on((event) => {
      if (event.type !== "message") this.invalidate();
    });
  }

  /** Puts a layer directly over the image (masks), below the shapes. */
  addLayer(layer: Layer): void {
    this.layers.splice(1, 0, layer);
  }

  // The surface

  attach(surface: HTMLElement): void {
    if (this.#surface === surface) return;
    this.detach();
    this.#surface = surface;
    this.#resizes = new ResizeObserver(([entry]) => entry && this.#resized(entry));
    try {
      this.#resizes.observe(surface, { box: "device-pixel-content-box" });
    } catch {
      this.#resizes.observe(surface);
    }
  }

  detach(): void {
    this.#resizes?.disconnect();
    this.#surface = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  dispose(): void {
    this.detach();
    this.#forget();
    this.shapes.dispose();
    this.loaded?.close();
  }

  get surface(): HTMLElement | null {
    return this.#surface;
  }

  /** Size in CSS pixels. */
  get size(): Size {
    return this.#size;
  }

  get ratio(): number {
    return this.#size.width > 0 ? this.#device.width / this.#size.width : 1;
  }

  // The image

  /** Loads an image and fits it; resolves to its natural size, or null when another load came in between. */
  async load(src: string): Promise<Size | null> {
    const load = ++this.#loads;
    const image = await loadImage(src);
    if (load !== this.#loads) {
      image.close();
      return null;
    }
    this.loaded?.close();
    this.loaded = image;
    this.image.image = image;
    this.editor.document.size = image.size;
    this.fit();
    setTimeout(() => void image.prepare().catch(() => undefined), PREPARE_AFTER_MS);
    return image.size;
  }

  get adjustments(): Adjustments {
    return this.#adjustments;
  }

  adjust(change: Partial<Adjustments>): void {
    const { brightness, contrast, dim } = { ...this.#adjustments, ...change };
    const within = (value: number, low: number, high: number): number => Math.min(Math.max(Math.round(value * 100) / 100, low), high);
    this.#adjustments = { brightness: within(brightness, 0.2, 3), contrast: within(contrast, 0.2, 3), dim: within(dim, 0, 0.9) };
    const now = this.#adjustments;
    const filter = now.brightness === 1 && now.contrast === 1 ? "" : `brightness(${now.brightness}) contrast(${now.contrast})`;
    this.image.canvas.style.filter = filter;
    this.image.canvas.style.opacity = now.dim === 0 ? "" : `${1 - now.dim}`;
  }

  set palette(palette: Palette) {
    this.shapes.palette = palette;
    this.active.palette = palette;
    this.invalidate();
  }

  // The view

  get view(): View {
    return this.#view;
  }

  set view(view: View) {
    const kept = views.keepInSight(view, this.editor.document.size, this.#size);
    // Whole device pixels: the picture can be shifted without drawing it again, and boxes stay crisp.
    const snap = (value: number): number => Math.round(value * this.ratio) / this.ratio;
    this.#view = { scale: kept.scale, x: snap(kept.x), y: snap(kept.y) };
    this.#fitted = false;
    this.invalidate();
  }

  get scale(): number {
    return this.#view.scale;
  }

  fit(): void {
    this.view = views.fit(this.editor.document.size, this.#size, this.insets());
    this.#fitted = true;
  }

  /** One natural pixel a device pixel; the middle of the view, or the image point given, stays. */
  actualSize(): void {
    this.zoomTo(1 / this.ratio);
  }

  zoomTo(scale: number, at: Point = { x: this.#size.width / 2, y: this.#size.height / 2 }): void {
    this.view = views.zoomTo(this.#view, scale, at, this.editor.document.size, this.#size);
  }

  zoomBy(factor: number, at?: Point): void {
    this.zoomTo(this.#view.scale * factor, at);
  }

  panBy(dx: number, dy: number): void {
    this.view = views.pan(this.#view, dx, dy);
  }

  /** Pans just far enough to show the shape that the keyboard works on. */
  reveal(points: readonly Point[]): void {
    const screen = points.map((p) => views.toScreen(this.#view, p));
    const middle = { x: avg(screen.map((p) => p.x)), y: avg(screen.map((p) => p.y)) };
    const { width, height } = this.#size;
    if (middle.x >= 0 && middle.x <= width && middle.y >= 0 && middle.y <= height) return;
    this.panBy(width / 2 - middle.x, height / 2 - middle.y);
  }

  /** The middle of what is seen of the image between toolbar and borders, in image coordinates. */
  get centre(): Point {
    const insets = this.insets();
    const { width, height } = this.editor.document.size;
    const low = views.toImage(this.#view, { x: insets.left, y: insets.top });
    const high = views.toImage(this.#view, { x: this.#size.width - insets.right, y: this.#size.height - insets.bottom });
    const middle = (from: number, to: number, end: number): number => (Math.max(from, 0) + Math.min(to, end)) / 2;
    return clampTo({ x: middle(low.x, high.x, width), y: middle(low.y, high.y, height) }, { width, height });
  }

  toImage(screen: Point): Point {
    return views.toImage(this.#view, screen);
  }

  // The pointer

  /** The pointer over the surface, for hover, cross-hair and cursor; null when it left. */
  setPointer(pointer: ToolPointer | null): void {
    this.#pointer = pointer;
    this.active.pointer = pointer && pointer.pointerType !== "touch" ? pointer.point : null;
    this.#pointerMoved = true;
    this.invalidate();
  }

  get pointer(): Point | null {
    return this.#pointer?.point ?? null;
  }

  // Frames

  /** The image has been drawn at least once. */
  get painted(): boolean {
    return this.#painted;
  }

  /** Everything is on the screen as it should be; nothing is left for a later frame. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Draws in the next frame whatever is out of date. */
  invalidate(): void {
    this.#complete = false;
    if (this.#frame || !this.#surface) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Draws everything again. */
  redraw(): void {
    this.image.invalidate();
    this.shapes.invalidate();
    this.invalidate();
  }

  #draw(): void {
    const { width } = this.#device;
    if (width === 0 || !this.loaded) return;
    if (this.#pointerMoved) this.#hover();
    const { ratio } = this;
    const { scale, x, y } = this.#view;
    const view = { scale: scale * ratio, x: Math.round(x * ratio), y: Math.round(y * ratio) };
    const frame = { view, size: this.#device, ratio, budget: this.shapes.blank ? FIRST_PAINT_MS : SLICE_MS };
    let unfinished = false;
    for (const layer of this.layers) unfinished = layer.draw(frame) || unfinished;
    this.onFrame();
    this.#painted = true;
    this.#complete = !unfinished;
    if (unfinished) this.invalidate();
  }

  #hover(): void {
    this.#pointerMoved = false;
    const { editor } = this;
    const pointer = this.#pointer;
    const idle = pointer !== null && editor.tool?.phase === "idle";
    const grip = idle ? cursorAt(editor, pointer) : null;
    const [hit] = idle && !grip && editor.tool?.kind ? editor.hits(pointer.point, reach(pointer)) : [];
    const touches = hit !== undefined && pointer !== null && (kindOf(hit.shape).maxPoints === 1 || hit.distance <= reach(pointer));
    editor.setHover(touches ? hit.shape.id : null);
    if (this.#surface) this.#surface.style.cursor = grip ?? (touches ? "pointer" : (editor.tool?.cursor ?? ""));
  }

  #resized(entry: ResizeObserverEntry): void {
    const { width, height } = entry.contentRect;
    const exact = entry.devicePixelContentBoxSize?.[0];
    const ratio = window.devicePixelRatio || 1;
    const before = views.toImage(this.#view, { x: this.#size.width / 2, y: this.#size.height / 2 });
    this.#size = { width, height };
    this.#device = exact
      ? { width: exact.inlineSize, height: exact.blockSize }
      : { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    if (this.#fitted) this.fit();
    else this.view = views.centreOn(this.#view, before, this.#size);
    this.redraw();
  }
}

const avg = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1);
