import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { property, query, state } from "lit/decorators.js";
import { AnnotationElement } from "../../chrome/annotation.js";
import { lenient } from "../../chrome/base.js";
import { icon } from "../../chrome/icons.js";
import { labelColour } from "../../chrome/palette.js";
import { chordsOf, printChord } from "../../keys/chords.js";
import { keys, type KeyAction } from "../../keys/registry.js";
import { choiceKey, STANDARD_KEYS } from "../../keys/standard.js";
import { EntityList, linesOf, type Entity, type Segment } from "../../spans/entities.js";
import { Offsets } from "../../spans/offsets.js";
import { clearSelection, placeCaret, selectedRange, type TextRange } from "../../spans/selection.js";
import { fillPage, type CrowdForm } from "../crowd-form/crowd-form.component.js";
import { entityStyles } from "./crowd-entity-annotation.styles.js";

interface SpanLabel {
  readonly label: string;
  readonly short: string;
  readonly full: string;
}

interface AnswerEntity {
  readonly label: string;
  readonly startOffset: number; // code points
  readonly endOffset: number;
}

const TEXT_KEYS = /^(?:Arrow|Home|End|Page|Tab|Shift|Control|Alt|Meta|F\d)/;

/**
 * Marks spans of a text. It is a form of its own, with its own Submit: it does not stand inside crowd-form.
 *
 * Answer: `{"entities": [{"label": "person", "startOffset": 0, "endOffset": 3}]}`; offsets count Unicode characters, the
 * end is the first one after the span.
 * @fires submit - cancelable
 */
export class CrowdEntityAnnotation extends AnnotationElement {
  static override styles = [...AnnotationElement.styles, entityStyles];

  /** The text to mark. */
  @property() text = "";

  /** `[{label, shortDisplayName, fullDisplayName}]`, or texts. Scripts may replace them. */
  @property({ converter: lenient }) labels: unknown = [];

  /** `[{label, startOffset, endOffset}]` to begin with. */
  @property({ attribute: "initial-value", converter: lenient }) initialValue: unknown;

  @state() private armed: string | undefined; // the label a drag gives at once
  @state() private chosen: number | undefined; // the entity the keys act on
  @state() private selection: TextRange | undefined;
  @query("crowd-form") private inner!: CrowdForm;
  @query(".text") private place!: HTMLElement;

  private list = new EntityList("");
  private offsets = new Offsets("");
  private initial = "[]";
  private readonly selectionChanged = (): void => this.readSelection();
  private readonly extras = new MutationObserver(() => this.placeExtras());

  /** The inner crowd-form's `<form>`: what scripts append to it is shown below the text and answered too. */
  get form(): HTMLFormElement {
    return this.inner.form;
  }

  override get value(): unknown {
    const entities = this.answered();
    const modified = this.initialValue === undefined ? {} : { initialValueModified: JSON.stringify(entities) !== this.initial };
    return { entities, ...modified };
  }

  override get draft(): unknown {
    return this.answered();
  }

  override restore(draft: unknown): void {
    this.list.load(this.fromAnswer(draft));
    this.touch();
  }

  override reset(): void {
    this.list.load(this.fromAnswer(this.initialValue));
    this.touch();
  }

  /** Submits as a script. */
  submit(): void {
    this.inner.submit();
  }

  protected override get paper(): boolean {
    return true;
  }

  protected override requestSubmit(): void {
    this.inner.requestSubmit();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.full = true;
    fillPage();
    document.addEventListener("selectionchange", this.selectionChanged);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("selectionchange", this.selectionChanged);
    this.extras.disconnect();
  }

  protected override async firstUpdated(): Promise<void> {
    await this.inner.updateComplete;
    this.inner.include(this);
    this.inner.addEventListener("submit", (event) => {
      const own = new Event("submit", { bubbles: true, cancelable: true });
      if (!this.dispatchEvent(own)) event.preventDefault();
    });
    this.extras.observe(this.inner.form, { childList: true });
    this.placeExtras();
  }

  protected override willUpdate(changes: PropertyValues): void {
    if (!changes.has("text") && !changes.has("initialValue")) return;
    if (changes.has("text")) {
      this.list = new EntityList(this.text ?? "");
      this.offsets = new Offsets(this.text ?? "");
    }
    this.list.load(this.fromAnswer(this.initialValue));
    this.initial = JSON.stringify(this.answered());
    this.chosen = undefined;
  }

