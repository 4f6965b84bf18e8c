import { css, html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { CrowdElement, lenientBoolean } from "../../chrome/base.js";
import { controls } from "../../chrome/controls.css.js";

/** A number chosen on a scale. Answer: the number. */
export class CrowdSlider extends CrowdElement {
  static override styles = [...CrowdElement.styles, controls, css`
    :host { display: block; margin: var(--gs-2) 0; min-width: 160px; }
    .row { display: flex; align-items: center; gap: var(--gs-3); }
    .track { flex: 1; position: relative; }
    input[type="range"] { width: 100%; height: 24px; margin: 0; display: block; }
    input[type="range"]:focus-visible { border-radius: var(--gs-radius-s); }
    .secondary { position: absolute; left: 0; top: 10px; height: 4px; border-radius: 2px; background: color-mix(in srgb, var(--gs-primary) 30%, transparent); pointer-events: none; }
    output { min-width: 3ch; text-align: end; font-variant-numeric: tabular-nums; color: var(--gs-text-2); }
    .number { width: 9ch; }
    .labels { position: relative; display: block; min-height: 0; margin: 0 8px; font-size: var(--gs-size-1); color: var(--gs-text-2); }
    .labels.used { min-height: 2.8em; }
  `];
  static override shadowRootOptions = { ...CrowdElement.shadowRootOptions, delegatesFocus: true };

  @property({ type: Number }) min = 0;
  @property({ type: Number }) max = 100;
  @property({ type: Number }) step = 1;
  @property({ type: Number, attribute: "secondary-progress" }) secondaryProgress = 0;

  /** Whether the number is shown beside the scale. */
  @property({ type: Boolean, converter: lenientBoolean }) pin = false;

  /** Whether the number can be typed too. */
  @property({ type: Boolean, converter: lenientBoolean }) editable = false;
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) required = false;
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) disabled = false;

  @state() private moved = false;
  @state() private hasLabels = false;
  private number: number | undefined;

  /** The number; the least one until another is given or chosen. */
  @property({ type: Number })
  set value(value: number | null | undefined) {
    const before = this.number;
    this.number = value === null || value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
    this.requestUpdate("value", before);
  }
  override get value(): number {
    return Math.min(Math.max(this.number ?? this.min, this.min), this.max);
  }

  override restore(draft: unknown): void {
    if (typeof draft === "number") this.value = draft;
  }

  override reset(): void {
    this.value = this.hasAttribute("value") ? Number(this.getAttribute("value")) : undefined;
    this.moved = false;
  }

  override get submitProblem(): string | null {
    return this.required && this.number === undefined && !this.moved && !this.disabled ? `${this.accessibleName}: choose a value on the scale.` : null;
  }

  private get accessibleName(): string {
    return this.getAttribute("aria-label") || this.getAttribute("label") || (this.internals.labels[0]?.textContent ?? "").trim() || this.name || "Slider";
  }

  private slide(event: Event): void {
    event.stopPropagation();
    const value = Number((event.target as HTMLInputElement).value);
    if (event.type === "input" || value !== this.number) this.value = value;
    this.moved = true;
    this.changed({ final: event.type === "change" });
  }

  // A press on the place where the thumb is already chooses that value.
  private pressed(): void {
    this.moved = true;
  }

  private place(event: Event): void {
    const labels = (event.target as HTMLSlotElement).assignedElements();
    this.hasLabels = labels.length > 0;
    for (const label of labels as HTMLElement[]) {
      const ratio = this.ratioOf(label.getAttribute("position") ?? label.getAttribute("value") ?? "");
      label.style.setProperty("--at", `${ratio}`);
      label.dataset.end = ratio === 0 ? "least" : ratio === 1 ? "most" : "";
    }
  }

  private ratioOf(position: string): number {
    const word = { start: 0, left: 0, min: 0, center: 0.5, middle: 0.5, end: 1, right: 1, max: 1 }[position];
    const ratio = word ?? (Number(position) - this.min) / (this.max - this.min);
    return Number.isFinite(ratio) ? Math.min(Math.max(ratio, 0), 1) : 0;
  }

  override render(): TemplateResult {
    const { min, max, step } = this;
    return html`<div class="row"><div class="track">
        <input type="range" min=${min} max=${max} step=${step} .value=${`${this.value}`} aria-label=${this.accessibleName} ?disabled=${this.disabled}
          @input=${this.slide} @change=${this.slide} @pointerdown=${this.pressed} />
        ${this.secondaryProgress ? html`<div class="secondary" style="width:${this.ratioOf(`${this.secondaryProgress}`) * 100}%"></div>` : nothing}
      </div>
      ${this.editable
        ? html`<input class="field number" type="number" min=${min} max=${max} step=${step} .value=${`${this.value}`} aria-label="${this.accessibleName}, number"
            ?disabled=${this.disabled} @input=${(event: Event) => event.stopPropagation()} @change=${this.slide} />`
        : this.pin ? html`<output>${this.value}</output>` : nothing}</div>
      <div class="labels ${this.hasLabels ? "used" : ""}"><slot @slotchange=${this.place}></slot></div>`;
  }
}
