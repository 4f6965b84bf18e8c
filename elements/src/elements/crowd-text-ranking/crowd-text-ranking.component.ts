import { html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { AnnotationElement } from "../../chrome/annotation.js";
import { lenient } from "../../chrome/base.js";
import { SourceText } from "../../chrome/source-text.js";
import type { KeyAction } from "../../keys/registry.js";
import { rankingStyles } from "./crowd-text-ranking.styles.js";

interface Dimension {
  readonly name: string;
  readonly allowTie: boolean;
}

/**
 * Ranks responses to a text in one or more dimensions; 1 is the best.
 *
 * Answer, standing in the form's answer itself: `{"ordinalRankingDimensions": [{"name", "allowTie", "responseRankings"}]}`;
 * the i-th number of `responseRankings` is the rank of the i-th response.
 */
export class CrowdTextRanking extends AnnotationElement {
  static override styles = [...AnnotationElement.styles, rankingStyles];

  /** The text that was responded to, or the address of a text file. */
  @property() text = "";

  /** The responses, a list of texts. */
  @property({ converter: lenient }) responses: unknown = [];

  /** `[{"name": "Clarity", "allowTie": true}]`. */
  @property({ attribute: "ordinal-ranking-dimensions", converter: lenient }) ordinalRankingDimensions: unknown = [];

  /** `rank[dimension][response]`, 1 is the best, 0 is none yet. */
  @state() private ranks: readonly (readonly number[])[] = [];
  @state() private active: readonly [dimension: number, response: number] = [0, 0];
  private readonly source = new SourceText(this, () => this.text);

  override get spread(): boolean {
    return true;
  }

  override get value(): unknown {
    if (!this.dimensions.some((_dimension, at) => this.ranksOf(at).some((rank) => rank > 0))) return undefined;
    return {
      ordinalRankingDimensions: this.dimensions.map(({ name, allowTie }, at) => ({ name, allowTie, responseRankings: this.ranksOf(at) })),
    };
  }

  override get draft(): unknown {
    return this.dimensions.map((_dimension, at) => this.ranksOf(at));
  }

  override restore(draft: unknown): void {
    if (Array.isArray(draft)) this.ranks = draft.filter(Array.isArray).map((row: unknown[]) => row.map(Number));
  }

  override reset(): void {
    this.ranks = [];
  }

  override get submitProblem(): string | null {
    const unfinished = this.dimensions.find((_dimension, at) => this.ranksOf(at).includes(0));
    return unfinished ? `${unfinished.name}: give every response a rank.` : null;
  }

  protected override get paper(): boolean {
    return true;
  }

  private get dimensions(): Dimension[] {
    const given = Array.isArray(this.ordinalRankingDimensions) ? (this.ordinalRankingDimensions as Partial<Dimension>[]) : [];
    return given.map((dimension) => ({ name: `${dimension.name ?? "Rank"}`, allowTie: dimension.allowTie === true }));
  }

  private get texts(): string[] {
    return Array.isArray(this.responses) ? this.responses.map((response) => (typeof response === "string" ? response : JSON.stringify(response))) : [];
  }

  private ranksOf(dimension: number): number[] {
    return this.texts.map((_text, response) => this.ranks[dimension]?.[response] ?? 0);
  }

  // Without ties a rank belongs to one response: the one that had it gets this one's old rank in exchange.
  private rank(dimension: number, response: number, rank: number): void {
    const row = this.ranksOf(dimension);
    const holder = row.indexOf(rank);
    if (!this.dimensions[dimension]?.allowTie && holder >= 0) row[holder] = row[response] ?? 0;
    row[response] = rank;
    this.ranks = this.dimensions.map((_dimension, at) => (at === dimension ? row : this.ranksOf(at)));
    this.active = [dimension, response];
    this.announce(`Response ${response + 1}, ${this.dimensions[dimension]?.name}: rank ${rank}`);
    this.changed();
  }

  private step(): void {
    const count = this.texts.length;
    const [dimension, response] = this.active;
    const at = (dimension * count + response + 1) % (count * this.dimensions.length || 1);
    this.active = [Math.floor(at / (count || 1)), at % (count || 1)];
  }

  protected override keyActions(): readonly KeyAction[] {
    const digits = this.texts.slice(0, 9).map((_text, index) => ({
      id: `rank.${index + 1}`, title: `Rank ${index + 1} for the marked response, then the next`, group: "Rank", keys: [`${index + 1}`],
      run: () => {
        const [dimension, response] = this.active;
        this.rank(dimension, response, index + 1);
        this.step();
      },
    }));
    return [...digits, { id: "rank.next", title: "Next response", group: "Rank", keys: ["n"], run: () => this.step() }, ...super.keyActions()];
  }

  protected override renderStage(): TemplateResult {
    return html`${this.source.text ? html`<div class="source" part="source">${this.source.text}</div>` : nothing}
      <div class="responses">${this.texts.map((text, response) => this.renderResponse(text, response))}</div>`;
  }

  private renderResponse(text: string, response: number): TemplateResult {
    return html`<article class="response" aria-label="Response ${response + 1}">
      <h2>Response ${response + 1}</h2><p>${text}</p>
      ${this.dimensions.map((dimension, at) => this.renderRanks(dimension, at, response))}
    </article>`;
  }

  private renderRanks({ name }: Dimension, at: number, response: number): TemplateResult {
    const chosen = this.ranksOf(at)[response];
    const active = this.active[0] === at && this.active[1] === response;
    return html`<fieldset class="ranks ${active ? "active" : ""}"><legend>${name}</legend>
      ${this.texts.map((_text, index) => html`<label class=${chosen === index + 1 ? "on" : ""}>
        <input type="radio" name="rank-${at}-${response}" .checked=${chosen === index + 1} aria-label="${name}, response ${response + 1}: rank ${index + 1}"
          @change=${(event: Event) => { event.stopPropagation(); this.rank(at, response, index + 1); }} @input=${(event: Event) => event.stopPropagation()} />${index + 1}</label>`)}
    </fieldset>`;
  }

  protected override renderSide(): TemplateResult {
    return html`<div><h2>Ranks</h2><table class="sofar"><thead><tr><th scope="col">Response</th>${this.dimensions.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${this.texts.map((_text, response) => html`<tr><th scope="row">${response + 1}</th>
        ${this.dimensions.map((_dimension, at) => html`<td>${this.ranksOf(at)[response] || "–"}</td>`)}</tr>`)}</tbody></table>
      <p class="hint">1 is the best. ${this.dimensions.some(({ allowTie }) => allowTie) ? "Where ties are allowed, several responses may share a rank." : ""}</p></div>`;
  }
}
