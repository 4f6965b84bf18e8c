/**
 * The base of the elements in which a worker paints masks: plane, layer, tools, settings, initial value and drafts, PNG.
 * What the numbers of the plane stand for (labels, or instances) is the subclass's.
 */
import { html, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { lenient } from "../chrome/base.js";
import type { Point, Size } from "../geometry/point.js";
import type { KeyAction } from "../keys/registry.js";
import { Mask, type Region } from "../model/mask.js";
import { MaskPicture, type Legend } from "../model/mask-picture.js";
import { MaskLayer } from "../render/mask-layer.js";
import { BrushTool } from "../tools/brush.js";
import { EraserTool } from "../tools/eraser.js";
import { FloodFillTool } from "../tools/flood-fill.js";
import type { Paint, PixelReader } from "../tools/painting.js";
import { PolygonFillTool } from "../tools/polygon-fill.js";
import { WandTool } from "../tools/wand.js";
import { brushRing } from "./brush-ring.js";
import { DrawingElement, type ToolChoice } from "./drawing-element.js";
import { KeyboardBrush } from "./keyboard-brush.js";
import { readMask, readPixels } from "./mask-files.js";
import { maskActions } from "./mask-keys.js";
import { renderMaskSettings } from "./mask-settings.js";
import { renderRegionList, type RegionListState } from "./region-list.js";
import type { KeyContext } from "./stage-keys.js";

const SIZES = { least: 1, most: 400, slider: 200 };
const TOLERANCE = { least: 0, most: 120 };

interface SavedMask {
  readonly png: string;
  readonly legend: unknown;
  readonly nothing: boolean;
}

export abstract class MaskElement extends DrawingElement {
  /** A mask to begin with: an address of a PNG and what its colours mean. */
  @property({ attribute: "initial-value", converter: lenient }) initialValue: unknown;

  protected readonly mask = new Mask(this.editor);
  protected readonly layer = new MaskLayer(this.mask);
  protected readonly paint: Paint = {
    editor: this.editor,
    mask: this.mask,
    size: 24,
    tolerance: 24,
    value: () => this.numberToPaint(),
    over: (value) => (this.sparing && value !== 0 ? 0 : undefined),
    pick: (at) => this.pickAt(at),
    pixels: () => this.imagePixels(),
  };
  protected readonly tools: readonly ToolChoice[] = [
    { tool: new BrushTool(this.paint), keys: ["b"] },
    { tool: new EraserTool(this.paint), keys: ["e"] },
    { tool: new PolygonFillTool(this.paint), keys: ["q"] },
    { tool: new FloodFillTool(this.paint), keys: ["g"] },
    { tool: new WandTool(this.paint), keys: ["w"] },
  ];
  protected readonly brush = new KeyboardBrush(this.paint, this.stage, (at) => this.nameAt(at) ?? "background");
  private readonly picture = new MaskPicture();
  private pixelsOf: { readonly src: string; readonly reader: PixelReader | null } | undefined;
  private waitingDraft: unknown;
  private reads = 0;
  private resting = 0;

  @state() private reading = false;
  /** Every tool erases. */
  @state() private erasing = false;
  /** Painting spares what is painted already. */
  @state() private sparing = false;
  @state() private page = 0;

  constructor() {
    super();
    this.layer.hidden = (value) => this.editor.hidden.has(this.mask.regions.get(value)?.label ?? "");
    this.layer.inHand = () => this.inHand;
    this.stage.addLayer(this.layer);
    this.stage.active.overlays.push(brushRing(this.paint, this.stage, this.brush));
  }

  // For subclasses

  /** The number that is painted with and shown in stripes; null when the next stroke brings a new one. */
  protected abstract get inHand(): number | null;
  /** The number to paint with, made when there is none; null after having said why there can be none. */
  protected abstract numberInHand(): number | null;
  protected abstract takeInHand(region: Region): void;
  protected abstract nameOf(region: Region): string;
  /** Forgets all regions and makes those of an initial value; returns what its colours stand for. */
  protected abstract regionsOf(initial: Record<string, unknown>): readonly { readonly value: number; readonly color: string }[];
  /** The answer without the picture. */
  protected abstract get legend(): Record<string, unknown>;
  /** The colours of the picture. */
  protected abstract get pictureLegend(): Legend;
  protected abstract restoreRegions(regions: readonly Region[]): void;
  /** Whether there may be more than 255 regions. */
  protected abstract get deep(): boolean;
  protected abstract readonly listState: Pick<RegionListState, "title" | "sizeOf" | "relabel" | "copy">;

  protected override get empty(): boolean {
    return this.mask.empty;
  }

  protected override get count(): number {
    return this.mask.used.length;
  }

  override get value(): unknown {
    if (!this.imageSize) return undefined;
    const modified = hasInitial(this.initialValue) ? { initialValueModified: this.mask.modified } : {};
    return { labeledImage: { pngImageData: this.png }, ...this.legend, ...this.imageProperties, ...modified };
  }

  override get submitProblem(): string | null {
    return this.reading ? "Wait until the mask has loaded." : super.submitProblem;
  }

  override get draft(): unknown {
    if (!this.imageSize || this.reading) return this.waitingDraft;
    return { png: this.png, legend: [...this.mask.regions.values()], nothing: this.nothingToLabel } satisfies SavedMask;
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
    return this.picture.encode(this.mask.plane, this.pictureLegend);
  }

  /** Only a plain form around the element needs the value after each step; encoding costs too much for nobody. */
  protected override publish(): void {
    if (this.internals.form) super.publish();
  }

  protected override changed(options: { final?: boolean } = {}): void {
    super.changed(options);
    this.rest();
  }

  // The picture is compressed while the worker rests, so that neither a draft nor submitting has to wait for it.
  private rest(): void {
    if (this.resting || !window.requestIdleCallback) return;
    this.resting = window.requestIdleCallback(() => {
      this.resting = 0;
      const painting = this.editor.tool?.phase === "painting";
      if (painting || this.picture.step(this.mask.plane, this.pictureLegend)) this.rest();
    });
  }

  // What to begin with

  protected override imageLoaded(_size: Size): void {
    this.brush.at = null;
    void this.begin();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("initialValue") && this.imageSize) void this.begin();
  }

  /** Puts the initial value, and over it the draft, into the plane. */
  private async begin(): Promise<void> {
    const read = ++this.reads;
    const size = this.imageSize;
    if (!size) return;
    this.reading = true;
    this.mask.resize(size, this.deep);
    this.editor.load([]);
    const initial = (this.initialValue ?? {}) as Record<string, unknown>;
    const known = this.regionsOf(initial);
    const picture = (initial.labeledImage as { pngImageData?: string } | undefined)?.pngImageData;
    await this.read(typeof initial.src === "string" ? initial.src : inline(picture), known);
    if (read !== this.reads) return;
    this.mask.markStart();
    await this.beginWithDraft(this.waitingDraft as Partial<SavedMask> | null | undefined);
    if (read !== this.reads) return;
    this.reading = false;
    this.editor.history.clear();
    this.editor.documentChanged(false);
    this.rest();
  }

  private async beginWithDraft(draft: Partial<SavedMask> | null | undefined): Promise<void> {
    if (typeof draft?.png !== "string" || !Array.isArray(draft.legend)) return;
    this.mask.resize(this.mask.plane, this.deep);
    this.restoreRegions(draft.legend as Region[]);
    await this.read(inline(draft.png), [...this.mask.regions.values()]);
    this.nothingToLabel = draft.nothing === true && this.empty;
  }

  private async read(src: string | undefined, regions: readonly { readonly value: number; readonly color: string }[]): Promise<void> {
    if (!src) return;
    const { plane } = this.mask;
    try {
      const rows = await readMask(src, plane, regions, plane.deep);
      if (plane === this.mask.plane) this.mask.load(rows);
    } catch {
      this.editor.refuse("The mask to begin with could not be loaded.");
    }
  }

  private imagePixels(): PixelReader | null {
    if (this.pixelsOf?.src !== this.src) this.pixelsOf = { src: this.src, reader: readPixels(this.stage.loaded) };
    return this.pixelsOf.reader;
  }

  // Painting

  private numberToPaint(): number | null {
    if (this.reading || this.editor.readOnly) return this.editor.refuse("Wait until the mask has loaded.");
    if (this.erasing) return 0;
    const value = this.numberInHand();
    const label = value === null ? undefined : this.mask.regions.get(value)?.label;
    if (label !== undefined && this.editor.hidden.has(label)) this.editor.setHidden(label, false);
    return value;
  }

  protected regionAt({ x, y }: Point): Region | undefined {
    return this.mask.regions.get(this.mask.plane.get(Math.floor(x), Math.floor(y)));
  }

  private nameAt(at: Point): string | undefined {
    const region = this.regionAt(at);
    return region && this.nameOf(region);
  }

  private pickAt(at: Point): void {
    const region = this.regionAt(at);
    if (!region) return this.editor.say("Nothing is painted there");
    this.erasing = false;
    this.takeInHand(region);
    this.editor.say(`In hand: ${this.nameOf(region)}`);
  }

  protected removeRegion(region: Region): void {
    const name = this.nameOf(region);
    if (this.mask.remove(region.value, `delete ${name}`)) this.editor.say(`Deleted: ${name}`);
  }

  private clear(): void {
    this.editor.tool?.send("interrupt");
    if (this.mask.clear()) this.editor.say("Everything painted is removed");
  }

  // Keys

  protected override moreKeyActions(_context: KeyContext): readonly KeyAction[] {
    return maskActions({
      brush: this.brush,
      resize: (factor) => this.resizeBrush(factor),
      fade: (by) => this.setOpacity(this.layer.opacity + by),
      tolerate: (by) => this.setTolerance(this.paint.tolerance + by),
      toggleErasing: () => this.toggleErasing(),
      toggleSparing: () => this.toggleSparing(),
      pickHere: () => {
        const at = this.brush.at ?? this.stage.pointer;
        if (at) this.pickAt(at);
      },
      clear: () => this.clear(),
      next: (step) => this.pickNext(step),
    });
  }

  private pickNext(step: 1 | -1): void {
    const { used } = this.mask;
    const at = used.findIndex(({ value }) => value === this.inHand);
    const next = used[at < 0 ? (step > 0 ? 0 : used.length - 1) : (at + step + used.length) % used.length];
    if (next) this.pickInList(next);
  }

  private pickInList(region: Region): void {
    this.takeInHand(region);
    const bounds = this.mask.bounds(region.value);
    if (bounds) this.stage.reveal([{ x: bounds.left + bounds.width / 2, y: bounds.top + bounds.height / 2 }]);
    this.editor.say(`In hand: ${this.nameOf(region)}`);
    this.requestUpdate();
  }

  private toggleErasing(): void {
    this.erasing = !this.erasing;
    this.editor.say(this.erasing ? "Every tool erases" : "Tools paint");
  }

  private toggleSparing(): void {
    this.sparing = !this.sparing;
    this.editor.say(this.sparing ? "Painting only where nothing is painted" : "Painting over what is painted");
  }

  private resizeBrush(factor: number): void {
    const { size } = this.paint;
    this.setSize(factor > 1 ? Math.max(size + 1, size * factor) : Math.min(size - 1, size * factor));
    this.editor.say(`Brush ${this.paint.size} pixels`);
  }

  private setSize(size: number): void {
    this.paint.size = Math.round(Math.min(Math.max(size, SIZES.least), SIZES.most));
    this.stage.invalidate();
    this.requestUpdate();
  }

  private setTolerance(tolerance: number): void {
    this.paint.tolerance = Math.min(Math.max(tolerance, TOLERANCE.least), TOLERANCE.most);
    this.editor.say(`Tolerance ${this.paint.tolerance}`);
    this.requestUpdate();
  }

  private setOpacity(opacity: number): void {
    this.layer.opacity = Math.round(Math.min(Math.max(opacity, 0), 1) * 20) / 20;
    this.editor.say(`Mask ${Math.round(this.layer.opacity * 100)} %`);
    this.stage.invalidate();
    this.requestUpdate();
  }

  /** With the focus in the list, the entry that takes the removed one's place gets it. */
  protected override removeSelected(): void {
    const region = this.inHand === null ? undefined : this.mask.regions.get(this.inHand);
    if (!region || this.mask.pixels(region.value) === 0) return;
    const entries = (): HTMLElement[] => [...this.renderRoot.querySelectorAll<HTMLElement>(".shapes .pick")];
    const at = entries().indexOf(this.shadowRoot?.activeElement as HTMLElement);
    this.removeRegion(region);
    if (at >= 0) void this.updateComplete.then(() => (entries()[at] ?? entries()[at - 1] ?? this.surface)?.focus());
  }

  // What is shown

  protected override get hint(): string {
    return "Press N to paint with the keyboard: arrows move the brush, Enter paints, Shift Enter paints while moving. The list of what is painted says how much there is of each.";
  }

  /** What is under the pointer, in words: colours alone would not do. */
  protected override statusText(): string {
    const at = this.brush.at ?? this.stage.pointer;
    const { width, height } = this.mask.plane;
    const inside = at && at.x >= 0 && at.y >= 0 && at.x < width && at.y < height;
    return inside ? (this.nameAt(at) ?? "Background") : "";
  }

  protected override renderDrawn(): TemplateResult {
    const { paint, layer } = this;
    const slider = (title: string, value: number, least: number, most: number, unit: string, set: (to: number) => void) => ({ title, value, least, most, unit, set });
    const wand = this.editor.tool?.name === "wand";
    const sliders = [
      wand
        ? slider("Tolerance", paint.tolerance, TOLERANCE.least, TOLERANCE.most, "", (to) => this.setTolerance(to))
        : slider("Brush", paint.size, SIZES.least, SIZES.slider, " px", (to) => this.setSize(to)),
      slider("Mask", Math.round(layer.opacity * 100), 0, 100, " %", (to) => this.setOpacity(to / 100)),
    ];
    const switches = [
      { title: "Every tool erases", key: "X", on: this.erasing, toggle: () => this.toggleErasing() },
      { title: "Spare what is painted", key: "U", on: this.sparing, toggle: () => this.toggleSparing() },
    ];
    return html`<div>${renderMaskSettings(sliders, switches)}</div>
      <div>${this.renderBeforeList()}${renderRegionList({
        ...this.listState,
        regions: this.mask.used,
        inHand: this.inHand,
        label: this.editor.label,
        from: this.page,
        turnTo: (from) => (this.page = Math.max(from, 0)),
        nameOf: (region) => this.nameOf(region),
        pick: (region) => this.pickInList(region),
        remove: (region) => this.removeRegion(region),
      })}</div>`;
  }

  protected renderBeforeList(): TemplateResult | string {
    return "";
  }
}

const inline = (png: string | undefined): string | undefined => (png ? `data:image/png;base64,${png}` : undefined);
const hasInitial = (value: unknown): boolean => typeof value === "object" && value !== null;
