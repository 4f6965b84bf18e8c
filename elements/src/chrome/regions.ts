/**
 * The regions of a task: children that an element shows in a place of its own. A region names its slot after itself,
 * so templates write `<short-instructions>` and nothing more.
 */
import { html, LitElement, css } from "lit";
import { property, state } from "lit/decorators.js";
import { CrowdElement, define } from "./base.js";
import { controls } from "./controls.css.js";
import { tokens } from "./tokens.css.js";

export const REGIONS = [
  "short-instructions", "full-instructions", "classification-target", "worker-comment",
  "short-summary", "detailed-instructions", "positive-example", "negative-example",
] as const;

/** A region that only has a place. */
export class Region extends LitElement {
  static override styles = [tokens, css`:host { display: block; overflow-wrap: break-word; } ::slotted(img) { max-width: 100%; }`];
  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.slot) this.slot = this.localName;
  }
  override render() {
    return html`<slot></slot>`;
  }
}

/** A comment the worker may leave: a link that opens a text field. The element around it puts it into its value. */
export class WorkerComment extends CrowdElement {
  static override styles = [tokens, controls, css`:host { display: block; } label { display: grid; gap: var(--gs-1); } textarea { resize: vertical; }`];
  @property() header = "Add a comment";
  @property({ attribute: "link-text" }) linkText = "Add a comment";
  @property() placeholder = "";
  @state() private open = false;
  private text = "";

  override get value(): string | undefined {
    return this.text.trim() || undefined;
  }

  override restore(draft: unknown): void {
    this.text = typeof draft === "string" ? draft : "";
    this.open = this.text !== "";
    this.requestUpdate();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.slot) this.slot = this.localName;
  }

  private typed(event: Event): void {
    event.stopPropagation();
    this.text = (event.target as HTMLTextAreaElement).value;
    this.changed();
  }

  private async show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    this.renderRoot.querySelector("textarea")?.focus();
  }

  override render() {
    if (!this.open) return html`<button class="link" type="button" @click=${this.show}>${this.linkText}</button>`;
    return html`<label>${this.header}
      <textarea class="field" rows="3" placeholder=${this.placeholder} .value=${this.text} @input=${this.typed}></textarea></label>`;
  }
}

for (const tag of REGIONS) define(tag, tag === "worker-comment" ? WorkerComment : class extends Region {});
