/**
 * An image on a dark ground that can be looked at closely: zoom to the cursor, pan, fit, 1:1, by mouse, touch, pen and
 * keys. It draws what earlier annotators marked (`overlay`), read-only. Drawing elements have a stage of their own.
 */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { printChord } from "../keys/chords.js";
import { keys, type KeyAction } from "../keys/registry.js";
import { STANDARD_KEYS } from "../keys/standard.js";
import { controls } from "./controls.css.js";
import { define } from "./base.js";
import { renderFailedImage } from "./failed-image.js";
import { icon } from "./icons.js";
import type { Overlay } from "./overlay.js";
import { tokens } from "./tokens.css.js";
import { centred, fit, moved, zoomAt, type Size, type View } from "./viewport.js";

const STEP_PX = 60;

export class ImageViewer extends LitElement {
  static override styles = [tokens, controls, css`
    :host { position: absolute; inset: 0; overflow: hidden; }
    .ground { position: absolute; inset: 0; touch-action: none; cursor: grab; outline-offset: -2px; }
    .ground:active { cursor: grabbing; }
    .ground:focus-visible { box-shadow: inset 0 0 0 2px var(--gs-primary); outline: none; }
    .sheet { position: absolute; left: 0; top: 0; transform-origin: 0 0; will-change: transform; }
    .sheet img { display: block; max-width: none; border-radius: 1px; user-select: none; -webkit-user-drag: none; }
    .sheet.raw img { image-orientation: none; }
    .sheet.near { image-rendering: pixelated; }
    .sheet > :is(svg, canvas, img.mask) { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; overflow: visible; }
    .tools {
      position: absolute; left: var(--gs-3); top: 50%; translate: 0 -50%; display: flex; flex-direction: column; overflow: hidden;
      background: var(--gs-surface); border: 1px solid var(--gs-border); border-radius: var(--gs-radius); box-shadow: var(--gs-shadow);
    }
    .tools button { width: 40px; height: 38px; padding: 0; border: 0; border-radius: 0; color: var(--gs-text-2); }
    .tools button:focus-visible { box-shadow: inset 0 0 0 2px var(--gs-primary); }
    .tools button[aria-pressed="true"] { background: var(--gs-primary-soft); color: var(--gs-primary); }
    .status {
      position: absolute; inset: auto 0 0 0; display: flex; gap: var(--gs-4); padding: 14px var(--gs-4) 6px; pointer-events: none;
      font-size: var(--gs-size-1); color: #dbe3e0; background: linear-gradient(transparent, rgb(0 0 0 / .6)); font-variant-numeric: tabular-nums;
    }
    .status .keys { margin-left: auto; }
    .failed { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: var(--gs-3); color: #e6ecea; }
    .failed button:not(.primary) { color: var(--gs-text); }
    @container task (max-width: 719px) { .tools { top: auto; bottom: var(--gs-5); translate: none; flex-direction: row; } .status .keys { display: none; } }
  `];

  @property() src = "";
  @property({ attribute: false }) overlay: Overlay | undefined;
  @property() alt = "The image to label";

  /** Pixels at the upper edge that something else covers. */
  @property({ type: Number }) top = 0;
  @state() private view: View = { scale: 1, x: 0, y: 0 };
  @state() private natural: Size | undefined;
  @state() failed = false;
  @state() private showOverlay = true;
  @query(".ground") private ground!: HTMLElement;

  private fitted = true; // whether a change of the frame's size fits the image anew
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private readonly resized = new ResizeObserver(() => this.fitted && this.fit());

  /** Keys of the view; the element around registers them. */
  readonly keyActions: readonly KeyAction[] = [
    this.action("zoom-in", "Zoom in", () => this.zoom(1.25), true),
    this.action("zoom-out", "Zoom out", () => this.zoom(0.8), true),
    this.action("fit", "Fit the image", () => this.fit()),
    this.action("actual-size", "Actual size, 1:1", () => this.actualSize()),
    this.action("left", "Move left", () => this.pan(STEP_PX, 0), true),
    this.action("right", "Move right", () => this.pan(-STEP_PX, 0), true),
    this.action("up", "Move up", () => this.pan(0, STEP_PX), true),
    this.action("down", "Move down", () => this.pan(0, -STEP_PX), true),
    { ...this.action("hide-labels", "Show or hide the marks", () => this.toggleOverlay()), when: () => this.overlay !== undefined },
  ];

