/**
 * The base of the elements in which a worker paints masks: plane, layer, tools, brush settings, keyboard brush, PNG.
 * What the numbers of the plane stand for (labels, or instances) is the subclass's.
 */
import { html, type nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { lenient } from "../chrome/base.js";
import type { Point, Size } from "../geometry/point.js";
import { base64, channels, encodePng } from "../geometry/png.js";
import { strokeSpans } from "../geometry/raster.js";
import type { KeyAction } from "../keys/registry.js";
import type { Tile } from "../model/label-plane.js";
import { Mask, type Region } from "../model/mask.js";
import type { Frame } from "../render/layer.js";
import { MaskLayer } from "../render/mask-layer.js";
import { BrushTool } from "../tools/brush.js";
import { EraserTool } from "../tools/eraser.js";
import { FloodFillTool } from "../tools/flood-fill.js";
import type { Paint } from "../tools/painting.js";
import { PolygonFillTool } from "../tools/polygon-fill.js";
import { WandTool } from "../tools/wand.js";
import { DrawingElement, type ToolChoice } from "./drawing-element.js";
import { readMask, readPixels } from "./mask-files.js";
import type { KeyContext } from "./stage-keys.js";

const SIZES = { least: 1, most: 400, step: 1.25 };
const OPACITY_STEP = 0.1;

export abstract class MaskElement extends DrawingElement {
  /** A mask to begin with: an address of a PNG and what its colours mean. */
  @property({ attribute: "initial-value", converter: lenient }) initialValue: unknown;

  protected readonly mask: Mask = new Mask(this.editor, this.deep());
  protected readonly layer = new MaskLayer(this.mask);
  protected readonly paint: Paint = {
    editor: this.editor,
    mask: this.mask,
    size: 24,
    tolerance: 24,
    value: () => this.valueInHand(),
    pixels: () => this.imagePixels(),
  };
  private readonly fill = new PolygonFillTool(this.paint);
  protected readonly tools: readonly ToolChoice[] = [
    { tool: new BrushTool(this.paint), keys: ["b"] },
    { tool: new EraserTool(this.paint), keys: ["e"] },
    { tool: this.fill, keys: ["p"] },
    { tool: new FloodFillTool(this.paint), keys: ["g"] },
    { tool: new WandTool(this.paint), keys: ["w"] },
  ];

  /** Where the keyboard paints, in image pixels; null until it is asked for. */
  @state() private brush: Point | null = null;
  @state() private brushDown = false;
  private encoded: { revision: number; colors: string; text: string } | undefined;
  private pixelsOf: { src: string; data: Uint8ClampedArray | null } | undefined;
  private initialRevision = 0;
  private waitingDraft: unknown;

  constructor() {
    super();
    this.layer.hidden = (value) => this.editor.hidden.has(this.mask.regions.get(value)?.label ?? "");
    this.stage.addLayer(this.layer);
    this.stage.active.overlays.push((context, frame) => this.drawCursor(context, frame));
  }

  // For subclasses

  /** Whether the plane needs more than 255 numbers. */
  protected abstract deep(): boolean;
  /** The number to paint with; null after having said why there is none. */
  protected abstract valueInHand(): number | null;
  /** Regions that a mask file's colours stand for, made where they are new. */
  protected abstract regionsOf(initial: Record<string, unknown>): readonly Region[];
  /** The answer without the picture. */
  protected abstract get legend(): Record<string, unknown>;
  /** The colour of each number from 0 on, for the picture. */
  protected abstract override get colors(): readonly string[];
  protected abstract draftLegend(): unknown;
  protected abstract restoreLegend(draft: unknown): void;

  protected override get empty(): boolean {
    return this.mask.empty;
  }

  protected override get count(): number {
    return this.mask.used.length;
  }

  override get value(): unknown {
    if (!this.imageSize) return undefined;
    const modified = this.initialValue === undefined ? {} : { initialValueModified: this.mask.revision !== this.initialRevision };
    return { labeledImage: { pngImageData: this.png }, ...this.legend, ...this.imageProperties, ...modified };
  }

  override get draft(): unknown {
    return { png: this.png, legend: this.draftLegend(), nothing: this.nothingToLabel };
  }

  override restore(draft: unknown): void {
    this.waitingDraft = draft;
    if (this.imageSize) void this.begin();
  }

  override reset(): void {
    this.waitingDraft = undefined;
    this.nothingToLabel = false;
    if (this.imageSize) void this.begin();
  }

  private get png(): string {
    const colors = this.colors.join();
    if (this.encoded?.revision !== this.mask.revision || this.encoded.colors !== colors) {
      const { plane } = this.mask;
      const bytes = encodePng(plane.width, plane.height, (y, row) => plane.readRow(y, row), this.colors);
      this.encoded = { revision: this.mask.revision, colors, text: base64(bytes) };
    }
    return this.encoded.text;
  }

  protected override imageLoaded(size: Size): void {
    this.mask.resize(size);
    this.brush = null;
    void this.begin();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("initialValue") && this.imageSize) void this.begin();
  }

  /** Puts the draft, or else the initial value, into the plane. */
  private async begin(): Promise<void> {
    const draft = this.waitingDraft as { png?: string; legend?: unknown; nothing?: boolean } | undefined;
    if (draft?.png) {
      this.restoreLegend(draft.legend);
      this.nothingToLabel = draft.nothing === true;
      const known = this.colors.map((color, value) => ({ value, color }));
      await this.read(`data:image/png;base64,${draft.png}`, known.slice(1));
    } else await this.beginWithInitialValue();
    this.editor.history.clear();
    this.requestUpdate();
  }

  private async beginWithInitialValue(): Promise<void> {
    const initial = this.initialValue as Record<string, unknown> | null | undefined;
    this.mask.resize(this.mask.plane);
    if (initial && typeof initial === "object") {
      const picture = (initial.labeledImage as { pngImageData?: string } | undefined)?.pngImageData;
      const src = typeof initial.src === "string" ? initial.src : picture && `data:image/png;base64,${picture}`;
      if (src) await this.read(src, this.regionsOf(initial));
    }
    this.initialRevision = this.mask.revision;
    this.stage.invalidate();
  }

  private async read(src: string, regions: readonly { value: number; color: string }[]): Promise<void> {
    const { plane } = this.mask;
    const values = new Map(regions.map(({ value, color }) => [channels(color).join(), value]));
    try {
      const rows = await readMask(src, plane, values, this.mask.deep);
      if (plane === this.mask.plane) this.mask.load(rows as (y: number) => Tile);
    } catch {
      this.editor.refuse("The mask to begin with could not be loaded.");
    }
    this.stage.invalidate();
  }

  private imagePixels(): Uint8ClampedArray | null {
    if (this.pixelsOf?.src !== this.src) this.pixelsOf = { src: this.src, data: readPixels(this.stage.loaded) };
    return this.pixelsOf.data;
  }

  // Keys

  protected override moreKeyActions({ editor }: KeyContext): readonly KeyAction[] {
    const move = (dx: number, dy: number, far: boolean) => () => this.moveBrush(dx, dy, far);
    const down = (): boolean => this.brush !== null;
    const arrows = [["ArrowLeft", -1, 0], ["ArrowRight", 1, 0], ["ArrowUp", 0, -1], ["ArrowDown", 0, 1]] as const;
    return [
      { id: "mask.keyboard", title: "Paint with the keyboard: arrows move, Enter paints", group: "Masks", keys: ["n"], run: () => this.toggleBrush() },
      { id: "mask.stamp", title: "Paint here", group: "Masks", keys: ["Enter"], when: down, run: () => this.stamp() },
      { id: "mask.hold", title: "Paint while moving, on and off", group: "Masks", keys: ["Shift+Enter"], when: down, run: () => this.hold() },
      { id: "mask.leave", title: "Leave painting with the keyboard", group: "Masks", keys: ["Escape"], when: down, run: () => this.toggleBrush() },
      ...arrows.map(([key, dx, dy]): KeyAction => ({ id: `mask.${key}`, title: `Brush: ${key.slice(5).toLowerCase()}`, group: "Masks", keys: [key], when: down, repeats: true, run: move(dx, dy, false) })),
      ...arrows.map(([key, dx, dy]): KeyAction => ({ id: `mask.far.${key}`, title: `Brush far: ${key.slice(5).toLowerCase()}`, group: "Masks", keys: [`Shift+${key}`], when: down, repeats: true, run: move(dx, dy, true) })),
      { id: "mask.smaller", title: "Smaller brush", group: "Masks", keys: ["["], repeats: true, run: () => this.resizeBrush(1 / SIZES.step) },
      { id: "mask.larger", title: "Larger brush", group: "Masks", keys: ["]"], repeats: true, run: () => this.resizeBrush(SIZES.step) },
      { id: "mask.fainter", title: "Fainter mask", group: "Masks", keys: [","], repeats: true, run: () => this.setOpacity(this.layer.opacity - OPACITY_STEP) },
      { id: "mask.stronger", title: "Stronger mask", group: "Masks", keys: ["."], repeats: true, run: () => this.setOpacity(this.layer.opacity + OPACITY_STEP) },
      { id: "mask.clear", title: "Clear the whole mask", group: "Masks", keys: ["Mod+Delete"], run: () => this.clear(editor) },
    ];
  }

  private toggleBrush(): void {
    const { x, y } = this.stage.centre;
    this.brush = this.brush ? null : { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
    this.brushDown = false;
    this.announce(this.brush ? "Arrows move the brush, Enter paints, Shift Enter paints while moving, Escape leaves" : "The brush is with the pointer again");
    this.stage.invalidate();
  }

  private hold(): void {
    this.brushDown = !this.brushDown;
    this.announce(this.brushDown ? "Painting while moving" : "Moving only");
    if (this.brushDown) this.stamp();
  }

  private moveBrush(dx: number, dy: number, far: boolean): void {
    const from = this.brush!;
    const step = far ? Math.max(10, this.paint.size) : Math.max(1, Math.round(this.paint.size / 4));
    const { width, height } = this.mask.plane;
    const within = (at: number, end: number): number => Math.min(Math.max(at, 0.5), end - 0.5);
    const to = { x: within(from.x + dx * step, width), y: within(from.y + dy * step, height) };
    this.brush = to;
    if (this.brushDown) this.strokeByKey(from, to);
    this.stage.reveal([to]);
    const under = this.mask.regions.get(this.mask.plane.get(Math.floor(to.x), Math.floor(to.y)));
    this.announce(`x ${Math.floor(to.x)}, y ${Math.floor(to.y)}, ${under?.label ?? "background"}`);
    this.stage.invalidate();
  }

  private stamp(): void {
    this.strokeByKey(this.brush!, this.brush!);
  }

  private strokeByKey(from: Point, to: Point): void {
    const erases = this.editor.tool?.name === "eraser";
    const value = erases ? 0 : this.valueInHand();
    if (value === null) return;
    if (this.mask.paint(strokeSpans(from, to, this.paint.size / 2), value, erases ? "eraser" : "brush")) this.announce(erases ? "Erased" : "Painted");
    this.stage.invalidate();
  }

  private resizeBrush(factor: number): void {
    this.setSize(factor > 1 ? Math.max(this.paint.size + 1, this.paint.size * factor) : Math.min(this.paint.size - 1, this.paint.size * factor));
    this.announce(`Brush ${this.paint.size} pixels`);
  }

  private setSize(size: number): void {
    this.paint.size = Math.round(Math.min(Math.max(size, SIZES.least), SIZES.most));
    this.stage.invalidate();
    this.requestUpdate();
  }

  private setOpacity(opacity: number): void {
    this.layer.opacity = Math.round(Math.min(Math.max(opacity, 0.1), 1) * 20) / 20;
    this.announce(`Mask ${Math.round(this.layer.opacity * 100)} %`);
    this.stage.invalidate();
    this.requestUpdate();
  }

  private clear(editor: KeyContext["editor"]): void {
    const { plane } = this.mask;
    const rows = function* () {
      for (let y = 0; y < plane.height; y++) yield { y, from: 0, to: plane.width };
    };
    if (this.mask.paint(rows(), 0, "clear the mask")) editor.say("The mask is cleared");
  }

  protected override removeSelected(): void {
    this.clear(this.editor);
  }

  // What is shown

  private drawCursor(context: CanvasRenderingContext2D, { view, ratio }: Frame): void {
    const tool = this.editor.tool?.name;
    const at = this.brush ?? (tool === "brush" || tool === "eraser" ? this.stage.pointer : null);
    const place = ({ x, y }: Point): [number, number] => [x * view.scale + view.x, y * view.scale + view.y];
    if (at) {
      const [x, y] = place(at);
      const radius = Math.max((this.paint.size / 2) * view.scale, 2 * ratio);
      for (const [color, width] of [["rgb(0 0 0 / .6)", 3.5], ["#fff", 1.5]] as const) {
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.strokeStyle = color;
        context.lineWidth = width * ratio;
        context.setLineDash(this.brush && !this.brushDown ? [4 * ratio, 3 * ratio] : []);
        context.stroke();
      }
    }
    const { corners, aim } = this.fill;
    if (corners.length === 0) return;
    context.beginPath();
    for (const point of [...corners, ...(aim ? [aim] : [])]) context.lineTo(...place(point));
    context.setLineDash([]);
    context.strokeStyle = "#fff";
    context.lineWidth = 2 * ratio;
    context.stroke();
  }

  protected override renderOverStage(): TemplateResult | typeof nothing {
    const wand = this.editor.tool?.name === "wand";
    const slider = (title: string, value: number, least: number, most: number, shown: string, set: (to: number) => void): TemplateResult => html`<label>
      <span>${title}<output>${shown}</output></span>
      <input type="range" min=${least} max=${most} .value=${String(value)}
        @input=${(event: Event) => (event.stopPropagation(), set(Number((event.target as HTMLInputElement).value)))}
        @change=${(event: Event) => event.stopPropagation()} /></label>`;
    return html`<div class="adjust brush-settings" role="group" aria-label="Brush and mask">
      ${wand
        ? slider("Tolerance", this.paint.tolerance, 0, 120, `${this.paint.tolerance}`, (to) => ((this.paint.tolerance = to), this.requestUpdate()))
        : slider("Brush", this.paint.size, SIZES.least, 200, `${this.paint.size} px`, (to) => this.setSize(to))}
      ${slider("Mask", Math.round(this.layer.opacity * 100), 10, 100, `${Math.round(this.layer.opacity * 100)} %`, (to) => this.setOpacity(to / 100))}
    </div>`;
  }
}
