/** What crowd-checkbox, crowd-radio-button and crowd-toggle-button share: an on-off state with its text beside it. */
import { css, html, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { CrowdElement, lenientBoolean } from "./base.js";
import { controls } from "./controls.css.js";

export abstract class Tick extends CrowdElement {
  static override styles = [...CrowdElement.styles, controls, css`
    :host { display: inline-block; margin: 2px var(--gs-3) 2px 0; vertical-align: middle; }
    label { display: inline-flex; align-items: center; gap: var(--gs-2); min-height: 32px; cursor: pointer; }
    :host([disabled]) label { cursor: default; color: var(--gs-text-2); }
    input { width: 17px; height: 17px; margin: 0; flex: none; cursor: inherit; }
    :host([data-problem]) label { color: var(--gs-danger); }
  `];
  static override shadowRootOptions = { ...CrowdElement.shadowRootOptions, delegatesFocus: true };

  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) checked = false;
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) disabled = false;
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) required = false;

  /** The key of the answer: the `value` attribute, `on` without one. */
  get valueName(): string {
    return this.getAttribute("value") ?? "on";
  }

  /** The text of the `value` attribute, whether ticked or not, as of a checkbox of HTML; scripts may set it. */
  override get value(): string {
    return this.valueName;
  }
  set value(text: string) {
    this.setAttribute("value", text);
  }

  /** `{"<value attribute>": true | false}`. */
  override get answer(): Record<string, boolean> {
    return { [this.valueName]: this.checked };
  }

  override restore(draft: unknown): void {
    this.checked = (draft as Record<string, unknown> | null)?.[this.valueName] === true;
  }

  override reset(): void {
    this.checked = this.hasAttribute("data-checked-first");
  }

  override connectedCallback(): void {
    if (!this.hasUpdated) this.toggleAttribute("data-checked-first", lenientBoolean.fromAttribute!(this.getAttribute("checked")) as boolean);
    super.connectedCallback();
  }

  override get submitProblem(): string | null {
    const missing = this.required && !this.checked && !this.disabled;
    this.toggleAttribute("data-problem", missing);
    return missing ? `${this.accessibleName}: this is needed.` : null;
  }

  protected get accessibleName(): string {
    return this.textContent?.trim() || this.getAttribute("aria-label") || this.name || this.valueName;
  }

  protected toggled(event: Event): void {
    event.stopPropagation();
    this.checked = (event.target as HTMLInputElement).checked;
    this.removeAttribute("data-problem");
    this.changed();
  }

  protected renderInput(): TemplateResult {
    return html`<input type="checkbox" aria-label=${this.accessibleName} .checked=${this.checked} ?disabled=${this.disabled} aria-required=${this.required}
      @change=${this.toggled} @input=${(event: Event) => event.stopPropagation()} />`;
  }

  override render(): TemplateResult {
    return html`<label>${this.renderInput()}<span><slot @slotchange=${() => this.requestUpdate()}></slot></span></label>`;
  }
}