  protected override keyActions(): readonly KeyAction[] {
    const labels = this.known.map((one, index) => ({
      id: `span.${index + 1}`, title: one.full, group: "Labels", keys: choiceKey(index), run: () => this.pick(one.label),
    }));
    return [
      ...labels,
      { id: "edit.undo", title: "Undo", group: "Edit", keys: STANDARD_KEYS["edit.undo"], repeats: true, run: () => this.travel("undo") },
      { id: "edit.redo", title: "Redo", group: "Edit", keys: STANDARD_KEYS["edit.redo"], repeats: true, run: () => this.travel("redo") },
      { id: "span.remove", title: "Remove the chosen span", group: "Edit", keys: ["Delete", "Backspace"], when: () => this.chosen !== undefined, run: () => this.drop(this.chosen!) },
      { id: "span.longer", title: "End one character later", group: "Chosen span", keys: ["]"], repeats: true, when: () => this.chosen !== undefined, run: () => this.resize(0, 1) },
      { id: "span.shorter", title: "End one character earlier", group: "Chosen span", keys: ["["], repeats: true, when: () => this.chosen !== undefined, run: () => this.resize(0, -1) },
      { id: "span.later", title: "Begin one character later", group: "Chosen span", keys: ["}"], repeats: true, when: () => this.chosen !== undefined, run: () => this.resize(1, 0) },
      { id: "span.earlier", title: "Begin one character earlier", group: "Chosen span", keys: ["{"], repeats: true, when: () => this.chosen !== undefined, run: () => this.resize(-1, 0) },
      { id: "span.let-go", title: "Choose no label and no span", group: "Edit", keys: ["Escape"], run: () => this.letGo() },
      ...super.keyActions(),
    ];
  }

  private get known(): SpanLabel[] {
    return Array.isArray(this.labels) ? this.labels.map(spanLabel).filter((one) => one.label !== "") : [];
  }

  private answered(): AnswerEntity[] {
    return this.list.all.map(({ label, start, end }) => ({
      label, startOffset: this.offsets.toCodePoints(start), endOffset: this.offsets.toCodePoints(end),
    }));
  }

  private fromAnswer(value: unknown): Omit<Entity, "id">[] {
    const given = Array.isArray(value) ? value : (value as { entities?: unknown } | null | undefined)?.entities;
    if (!Array.isArray(given)) return [];
    return given.map((one: Partial<AnswerEntity>) => ({
      label: `${one.label}`, start: this.offsets.toUnits(Number(one.startOffset)), end: this.offsets.toUnits(Number(one.endOffset)),
    }));
  }

  private touch(): void {
    if (this.chosen !== undefined && !this.list.get(this.chosen)) this.chosen = undefined;
    this.requestUpdate();
  }

  private edited(said: string): void {
    this.touch();
    this.announce(said);
    this.changed();
  }

  /** A label was pressed: it goes on the selection, or on the chosen span, or arms the next drag. */
  private pick(label: string): void {
    if (this.selection) return this.mark(label, this.selection);
    if (this.chosen !== undefined) {
      this.list.relabel(this.chosen, label);
      return this.edited(`Now ${label}`);
    }
    this.armed = this.armed === label ? undefined : label;
    this.announce(this.armed ? `${label}: select text to mark it` : `${label} is no longer chosen`);
  }

  private mark(label: string, range: TextRange): void {
    const made = this.list.add(label, range.start, range.end);
    clearSelection(this.renderRoot as ShadowRoot);
    this.selection = undefined;
    if (!made) return this.announce("Nothing new to mark there");
    this.edited(`${label}: ${this.excerpt(made)}`);
    if ((this.renderRoot as ShadowRoot).activeElement === this.place) void this.updateComplete.then(() => placeCaret(this.place, made.end));
  }

  private drop(id: number): void {
    const gone = this.list.get(id);
    const row = this.list.all.findIndex((entity) => entity.id === id);
    const hadFocus = (this.renderRoot as ShadowRoot).activeElement?.closest(".entity") !== null;
    this.list.remove(id);
    this.chosen = undefined;
    if (gone) this.edited(`Removed ${gone.label}: ${this.excerpt(gone)}`);
    if (hadFocus) void this.updateComplete.then(() => this.rows()[Math.min(row, this.rows().length - 1)]?.focus());
  }

  private resize(startBy: number, endBy: number): void {
    const { chosen } = this;
    if (chosen === undefined) return;
    this.list.resize(chosen, startBy, endBy);
    const now = this.list.get(chosen);
    if (now) this.edited(this.excerpt(now));
  }

  private travel(way: "undo" | "redo"): void {
    if (way === "undo" ? !this.list.canUndo : !this.list.canRedo) return;
    this.list[way]();
    this.edited(way === "undo" ? "Undone" : "Done again");
  }

