/**
 * The base of every element in which a worker draws on an image: loads it, shows stage, toolbar, labels and "Nothing to label",
 * wires pointers and keys to the editor. What is drawn, and how it is stated in the answer, is the subclass's:
 * shapes in `shape-element.ts`, masks in an element of their own.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { AnnotationElement } from "../chrome/annotation.js";
import { lenient } from "../chrome/base.js";
import { KEYED, meant, NameSearch } from "../chrome/name-search.js";
import { IMAGE_MISSING, renderFailedImage } from "../chrome/failed-image.js";
import { icon } from "../chrome/icons.js";
import type { KeyAction } from "../keys/registry.js";
import { keys } from "../keys/registry.js";
import type { Size } from "../geometry/point.js";
import { Editor, type EditorEvent } from "../model/editor.js";
import { Palette } from "../render/palette.js";
import type { Tool } from "../tools/tool.js";
import { drawingStyles } from "./drawing.css.js";
import { Gestures } from "./gestures.js";
import { renderLabelList } from "./label-list.js";
import { Minimap } from "./minimap.js";
import { Stage, UNADJUSTED } from "./stage.js";
import { historyActions, labelActions, toolActions, viewActions, type KeyContext } from "./stage-keys.js";
import { renderAdjustments, renderToolbar, type ToolButton } from "./toolbar.js";
import { toolIcon } from "./tool-icons.js";

export interface ToolChoice {
  readonly tool: Tool;
  readonly keys: readonly string[];
}

const REFUSAL_MS = 4000;
const PUBLISH_MS = 120;

export abstract class DrawingElement extends AnnotationElement {
  static override styles = [...AnnotationElement.styles, drawingStyles];

  /** Address of the image. */
  @property() src = "";

  readonly editor = new Editor({ width: 0, height: 0 });
  readonly stage = new Stage(this.editor);
  protected readonly gestures = new Gestures(this.stage);
  protected palette = new Palette();
  readonly #minimap = new Minimap(this.stage);
  #labels: readonly string[] = [];
  readonly #search = new NameSearch((query) => this.#found(query));
  #publishing = 0;

  @state() protected loading: "none" | "loading" | "ready" | "failed" = "none";
  /** The worker states that there is nothing to label. */
  @state() protected nothingToLabel = false;
  @state() private adjusting = false;
  @state() private refusal = "";
  @query(".surface") protected surface!: HTMLElement | null;
  @query(".status") private statusBar!: HTMLElement | null;

  constructor() {
    super();
    this.editor.on((event) => this.onEditor(event));
    this.stage.onFrame = () => this.#afterFrame();
    this.stage.insets = () => this.#insets();
  }

  // For subclasses

  /** The tools, the first in hand at the start. */
  protected abstract readonly tools: readonly ToolChoice[];
  /** Has the worker drawn nothing? */
  protected abstract get empty(): boolean;
  /** The plural of what is drawn, for counts: "boxes". */
  protected abstract get things(): string;
  protected abstract get count(): number;
  /** The image is there, or another one; its size is known. */
  protected imageLoaded(_size: Size): void {}
  /** Keys beyond those of every drawing element. */
  protected moreKeyActions(_context: KeyContext): readonly KeyAction[] {
    return [];
  }
  /** Below the labels: what is drawn, as a list. */
  protected renderDrawn(): TemplateResult | typeof nothing {
    return nothing;
  }
  /** How to draw without a pointer, for those who hear the stage. */
  protected get hint(): string {
    return "Press N for a new shape in the middle, then arrows to move and Control with arrows to resize it. The list of what is drawn has the same shapes.";
  }
  protected countOf(label: string): number {
    return this.editor.document.shapes.count(label);
  }
  protected removeSelected(): void {
    this.editor.deleteSelected();
  }

  // Properties that scripts use

  /** The labels to choose from. Setting them shows them at once; what is drawn stays. */
  @property({ converter: lenient })
  get labels(): string[] {
    return [...this.#labels];
  }

  set labels(labels: unknown) {
    this.#labels = (Array.isArray(labels) ? labels : []).map(labelText);
  }

  /** Colours of the labels, where the template gives them. */
  protected get colors(): readonly string[] {
    return [];
  }

  get imageSize(): Size | null {
    return this.stage.loaded?.size ?? null;
  }

  override get submitProblem(): string | null {
    if (this.loading === "loading") return "Wait until the image has loaded.";
    if (this.editor.document.draft) return "Finish the shape you are drawing (Enter), or give it up (Esc).";
    // Its size is part of the answer: without the image there is none.
    if (this.loading === "failed") return IMAGE_MISSING;
    if (!this.empty || this.nothingToLabel) return null;
    return "Nothing is drawn. If there is nothing to label, tick “Nothing to label”.";
  }

  /** `{inputImageProperties: {height, width}}`, natural pixels. */
  protected get imageProperties(): { inputImageProperties: Size } {
    const { width, height } = this.editor.document.size;
    return { inputImageProperties: { height, width } };
  }

  // Life

  override connectedCallback(): void {
    super.connectedCallback();
    // Moved to another place of the page, it has to find its surface again.
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stage.detach();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!this.editor.tool && this.tools[0]) this.editor.setTool(this.tools[0].tool);
    if (changed.has("labels") || changed.has("labelColors")) {
      this.palette = new Palette(this.#labels, this.colors);
      this.stage.palette = this.palette;
      this.editor.labels = this.#labels;
    }
    if (changed.has("src")) void this.loadImage();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const surface = this.surface;
    if (!surface) return;
    this.stage.attach(surface);
    this.gestures.attach(surface);
    this.stage.invalidate();
  }

  /** Forms without crowd-form get the value a moment later: stating ten thousand shapes takes longer than a frame. */
  protected override publish(): void {
    clearTimeout(this.#publishing);
    this.#publishing = window.setTimeout(() => super.publish(), PUBLISH_MS);
  }

  protected async loadImage(): Promise<void> {
    if (!this.src) {
      this.loading = "none";
      return;
    }
    this.loading = "loading";
    try {
      const size = await this.stage.load(this.src);
      if (!size) return;
      this.loading = "ready";
      this.imageLoaded(size);
      this.dispatchEvent(new CustomEvent("gs-image-loaded", { detail: size }));
    } catch {
      this.loading = "failed";
    }
  }

  protected onEditor(event: EditorEvent): void {
    if (event.type === "active") return;
    if (event.type === "message") {
      this.announce(event.text);
      if (event.refused) this.#showRefusal(event.text);
      return;
    }
    if (event.type === "document" && !this.empty) this.nothingToLabel = false;
    if (event.type === "document" && event.byUser) this.changed();
    this.requestUpdate();
  }

  #showRefusal(text: string): void {
    this.refusal = text;
    setTimeout(() => {
      if (this.refusal === text) this.refusal = "";
    }, REFUSAL_MS);
  }

  setNothingToLabel(nothingToLabel: boolean): void {
    if (nothingToLabel && !this.empty) {
      this.editor.refuse(`Delete the ${this.things} first: there is something labeled.`);
      this.requestUpdate();
      return;
    }
    this.nothingToLabel = nothingToLabel;
    this.announce(nothingToLabel ? "Nothing to label" : "There is something to label");
    this.changed();
  }

  // Keys

  protected get keyContext(): KeyContext {
    return {
      editor: this.editor,
      stage: this.stage,
      gestures: this.gestures,
      update: () => this.requestUpdate(),
      toggleAdjustments: () => void (this.adjusting = !this.adjusting),
      toggleNothing: () => this.setNothingToLabel(!this.nothingToLabel),
      remove: () => this.removeSelected(),
      search: this.#search,
      openSearch: () => this.renderRoot.querySelector<HTMLInputElement>(".find-label")?.focus(),
    };
  }

  /** The label that is found is in hand at once, and given to what was picked. */
  #found(query: string): void {
    const label = meant(this.#labels, query);
    if (label !== undefined && label !== this.editor.label) {
      this.editor.setLabel(label);
      this.announce(`Label ${label}`);
    }
    if (label !== undefined && this.editor.selection?.picked) this.editor.relabel(label);
    if (query === "") this.renderRoot.querySelector<HTMLInputElement>(".find-label")?.blur();
    this.requestUpdate();
    void this.updateComplete.then(() => this.renderRoot.querySelector(".labels li.on")?.scrollIntoView({ block: "nearest" }));
  }

  protected override keyActions(): readonly KeyAction[] {
    const context = this.keyContext;
    return [
      ...super.keyActions(),
      ...labelActions(context),
      ...this.#toolActions(context),
      ...this.moreKeyActions(context),
      ...historyActions(context),
      ...viewActions(context),
    ];
  }

  #toolActions(context: KeyContext): KeyAction[] {
    const choices = this.tools.map(({ tool, keys: chords }) => [tool.name, tool.title, chords, () => this.chooseTool(tool)] as const);
    return toolActions(context, choices);
  }

  protected chooseTool(tool: Tool): void {
    this.gestures.panMode = false;
    this.editor.setTool(tool);
    this.requestUpdate();
  }

  // What is shown

  #afterFrame(): void {
    this.#minimap.update();
    const bar = this.statusBar;
    if (!bar) return;
    const pointer = this.stage.pointer;
    const { width, height } = this.editor.document.size;
    const inside = pointer && pointer.x >= 0 && pointer.y >= 0 && pointer.x < width && pointer.y < height;
    setText(bar, ".zoom", `${Math.round(this.stage.scale * this.stage.ratio * 100)} %`);
    setText(bar, ".at", inside ? `x ${Math.floor(pointer.x)}, y ${Math.floor(pointer.y)}` : "");
    setText(bar, ".size", this.statusText());
  }

  /** The size of the shape in hand, for the status bar; asked once a frame. */
  protected statusText(): string {
    return "";
  }

  #insets(): { top: number; right: number; bottom: number; left: number } {
    const question = this.renderRoot.querySelector<HTMLElement>(".question");
    const bar = this.renderRoot.querySelector<HTMLElement>(".tools");
    const across = bar !== null && bar.offsetWidth > bar.offsetHeight;
    return {
      top: 12 + (question ? question.offsetHeight + 12 : 0),
      right: 12,
      bottom: bar && across ? bar.offsetHeight + 36 : 32,
      left: bar && !across ? bar.offsetWidth + 24 : 12,
    };
  }

  protected override renderStage(): TemplateResult {
    return html`<div class="canvas-area">
      <div class="surface" tabindex="0" role="application" aria-label="Drawing area, ${this.count} ${this.things} drawn" aria-describedby="hint">
        ${this.stage.layers.map((layer) => layer.canvas)}
      </div>
      <span id="hint" class="sr">${this.hint}</span>
      ${this.#minimap.canvas} ${this.#renderNotice()}
      ${renderToolbar(this.#buttons(), () => this.surface?.focus())}
      ${this.adjusting ? renderAdjustments(this.stage.adjustments, (to) => this.#adjust(to), () => this.#adjust(UNADJUSTED)) : nothing}
      <div class="status" aria-hidden="true">
        <span class="zoom"></span><span class="size"></span><span class="at"></span>
        ${this.editor.document.draft ? html`<span class="hint">Enter finishes · Esc gives up · Ctrl Z takes back a point</span>` : nothing}
        <span class="count">${this.count} ${this.things}</span>
      </div>
      ${this.refusal ? html`<div class="refusal" aria-hidden="true">${this.refusal}</div>` : nothing}
    </div>`;
  }

  #adjust(to: Parameters<Stage["adjust"]>[0]): void {
    this.stage.adjust(to);
    this.requestUpdate();
  }

  #renderNotice(): TemplateResult | typeof nothing {
    if (this.loading === "loading") return html`<div class="notice">Loading the image…</div>`;
    if (this.loading !== "failed") return nothing;
    return html`<div class="notice" role="alert">
      ${renderFailedImage(() => void this.loadImage())}
    </div>`;
  }

  #buttons(): ToolButton[][] {
    const context = this.keyContext;
    const view = new Map(viewActions(context).map((action) => [action.id, action]));
    const history = new Map(historyActions(context).map((action) => [action.id, action]));
    const button = (action: KeyAction | undefined, name: string, more: Partial<ToolButton> = {}): ToolButton[] =>
      action ? [{ action, icon: icon(name), ...more }] : [];
    const { editor, gestures } = this;
    const tools = this.#toolActions(context).map((action, i) => {
      const { tool } = this.tools[i] as ToolChoice;
      return { action, icon: toolIcon(tool.name), pressed: editor.tool === tool && !gestures.panMode };
    });
    const allHidden = editor.labels.length > 0 && editor.labels.every((label) => editor.hidden.has(label));
    return [
      [...tools, ...button(view.get("view.pan-mode"), "pan", { pressed: gestures.panMode })],
      [
        ...button(history.get("edit.undo"), "undo", { disabled: !editor.history.canUndo }),
        ...button(history.get("edit.redo"), "redo", { disabled: !editor.history.canRedo }),
      ],
      [
        ...button(view.get("view.zoom-in"), "zoom-in"),
        ...button(view.get("view.zoom-out"), "zoom-out"),
        ...button(view.get("view.fit"), "fit"),
        ...button(view.get("view.actual-size"), "actual-size"),
      ],
      [
        ...button(view.get("view.hide-labels"), allHidden ? "eye-off" : "eye", { pressed: allHidden }),
        ...button(view.get("view.adjust"), "settings", { expanded: this.adjusting }),
      ],
    ];
  }

  protected override renderSide(): TemplateResult {
    const context = this.keyContext;
    const labelKeys = labelActions(context);
    return html`<div>
        <h2>Labels</h2>
        ${renderLabelList({
          labels: this.#labels,
          chosen: this.editor.label,
          palette: this.palette,
          hidden: this.editor.hidden,
          count: (label) => this.countOf(label),
          search: this.#search,
          keyOf: (index) => this.#labels.length > KEYED ? `${index + 1}` : (labelKeys[index]?.id === `label.${index + 1}` ? keys.keysOf(labelKeys[index])[0] : undefined),
          choose: (label) => {
            this.editor.setLabel(label);
            this.announce(`Label ${label}`);
          },
          setHidden: (label, hidden) => this.editor.setHidden(label, hidden),
        })}
      </div>
      ${this.renderDrawn()}
      <label class="nothing">
        <input
          type="checkbox"
          .checked=${this.nothingToLabel}
          @change=${(event: Event) => {
            event.stopPropagation();
            const box = event.target as HTMLInputElement;
            this.setNothingToLabel(box.checked);
            box.checked = this.nothingToLabel;
          }}
          @input=${(event: Event) => event.stopPropagation()}
        />
        Nothing to label <kbd aria-hidden="true">0</kbd>
      </label>`;
  }
}

/** Labels are texts; objects with a `label` are taken by it. */
const labelText = (label: unknown): string =>
  typeof label === "object" && label !== null && "label" in label ? String(label.label) : String(label);

function setText(root: HTMLElement, selector: string, text: string): void {
  const element = root.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}
