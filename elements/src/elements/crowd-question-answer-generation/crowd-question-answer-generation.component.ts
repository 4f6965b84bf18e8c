import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { AnnotationElement } from "../../chrome/annotation.js";
import { lenient, lenientBoolean } from "../../chrome/base.js";
import { icon } from "../../chrome/icons.js";
import { SourceText } from "../../chrome/source-text.js";
import type { KeyAction } from "../../keys/registry.js";
import { generationStyles } from "./crowd-question-answer-generation.styles.js";

interface Reference {
  readonly text: string;
  readonly startOffset: number; // in Unicode code points, as everywhere
  readonly endOffset: number; // the first character after
}

interface Pair {
  readonly question: string;
  readonly answer: string;
  readonly tags: readonly string[];
  readonly references: readonly Reference[];
}

const EMPTY: Pair = { question: "", answer: "", tags: [], references: [] };

/**
 * Writes questions about a text with their answers, tags, and the places of the text they rest on.
 *
 * Answer: `{"questionAnswerPairs": [{"question", "answer", "tags": [...], "references": [{"text", "startOffset", "endOffset"}]}]}`;
 * `tags` and `references` only where there are any.
 */
export class CrowdQuestionAnswerGeneration extends AnnotationElement {
  static override styles = [...AnnotationElement.styles, generationStyles];

  @property() text = "";

  /** Tags to choose from; an empty list hides the field unless workers may write tags of their own. */
  @property({ attribute: "question-tags", converter: lenient }) questionTags: unknown = [];
  @property({ attribute: "allow-custom-question-tags", type: Boolean, converter: lenientBoolean }) allowCustomQuestionTags = false;
  @property({ attribute: "min-questions", type: Number }) minQuestions = 1;
  @property({ attribute: "max-questions", type: Number }) maxQuestions: number | undefined;
  @property({ attribute: "question-min-words", type: Number }) questionMinWords = 1;
  @property({ attribute: "question-max-words", type: Number }) questionMaxWords: number | undefined;
  @property({ attribute: "answer-min-words", type: Number }) answerMinWords = 1;
  @property({ attribute: "answer-max-words", type: Number }) answerMaxWords: number | undefined;

  @state() private pairs: readonly Pair[] = [EMPTY];
  @state() private active = 0;
  @state() private checked = false;
  private readonly source = new SourceText(this, () => this.text);

  override get value(): unknown {
    const written = this.pairs.filter((pair) => pair.question.trim() || pair.answer.trim());
    if (written.length === 0) return undefined;
    return {
      questionAnswerPairs: written.map(({ question, answer, tags, references }) => ({
        question: question.trim(), answer: answer.trim(), ...(tags.length ? { tags } : {}), ...(references.length ? { references } : {}),
      })),
    };
  }

  override get draft(): unknown {
    return this.pairs;
  }

  override restore(draft: unknown): void {
    if (Array.isArray(draft) && draft.length > 0) this.pairs = draft.map((pair) => ({ ...EMPTY, ...(pair as Partial<Pair>) }));
  }

  override reset(): void {
    this.pairs = [EMPTY];
    this.active = 0;
    this.checked = false;
  }

  override get submitProblem(): string | null {
    this.checked = true;
    if (this.pairs.length < this.minQuestions) return `Write at least ${this.minQuestions} questions.`;
    const at = this.pairs.findIndex((pair) => this.questionProblem(pair) || this.answerProblem(pair));
    const pair = this.pairs[at];
    return pair ? `Question ${at + 1}: ${this.questionProblem(pair) || this.answerProblem(pair)}` : null;
  }

  protected override get paper(): boolean {
    return true;
  }

  private get tagChoices(): string[] {
    return Array.isArray(this.questionTags) ? this.questionTags.map(String) : [];
  }

  private questionProblem(pair: Pair): string {
    return wordProblem("The question", pair.question, this.questionMinWords, this.questionMaxWords);
  }

  private answerProblem(pair: Pair): string {
    return wordProblem("The answer", pair.answer, this.answerMinWords, this.answerMaxWords);
  }

  private get mayAdd(): boolean {
    return !this.maxQuestions || this.pairs.length < this.maxQuestions;
  }

  private change(at: number, part: Partial<Pair>, final = true): void {
    this.pairs = this.pairs.map((pair, index) => (index === at ? { ...pair, ...part } : pair));
    this.active = at;
    this.changed({ final });
  }

  private async add(): Promise<void> {
    if (!this.mayAdd) return;
    this.pairs = [...this.pairs, EMPTY];
    this.active = this.pairs.length - 1;
    this.announce(`Question ${this.pairs.length} added`);
    this.changed();
    await this.updateComplete;
    this.renderRoot.querySelectorAll<HTMLElement>("textarea.question-text")[this.active]?.focus();
  }

  private removePair(at: number): void {
    this.pairs = this.pairs.length > 1 ? this.pairs.filter((_pair, index) => index !== at) : [EMPTY];
    this.active = Math.max(0, Math.min(this.active, this.pairs.length - 1));
    this.announce(`Question ${at + 1} removed`);
    this.changed();
  }

  private toggleTag(at: number, tag: string): void {
    const tags = this.pairs[at]?.tags ?? [];
    this.change(at, { tags: tags.includes(tag) ? tags.filter((other) => other !== tag) : [...tags, tag] });
  }

