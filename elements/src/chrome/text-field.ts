/** What crowd-input and crowd-text-area share: the text, its checks, its label and its message. */
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { CrowdElement, lenientBoolean } from "./base.js";
import { controls } from "./controls.css.js";

type Field = HTMLInputElement | HTMLTextAreaElement;

export abstract class TextField extends CrowdElement {
  static override styles = [...CrowdElement.styles, controls, css`
    :host { display: block; min-width: 180px; max-width: 720px; margin: var(--gs-2) 0; }
    label { display: grid; gap: var(--gs-1); font-size: var(--gs-size-2); color: var(--gs-text-2); }
    .field { font-size: var(--gs-size-3); }
    .under { display: flex; gap: var(--gs-3); justify-content: space-between; font-size: var(--gs-size-1); color: var(--gs-text-2); }
    .under .problem { margin: 0; }
  `];
  static override shadowRootOptions = { ...CrowdElement.shadowRootOptions, delegatesFocus: true };

  @property() label = "";
  @property() placeholder = "";
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) required = false;
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) disabled = false;
  @property({ type: Boolean, converter: lenientBoolean, attribute: "auto-focus" }) autoFocus = false;
  @property({ type: Boolean, converter: lenientBoolean, attribute: "auto-validate" }) autoValidate = false;

  /** A regular expression for the characters that may be typed; with `auto-validate` all others are left out. */
  @property({ attribute: "allowed-pattern" }) allowedPattern = "";
  @property({ attribute: "error-message" }) errorMessage = "";
  @property({ type: Number, attribute: "min-length" }) minLength: number | undefined;
  @property({ type: Number, attribute: "max-length" }) maxLength: number | undefined;

  @state() protected touched = false;
  @query(".field") protected field?: Field;
  private text = "";

  protected abstract renderField(): TemplateResult;

  /** The text; scripts may set it, and null empties it. Left out of the answer while empty. */
  @property()
  set value(text: string | null | undefined) {
    const before = this.text;
    this.text = text === null || text === undefined ? "" : `${text}`;
    this.requestUpdate("value", before);
  }
  override get value(): string {
    return this.text;
  }

  override get listed(): boolean {
    return true;
  }

  override restore(draft: unknown): void {
    if (typeof draft === "string") this.value = draft;
  }

  override reset(): void {
    this.value = this.getAttribute("value");
    this.touched = false;
  }

  override get submitProblem(): string | null {
    const problem = this.shortcoming();
    if (problem !== null) this.touched = true;
    return problem;
  }

  protected get accessibleName(): string {
    const labels = [...(this.internals.labels as NodeListOf<HTMLElement>)].map((label) => ownText(label)).join(" ");
    return this.getAttribute("aria-label") || this.label || labels.trim() || this.placeholder || this.name || "Text";
  }

  protected typed(event: Event): void {
    event.stopPropagation();
    const field = event.target as Field;
    const kept = this.filtered(field.value);
    if (kept !== field.value) field.value = kept;
    this.text = kept;
    this.changed({ final: false });
  }

  protected committed(event: Event): void {
    event.stopPropagation();
    this.touched = true;
    this.dispatchEvent(new Event("change", { bubbles: true, composed: true }));
  }

  /** The state of the field that assistive technology is told. */
  protected get invalid(): boolean {
    return this.touched && (this.autoValidate || this.required) && this.shortcoming() !== null;
  }

  private shortcoming(): string | null {
    const name = this.accessibleName;
    if (this.disabled) return null;
    if (this.required && this.text.trim() === "") return this.errorMessage || `${name}: this is needed.`;
    if (this.text === "") return null;
    if (this.minLength && this.text.length < this.minLength) return this.errorMessage || `${name}: at least ${this.minLength} characters are needed.`;
    if (this.maxLength && this.text.length > this.maxLength) return this.errorMessage || `${name}: at most ${this.maxLength} characters.`;
    if (this.field && !this.field.validity.valid) return this.errorMessage || `${name}: ${this.field.validationMessage}`;
    return null;
  }

  private filtered(text: string): string {
    if (!this.allowedPattern || !this.autoValidate) return text;
    try {
      const allowed = new RegExp(`^${this.allowedPattern}$`, "u");
      return [...text].filter((char) => allowed.test(char)).join("");
    } catch {
      return text;
    }
  }

  protected override firstUpdated(_changes: PropertyValues): void {
    if (this.autoFocus) this.field?.focus();
  }

  override render(): TemplateResult {
    const invalid = this.invalid;
    return html`<label>${this.label ? html`<span aria-hidden="true">${this.label}${this.required ? " *" : ""}</span>` : nothing}${this.renderField()}</label>
      ${invalid || this.renderUnder() !== nothing
        ? html`<div class="under">${invalid ? html`<p class="problem" id="problem">${this.shortcoming()}</p>` : html`<span></span>`}${this.renderUnder()}</div>`
        : nothing}`;
  }

  protected renderUnder(): TemplateResult | typeof nothing {
    return nothing;
  }
}

// The text of a <label> around the element, without what stands in controls inside it.
function ownText(label: HTMLElement): string {
  return [...label.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE || (node instanceof HTMLElement && !node.localName.startsWith("crowd-")))
    .map((node) => node.textContent?.trim() ?? "").join(" ").trim();
}