  private action(id: keyof Verbs, title: string, run: () => void, repeats = false): KeyAction {
    return { id: `view.${id}`, title, group: "View", keys: STANDARD_KEYS[`view.${id}`], run, repeats };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override willUpdate(changes: PropertyValues<this>): void {
    if (changes.has("src")) {
      this.failed = false;
      this.natural = undefined;
    }
  }

  fit(): void {
    if (!this.natural) return;
    this.fitted = true;
    this.view = fit(this.natural, this.frame(), { top: this.top });
  }

  actualSize(x?: number, y?: number): void {
    if (!this.natural) return;
    this.fitted = false;
    if (x === undefined || y === undefined) this.view = centred(this.natural, this.frame(), 1);
    else this.view = zoomAt(this.view, 1 / this.view.scale, x, y);
  }

  zoom(factor: number, x = this.clientWidth / 2, y = this.clientHeight / 2): void {
    if (!this.natural) return;
    this.fitted = false;
    const least = Math.min(fit(this.natural, this.frame()).scale, 1) / 2;
    this.view = zoomAt(this.view, factor, x, y, least);
  }

  pan(dx: number, dy: number): void {
    if (!this.natural) return;
    this.fitted = false;
    this.view = moved(this.view, dx, dy, this.natural, this.frame());
  }

  private toggleOverlay(): void {
    this.showOverlay = !this.showOverlay;
  }

  private frame(): Size {
    return { width: this.clientWidth, height: this.clientHeight };
  }

  private loaded(event: Event): void {
    const image = event.target as HTMLImageElement;
    this.natural = { width: image.naturalWidth || 1, height: image.naturalHeight || 1 };
    this.fit();
    this.dispatchEvent(new CustomEvent("gs-image-ready", { bubbles: true, composed: true }));
  }

  private async retry(): Promise<void> {
    const src = this.src;
    this.src = "";
    await this.updateComplete;
    this.src = src;
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = this.place(event);
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
    this.zoom(Math.exp((-event.deltaY * unit * (event.ctrlKey ? 5 : 1)) / 500), x, y);
  }

  private pointerDown(event: PointerEvent): void {
    if (event.button > 1) return;
    try {
      this.ground.setPointerCapture(event.pointerId);
    } catch {
      /* a script's event has no pointer to capture */
    }
    this.pointers.set(event.pointerId, this.place(event));
  }

  // One pointer pans; two pan and zoom about the point between them.
  private pointerMove(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.place(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread = (at: { x: number; y: number }) => Math.max(Math.hypot(at.x - other.x, at.y - other.y), 8);
      this.zoom(spread(now) / spread(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
      this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else this.pan(now.x - before.x, now.y - before.y);
    this.pointers.set(event.pointerId, now);
  }

  private pointerUp(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
  }

  private doubleClick(event: MouseEvent): void {
    const { x, y } = this.place(event);
    if (this.fitted) this.actualSize(x, y);
    else this.fit();
  }

  private place(event: MouseEvent): { x: number; y: number } {
    const frame = this.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  override render(): TemplateResult {
    const { scale, x, y } = this.view;
    const percent = Math.round(scale * 100);
    const near = scale * (globalThis.devicePixelRatio || 1) > 3;
    return html`
      <div class="ground" tabindex="0" role="group" aria-label="Image, ${percent} percent. Zoom with plus and minus, move with the arrow keys."
        @wheel=${{ handleEvent: (event: WheelEvent) => this.wheel(event), passive: false }}
        @pointerdown=${this.pointerDown} @pointermove=${this.pointerMove} @pointerup=${this.pointerUp} @pointercancel=${this.pointerUp}
        @dblclick=${this.doubleClick}>
        <div class="sheet ${near ? "near" : ""} ${this.overlay ? "raw" : ""}" style="transform:translate(${x}px,${y}px) scale(${scale});visibility:${this.natural ? "visible" : "hidden"}">
          ${this.src ? html`<img src=${this.src} alt=${this.alt} draggable="false" @load=${this.loaded} @error=${() => (this.failed = true)} />` : nothing}
          ${this.overlay && this.natural && this.showOverlay ? this.overlay.render(this.natural, scale) : nothing}
        </div>
      </div>
      ${this.failed
        ? html`<div class="failed" role="alert">${renderFailedImage(() => this.retry())}</div>`
        : html`<div class="tools" role="toolbar" aria-label="View" aria-orientation="vertical">${this.keyActions.map((action) => this.renderTool(action))}</div>
            <div class="status" aria-hidden="true">
              <span>${percent} %</span>${this.natural ? html`<span>${this.natural.width} × ${this.natural.height} px</span>` : nothing}
            </div>`}
    `;
  }

  private renderTool(action: KeyAction): TemplateResult | typeof nothing {
    const name = action.id.replace("view.", "");
    const glyph = { "zoom-in": "zoom-in", "zoom-out": "zoom-out", fit: "fit", "actual-size": "actual-size", "hide-labels": "eye" }[name];
    if (!glyph || !(action.when?.() ?? true)) return nothing;
    const chord = keys.keysOf(action)[0];
    const hides = name === "hide-labels";
    return html`<button type="button" title="${action.title}${chord ? ` (${printChord(chord)})` : ""}" aria-label=${action.title}
      aria-pressed=${hides ? `${this.showOverlay}` : nothing} @click=${action.run}>${icon(hides && !this.showOverlay ? "eye-off" : glyph)}</button>`;
  }
}

type Verbs = { [K in keyof typeof STANDARD_KEYS as K extends `view.${infer Verb}` ? Verb : never]: unknown };

define("gs-image-viewer", ImageViewer);
