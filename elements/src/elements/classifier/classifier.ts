/**
 * What the four classifiers share: categories, the picker, keys, initial value. A subclass says whether several
 * categories may be chosen and what is shown in the middle.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { AnnotationElement } from "../../chrome/annotation.js";
import { lenient } from "../../chrome/base.js";
import { labelColour } from "../../chrome/palette.js";
import type { WorkerComment } from "../../chrome/regions.js";
import { printChord } from "../../keys/chords.js";
import { KEYED, matching, meant, NameSearch } from "../../chrome/name-search.js";
import { keys, type KeyAction } from "../../keys/registry.js";
import { labelKey } from "../../keys/standard.js";
import { classifierStyles } from "./classifier.styles.js";

/** An initial value is JSON, or simply the category's name. */
const lenientOrText = {
  fromAttribute: (text: string | null) => {
    const looksLikeJson = /^\s*[[{"']/.test(text ?? "");
    return looksLikeJson ? lenient.fromAttribute!(text) : (text ?? undefined);
  },
};

export abstract class Classifier extends AnnotationElement {
  static override styles = [...AnnotationElement.styles, classifierStyles];

  /** The categories to choose from: texts, or objects with a `label`. Scripts may replace them at any time. */
  @property({ converter: lenient }) categories: unknown = [];

  /** The value the task begins with: a category, a list of them, or an answer of this element. */
  @property({ attribute: "initial-value", converter: lenientOrText }) initialValue: unknown;

  @state() protected chosen: readonly string[] = [];
  @state() private aimed: string | undefined; // of several that may be chosen, the one Enter takes
  @query(".find") private field?: HTMLInputElement;
  private readonly search = new NameSearch((query) => this.searched(query));
  private touched = false;

  protected abstract readonly several: boolean;

  /** The category that stands for "none of these" and clears the others, where there is one. */
  protected get exclusion(): string | undefined {
    return undefined;
  }

  /** The categories as texts, without duplicates, the excluding one last. */
  protected get names(): string[] {
    const given = Array.isArray(this.categories) ? this.categories.map(categoryName) : [];
    return [...new Set([...given, ...(this.exclusion ? [this.exclusion] : [])])];
  }

  override get submitProblem(): string | null {
    if (this.chosen.length > 0 || this.names.length === 0) return null;
    return this.several ? "Choose at least one category." : "Choose a category.";
  }

  override get draft(): unknown {
    return { chosen: this.chosen, comment: this.comment?.value };
  }

  override restore(draft: unknown): void {
    const { chosen, comment } = (draft ?? {}) as { chosen?: unknown; comment?: unknown };
    if (Array.isArray(chosen)) this.chosen = this.known(chosen.map(String));
    this.touched = true;
    this.comment?.restore(comment);
  }

  override reset(): void {
    this.touched = false;
    this.chosen = this.known(namesOf(this.initialValue));
  }

  /** Parts of the answer besides the chosen categories. */
  protected get answerExtras(): Record<string, unknown> {
    const comment = this.comment?.value;
    const first = this.known(namesOf(this.initialValue));
    return {
      ...(comment === undefined ? {} : { workerComment: comment }),
      ...(this.initialValue === undefined ? {} : { initialValueModified: !sameSet(first, this.chosen) }),
    };
  }

  /** Chooses a category, or with several takes it back when it was chosen. */
  protected choose(name: string): void {
    const was = this.chosen.includes(name);
    this.touched = true;
    if (!this.several) this.chosen = [name];
    else if (was) this.chosen = this.chosen.filter((other) => other !== name);
    else if (name === this.exclusion) this.chosen = [name];
    else this.chosen = this.known([...this.chosen.filter((other) => other !== this.exclusion), name]);
    this.announce(was && this.several ? `${name} taken back` : `${name} chosen`);
    this.changed();
  }

  protected override keyActions(): readonly KeyAction[] {
    if (this.names.length > KEYED) return [...this.searchActions(), ...super.keyActions()];
    const choices = this.names.map((name, index) => ({
      id: `choose.${index + 1}`, title: name, group: this.several ? "Choose or take back" : "Choose", keys: labelKey(index), run: () => this.choose(name),
    }));
    return [...choices, ...super.keyActions()];
  }

  private searchActions(): KeyAction[] {
    const take: KeyAction = {
      id: "names.take", title: "Choose what was found, or take it back", group: "Labels", keys: [], also: ["Enter"], inFields: "line",
      when: () => this.several && this.aimed !== undefined,
      run: () => {
        this.choose(this.aimed ?? "");
        this.search.set("");
      },
    };
    return [...this.search.actions({ letters: true, open: () => this.field?.focus() }), take];
  }

  // One category is chosen as it is found, so that Enter submits it; of several, Enter takes it.
  private searched(query: string): void {
    const found = meant(this.names, query);
    this.aimed = this.several ? found : undefined;
    if (!this.several && found !== undefined && found !== this.chosen[0]) this.choose(found);
    if (!this.several && found === undefined && query !== "") this.takeBack();
    if (query === "") this.field?.blur();
    this.requestUpdate();
    const name = found ?? this.chosen[0];
    void this.updateComplete.then(() => name !== undefined && this.rowOf(name)?.scrollIntoView({ block: "nearest" }));
  }

  // Enter must never submit what an earlier letter had found.
  private takeBack(): void {
    if (this.chosen.length === 0) return;
    this.chosen = [];
    this.changed();
  }

  private rowOf(name: string): HTMLElement | undefined {
    return [...this.renderRoot.querySelectorAll<HTMLElement>(".choice")].find((row) => row.dataset.name === name);
  }

  protected override willUpdate(changes: PropertyValues): void {
    if (changes.has("initialValue") && !this.touched) this.chosen = this.known(namesOf(this.initialValue));
    if (!changes.has("categories")) return;
    // Scripts replace the categories of a second question when the first is answered: what is gone is not chosen.
    this.chosen = this.touched ? this.known(this.chosen) : this.known([...this.chosen, ...namesOf(this.initialValue)]);
  }

  private get comment(): WorkerComment | null {
    return this.querySelector<WorkerComment>(":scope > worker-comment");
  }

  private known(names: readonly string[]): string[] {
    const wanted = new Set(names);
    const found = this.names.filter((name) => wanted.has(name));
    return this.several ? found : found.slice(0, 1);
  }

  // Arrows walk through the rows as in any radio group; with several they only move the focus.
  private arrow(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>(".choice")];
    const next = rows[(rows.indexOf(event.target as HTMLElement) + step + rows.length) % rows.length];
    next?.focus();
    if (!this.several && next) this.choose(next.dataset.name ?? "");
  }

  protected override renderSide(): TemplateResult {
    const names = this.names;
    const shown = matching(names, this.search.query);
    return html`<div class="category-picker-wrapper">
      <h2 id="categories">${this.several ? "Categories · choose all that fit" : "Categories"}</h2>
      ${names.length > KEYED ? html`<input class="field find" type="search" placeholder="Find a category by name or number" aria-label="Find a category" .value=${this.search.query} @input=${this.typed} @change=${(event: Event) => event.stopPropagation()} />` : nothing}
      <div class="choices" role=${this.several ? "group" : "radiogroup"} aria-labelledby="categories" @keydown=${this.arrow}>
        ${shown.map((name) => this.renderChoice(name, names.indexOf(name)))}
      </div>
      ${shown.length === 0 ? html`<span class="none">${names.length ? "No category has this in its name." : "No categories yet."}</span>` : nothing}
    </div>`;
  }

  private renderChoice(name: string, index: number): TemplateResult {
    const checked = this.chosen.includes(name);
    const focusable = this.several || checked || (this.chosen.length === 0 && index === 0);
    const chord = this.names.length > KEYED ? `${index + 1}` : keys.keysOf({ id: `choose.${index + 1}`, keys: labelKey(index) })[0];
    return html`${name === this.exclusion ? html`<hr class="rule" />` : nothing}<button
        type="button" class="choice ${name === this.aimed ? "aimed" : ""}" role=${this.several ? "checkbox" : "radio"} aria-checked=${checked} aria-label=${name} data-name=${name}
        data-key=${chord ? printChord(chord) : nothing} tabindex=${focusable ? 0 : -1} style="--c:${labelColour(index)}"
        @click=${() => this.choose(name)}><span>${name}</span></button>`;
  }

  private typed(event: Event): void {
    event.stopPropagation();
    this.search.set((event.target as HTMLInputElement).value);
  }
}

function categoryName(category: unknown): string {
  if (typeof category !== "object" || category === null) return `${category}`;
  const { label, text, name, displayName } = category as Record<string, unknown>;
  return `${label ?? text ?? name ?? displayName ?? ""}`;
}

function namesOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(categoryName);
  const labels = (value as { labels?: unknown }).labels;
  return Array.isArray(labels) ? labels.map(categoryName) : [categoryName(value)];
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