  private letGo(): void | false {
    if (this.armed === undefined && this.chosen === undefined && !this.selection) return false;
    this.armed = undefined;
    this.chosen = undefined;
    clearSelection(this.renderRoot as ShadowRoot);
    return undefined;
  }

  /** A click on marked text chooses the innermost span there; a drag that ends there selects text. */
  private pointedAt(entities: readonly Entity[]): void {
    const inner = entities.at(-1);
    if (inner && this.armed === undefined && !selectedRange(this.renderRoot as ShadowRoot, this.place)) this.choose(inner.id);
  }

  private choose(id: number): void {
    this.chosen = id;
    this.renderRoot.querySelector(`.tag[data-id="${id}"]`)?.scrollIntoView({ block: "nearest" });
  }

  private rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>(".entity .go")];
  }

  private excerpt({ start, end }: { start: number; end: number }): string {
    const text = this.list.text.slice(start, end).replace(/\s+/g, " ");
    return text.length > 60 ? `${text.slice(0, 40)} … ${text.slice(-16)}` : text;
  }

  private readSelection(): void {
    if (!this.place || document.activeElement !== this) {
      if (this.selection && !this.matches(":focus-within")) this.selection = undefined;
      return;
    }
    const range = selectedRange(this.renderRoot as ShadowRoot, this.place);
    const active = (this.renderRoot as ShadowRoot).activeElement;
    if (range || active === this.place) this.selection = range;
  }

  // A drag that ends with a label armed marks at once; touch selects first and then presses the label.
  private released(event: PointerEvent): void {
    if (event.pointerType === "touch" || this.armed === undefined) return;
    const { armed } = this;
    // The selection of a click on a selected text is only known after the event.
    setTimeout(() => {
      const range = selectedRange(this.renderRoot as ShadowRoot, this.place);
      if (range) this.mark(armed, range);
    });
  }

  // The text is editable only so that the caret and every way to select work in it: nothing can be typed. Label keys
  // are answered here, because keys pressed in a field reach nothing else.
  private pressed(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented) return;
    this.readSelection(); // a fast key can be ahead of the selectionchange event
    const chords = chordsOf(event);
    const action = this.keyActions().find((one) => keys.keysOf(one).some((chord) => chords.includes(chord)) && (one.when?.() ?? true));
    if (action && action.run(event) !== false) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      event.stopPropagation();
      this.requestSubmit();
    } else if (!TEXT_KEYS.test(event.key) && !event.ctrlKey && !event.metaKey && event.key !== "?") event.preventDefault();
  }

  private rowKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = this.rows();
    rows[(rows.indexOf(event.target as HTMLElement) + step + rows.length) % rows.length]?.focus();
  }

  private placeExtras(): void {
    // What a script appended is a light child of the inner form beside its own content.
    const own = new Set(["content", "bar"]);
    const extra = [...this.inner.form.children].some((child) => !own.has(child.classList[0] ?? ""));
    this.toggleAttribute("extra", extra);
    this.inner.toggleAttribute("extra", extra);
  }

  override render(): TemplateResult {
    return html`<crowd-form>
      ${super.render()}
      <button type="submit" style="display:none" aria-hidden="true" tabindex="-1"></button>
    </crowd-form>`;
  }

  protected override renderStage(): TemplateResult {
    const armed = this.known.findIndex((one) => one.label === this.armed);
    return html`<div
      class="text ${armed >= 0 ? "armed" : ""}" style="--armed:${labelColour(Math.max(0, armed))}" contenteditable="true" inputmode="none" spellcheck="false" role="textbox"
      aria-multiline="true" aria-readonly="true" aria-label="Text to mark" tabindex="0"
      @beforeinput=${stop} @paste=${stop} @cut=${stop} @drop=${stop} @dragstart=${stop}
      @pointerup=${this.released} @keydown=${this.pressed}>${this.renderLines()}</div>`;
  }

  // A line is drawn again only when the entities over it, or what is chosen, changed: a long text stays quick.
  private renderLines(): unknown {
    return linesOf(this.list.text).map(({ start, end }) => {
      const over = this.list.all.filter((entity) => entity.start < end && entity.end > start);
      const state = over.map((entity) => `${entity.id}/${entity.label}/${entity.start}/${entity.end}/${entity.id === this.chosen}`).join();
      return guard([this.list, this.labels, start, end, state], () => html`<div class="line">${this.list.segments(start, end).map((one) => this.renderSegment(one))}</div>`);
    });
  }

  private renderSegment({ start, end, entities, ending }: Segment): TemplateResult {
    const text = this.list.text.slice(start, end);
    const stripes = entities.map((entity, index) => `inset 0 -${3 * (index + 1)}px ${this.colour(entity.label)}`).join(",");
    const ground = entities[0] ? `background:color-mix(in srgb, ${this.colour(entities.at(-1)!.label)} ${entities.some(({ id }) => id === this.chosen) ? 38 : 16}%, transparent);box-shadow:${stripes}` : "";
    return html`<span class="segment" data-start=${start} data-end=${end} style=${ground || nothing} @click=${() => this.pointedAt(entities)}>${text}</span>${ending.map((entity) => this.renderTag(entity))}`;
  }

  private renderTag(entity: Entity): TemplateResult {
    const { short, full } = this.known.find((one) => one.label === entity.label) ?? { short: entity.label, full: entity.label };
    return html`<span class="tag ${entity.id === this.chosen ? "on" : ""}" contenteditable="false" data-id=${entity.id} title=${full}
      style="--c:${this.colour(entity.label)}" @click=${() => this.choose(entity.id)}>${short}<button type="button" tabindex="-1"
        aria-label="Remove ${full}: ${this.excerpt(entity)}" @click=${(event: Event) => (event.stopPropagation(), this.drop(entity.id))}>×</button></span>`;
  }

  private colour(label: string): string {
    const index = this.known.findIndex((one) => one.label === label);
    return labelColour(index < 0 ? 7 : index);
  }

  protected override renderSide(): TemplateResult {
    return html`<div>
        <h2>Labels</h2>
        <div class="labels" role="group" aria-label="Labels">${this.known.map((one, index) => this.renderLabel(one, index))}</div>
      </div>
      <p class="hint">Select text, then press a label or its key; or choose a label first and drag.</p>
      <div class="steps">
        <button type="button" class="icon" aria-label="Undo" ?disabled=${!this.list.canUndo} @click=${() => this.travel("undo")}>${icon("undo")}</button>
        <button type="button" class="icon" aria-label="Redo" ?disabled=${!this.list.canRedo} @click=${() => this.travel("redo")}>${icon("redo")}</button>
      </div>
      ${this.list.all.length ? html`<h2 class="marked">Marked · ${this.list.all.length}</h2>` : nothing}
      <ul class="entities" aria-label="Marked spans" @keydown=${this.rowKey} ?hidden=${this.list.all.length === 0}>
        ${this.list.all.map((entity) => this.renderRow(entity))}
      </ul>`;
  }

  private renderLabel({ label, full }: SpanLabel, index: number): TemplateResult {
    const count = this.list.all.filter((entity) => entity.label === label).length;
    const chord = keys.keysOf({ id: `span.${index + 1}`, keys: choiceKey(index) })[0];
    // A press must not take the selection away from the text.
    return html`<button type="button" class="label" style="--c:${labelColour(index)}" aria-pressed=${this.armed === label}
      @pointerdown=${(event: Event) => event.preventDefault()} @mousedown=${(event: Event) => event.preventDefault()} @click=${() => this.pick(label)}>
      <span>${full}</span>${count ? html`<span class="count">${count}</span>` : nothing}${chord ? html`<kbd aria-hidden="true">${printChord(chord)}</kbd>` : nothing}
    </button>`;
  }

  private renderRow(entity: Entity): TemplateResult {
    const chosen = entity.id === this.chosen;
    return html`<li class="entity ${chosen ? "on" : ""}" style="--c:${this.colour(entity.label)}">
      <button type="button" class="go" aria-pressed=${chosen} @focus=${() => this.choose(entity.id)} @click=${() => this.choose(entity.id)}>
        <span>${this.excerpt(entity)}</span><small>${entity.label}</small>
      </button>
      <button type="button" class="icon" aria-label="Remove ${entity.label}: ${this.excerpt(entity)}" @click=${() => this.drop(entity.id)}>${icon("close", 16)}</button>
    </li>`;
  }
}

function stop(event: Event): void {
  event.preventDefault();
}

function spanLabel(given: unknown): SpanLabel {
  if (typeof given !== "object" || given === null) return { label: `${given}`, short: `${given}`, full: `${given}` };
  const { label, shortDisplayName, fullDisplayName, longDisplayName } = given as Record<string, unknown>;
  const name = `${label ?? ""}`;
  return { label: name, short: `${shortDisplayName ?? name}`, full: `${fullDisplayName ?? longDisplayName ?? name}` };
}