  private addTag(at: number, event: KeyboardEvent): void {
    const field = event.target as HTMLInputElement;
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const tag = field.value.trim();
    if (tag && !this.pairs[at]?.tags.includes(tag)) this.toggleTag(at, tag);
    field.value = "";
  }

  /** Adds the selected part of the text to the pair that is being written. */
  private addReference(): void {
    const source = this.renderRoot.querySelector(".source");
    const root = this.renderRoot as ShadowRoot & { getSelection?(): Selection | null };
    const selection = root.getSelection?.() ?? document.getSelection();
    const text = source?.firstChild;
    if (!selection?.rangeCount || !text || !source.contains(selection.anchorNode)) return this.announce("Select a part of the text first");
    const [from, to] = [selection.anchorOffset, selection.focusOffset].sort((a, b) => a - b) as [number, number];
    if (from === to) return;
    const before = [...this.source.text.slice(0, from)].length;
    const quoted = this.source.text.slice(from, to);
    const reference = { text: quoted, startOffset: before, endOffset: before + [...quoted].length };
    this.change(this.active, { references: [...(this.pairs[this.active]?.references ?? []), reference] });
    this.announce(`Reference added to question ${this.active + 1}`);
  }

  protected override keyActions(): readonly KeyAction[] {
    return [
      { id: "pair.add", title: "Add a question", group: "Questions", keys: ["Alt+n"], inFields: "all", run: () => void this.add() },
      { id: "pair.reference", title: "Refer to the selected text", group: "Questions", keys: ["Alt+r"], inFields: "all", run: () => this.addReference() },
      ...super.keyActions(),
    ];
  }

  protected override renderStage(): TemplateResult {
    return html`<div class="source" part="source" .textContent=${this.source.text}></div>
      <button class="refer" type="button" title="Alt R" @mousedown=${(event: Event) => event.preventDefault()} @click=${this.addReference}>
        ${icon("link", 16)} Refer question ${this.active + 1} to the selected text</button>`;
  }

  protected override renderSide(): TemplateResult {
    const least = Math.max(this.minQuestions, 1);
    return html`<h2>Questions · ${this.pairs.length} of ${least === this.maxQuestions ? least : this.maxQuestions ? `${least} to ${this.maxQuestions}` : `at least ${least}`}</h2>
      ${this.pairs.map((pair, at) => this.renderPair(pair, at))}
      <button type="button" title="Alt N" ?disabled=${!this.mayAdd} @click=${this.add}>${icon("add", 16)} Add a question</button>`;
  }

  private renderPair(pair: Pair, at: number): TemplateResult {
    return html`<fieldset class="pair ${at === this.active ? "active" : ""}" @focusin=${() => (this.active = at)}>
      <legend>Question ${at + 1}</legend>
      ${this.renderText("question-text", `Question ${at + 1}`, "Question", pair.question, (question) => this.change(at, { question }, false), this.questionProblem(pair))}
      ${this.renderText("answer-text", `Answer ${at + 1}`, "Answer", pair.answer, (answer) => this.change(at, { answer }, false), this.answerProblem(pair))}
      ${this.renderTags(pair, at)}
      ${pair.references.map((reference, index) => html`<div class="reference"><q>${reference.text}</q>
        <button class="icon" type="button" aria-label="Remove reference ${index + 1} of question ${at + 1}"
          @click=${() => this.change(at, { references: pair.references.filter((other) => other !== reference) })}>${icon("close", 14)}</button></div>`)}
      <button class="link" type="button" aria-label="Remove question ${at + 1}" @click=${() => this.removePair(at)}>Remove</button>
    </fieldset>`;
  }

  private renderText(kind: string, name: string, label: string, text: string, change: (text: string) => void, problem: string): TemplateResult {
    const wrong = this.checked && problem !== "";
    return html`<label>${label}<textarea class="field ${kind}" rows="2" aria-label=${name} aria-invalid=${wrong} .value=${text}
      @input=${(event: Event) => { event.stopPropagation(); change((event.target as HTMLTextAreaElement).value); }}
      @change=${(event: Event) => { event.stopPropagation(); this.changed(); }}></textarea></label>
      ${wrong ? html`<p class="problem">${problem}</p>` : nothing}`;
  }

  private renderTags(pair: Pair, at: number): TemplateResult | typeof nothing {
    const tags = [...new Set([...this.tagChoices, ...pair.tags])];
    if (tags.length === 0 && !this.allowCustomQuestionTags) return nothing;
    return html`<div class="tags" role="group" aria-label="Tags of question ${at + 1}">
      ${tags.map((tag) => html`<button type="button" class="tag" aria-pressed=${pair.tags.includes(tag)} @click=${() => this.toggleTag(at, tag)}>${tag}</button>`)}
      ${this.allowCustomQuestionTags ? html`<input class="field" placeholder="New tag, then Enter" aria-label="New tag for question ${at + 1}"
        @input=${(event: Event) => event.stopPropagation()} @change=${(event: Event) => event.stopPropagation()} @keydown=${(event: KeyboardEvent) => this.addTag(at, event)} />` : nothing}
    </div>`;
  }
}

function wordProblem(what: string, text: string, least: number, most: number | undefined): string {
  const words = text.trim() ? text.trim().split(/\s+/).length : 0;
  if (words < least) return `${what} needs at least ${least} ${least === 1 ? "word" : "words"}.`;
  return most && words > most ? `${what} may have at most ${most} words; it has ${words}.` : "";
}
