/**
 * The working place that every labeling element shares: instructions on the left (short ones, and all of them in a
 * dialog), the object in the middle, labels and Submit on the right; on a phone one below the other.
 *
 * A subclass renders the middle in `renderStage()` and the right side in `renderSide()`. The class names
 * `awsui-app-layout__navigation`, `awsui-modal-dialog` and `annotation-area` are reached for by public templates.
 */
import { html, nothing, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { keys, type KeyAction } from "../keys/registry.js";
import { printChord } from "../keys/chords.js";
import { STANDARD_KEYS } from "../keys/standard.js";
import { annotationStyles } from "./annotation.css.js";
import { CrowdElement, lenientBoolean } from "./base.js";
import { controls } from "./controls.css.js";
import { closeOnBackdrop, openDialog } from "./dialog.js";
import { icon } from "./icons.js";
import "./regions.js";

export abstract class AnnotationElement extends CrowdElement {
  static override styles = [...CrowdElement.styles, controls, annotationStyles];

  /** The question, shown over or above the object. */
  @property() header = "";

  /** Set by crowd-form on an element that has the page to itself: it fills the page and shows the Submit button. */
  @property({ type: Boolean, reflect: true, converter: lenientBoolean }) full = false;

  /** Why the last submit was refused; set by crowd-form. */
  @property({ attribute: false }) problem = "";

  /** Whether an answer is on its way; set by crowd-form. */
  @property({ attribute: false }) busy = false;

  /** The text on the Submit button; empty where the template brings a button of its own. */
  @property({ attribute: false }) submitText = "Submit";

  @state() private hasShort = false;
  @state() private hasFull = false;
  @state() private fullHeader = "Instructions";
  @state() private announcement = "";
  @state() private shortInDialog = false;
  @query("dialog.awsui-modal-dialog") private dialog!: HTMLDialogElement;

  private readonly regionsChanged = new MutationObserver(() => this.readRegions());
  private readonly keysChanged = (): void => this.requestUpdate();

  /** Whether the stage holds text on paper colour; otherwise images on a dark ground. */
  protected get paper(): boolean {
    return false;
  }

  protected abstract renderStage(): TemplateResult | typeof nothing;
  protected abstract renderSide(): TemplateResult | typeof nothing;

  override connectedCallback(): void {
    super.connectedCallback();
    this.regionsChanged.observe(this, { childList: true });
    keys.addEventListener("change", this.keysChanged);
    this.readRegions();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.regionsChanged.disconnect();
    keys.removeEventListener("change", this.keysChanged);
  }

  /** Says a text to screen readers, once what is being said now has ended. */
  protected announce(text: string): void {
    this.announcement = text === this.announcement ? `${text}\u00a0` : text;
  }

  /** Opens the full instructions, or the short ones where there are no others. */
  async showInstructions(): Promise<void> {
    // A slot can be in one place: where the pane does not show the short instructions, the dialog borrows them.
    const pane = this.renderRoot.querySelector<HTMLElement>(".awsui-app-layout__navigation");
    this.shortInDialog = this.hasShort && (!this.hasFull || pane?.offsetParent === null);
    await this.updateComplete;
    openDialog(this.dialog);
  }

  protected override keyActions(): readonly KeyAction[] {
    if (!this.hasShort && !this.hasFull) return [];
    return [
      { id: "form.instructions", title: "Open the instructions", group: "Task", keys: STANDARD_KEYS["form.instructions"], run: () => void this.showInstructions() },
    ];
  }

  private readRegions(): void {
    const full = this.querySelector(":scope > full-instructions");
    this.hasShort = this.querySelector(":scope > short-instructions") !== null;
    this.hasFull = full !== null;
    this.fullHeader = full?.getAttribute("header") || "Instructions";
  }

  override render(): TemplateResult {
    return html`
      <div class="awsui-app-layout" part="layout">
        ${this.renderNavigation()}
        <div class="annotation-area">
          <div class="stage ${this.paper ? "paper" : ""}" part="stage" role="group" aria-label=${this.header || "Task"}
            tabindex=${this.paper ? 0 : nothing} ?data-scrolls=${this.paper}>
            ${this.header ? html`<h1 class="question" part="header">${this.header}</h1>` : nothing} ${this.renderStage()}
          </div>
          <div class="side" part="side" role="group" aria-label="Labels and answer">
            ${this.renderSide()}<slot></slot><slot name="worker-comment"></slot> ${this.renderFoot()}
          </div>
        </div>
      </div>
      <dialog class="awsui-modal-dialog" aria-labelledby="full-title" @click=${closeOnBackdrop} @close=${() => (this.shortInDialog = false)}>
        <header>
          <h3 id="full-title">${this.fullHeader}</h3>
          <button class="icon" type="button" aria-label="Close" @click=${() => this.dialog.close()}>${icon("close")}</button>
        </header>
        <div class="body" tabindex="0" role="document" aria-labelledby="full-title">
          ${this.shortInDialog ? html`<slot name="short-instructions"></slot>` : nothing}
          <slot name="full-instructions"></slot>
        </div>
      </dialog>
      <div class="sr" role="status" aria-live="polite">${this.announcement}</div>
    `;
  }

  private renderNavigation(): TemplateResult {
    return html`<div class="awsui-app-layout__navigation" part="instructions" role="group" aria-label="Instructions" tabindex="0" data-scrolls ?hidden=${!this.hasShort && !this.hasFull}>
      <h2>Instructions</h2>
      ${this.shortInDialog ? nothing : html`<slot name="short-instructions"></slot>`}
      ${this.hasFull
        ? html`<button class="link" type="button" aria-haspopup="dialog" @click=${this.showInstructions}>View full instructions</button>`
        : nothing}
    </div>`;
  }

  private renderFoot(): TemplateResult | typeof nothing {
    const instructions = this.hasShort || this.hasFull
      ? html`<button class="link open-instructions" type="button" aria-haspopup="dialog" @click=${this.showInstructions}>${icon("info", 16)} Instructions</button>`
      : nothing;
    if (!this.full) return instructions === nothing ? nothing : html`<div class="menu">${instructions}</div>`;
    return html`<div class="foot">
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <div class="menu">
        ${instructions}
        <button class="link keys" type="button" aria-haspopup="dialog" @click=${() => this.dispatchEvent(new CustomEvent("gs-show-keys", { bubbles: true, composed: true }))}>
          ${icon("keyboard", 16)} Keys
        </button>
      </div>
      ${this.submitText ? html`<button class="primary submit" type="button" part="submit" aria-disabled=${this.busy} aria-keyshortcuts="Enter" @click=${this.requestSubmit}>
            ${this.busy ? "Submitting…" : this.submitText}<kbd aria-hidden="true">${printChord(keys.keysOf({ id: "form.submit", keys: STANDARD_KEYS["form.submit"] })[0] ?? "")}</kbd>
          </button>` : nothing}
    </div>`;
  }
}
