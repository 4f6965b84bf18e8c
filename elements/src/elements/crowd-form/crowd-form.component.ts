import { html, LitElement, nothing, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import type { AnnotationElement } from "../../chrome/annotation.js";
import { type CrowdElement } from "../../chrome/base.js";
import { controls } from "../../chrome/controls.css.js";
import { closeOnBackdrop, openDialog } from "../../chrome/dialog.js";
import { icon } from "../../chrome/icons.js";
import { tokens } from "../../chrome/tokens.css.js";
import { host } from "../../host.js";
import { printChord } from "../../keys/chords.js";
import { keys, type KeyAction } from "../../keys/registry.js";
import { STANDARD_KEYS } from "../../keys/standard.js";
import { answering, answerOf, flattened, restoreState, stateOf, type Answer } from "./answer.js";
import { formStyles } from "./crowd-form.styles.js";

/** A draft is told at once while telling it costs less than this; what costs more is told at most for a tenth of the time. */
const CHEAP_MS = 4;
const LONGEST_DRAFT_WAIT_MS = 900;
// Elements that take the whole page when they are all there is in the form.
const PAGE_FILLING = new Set([
  "crowd-classifier", "crowd-classifier-multi-select", "crowd-image-classifier", "crowd-image-classifier-multi-select",
  "crowd-bounding-box", "crowd-polygon", "crowd-polyline", "crowd-line", "crowd-keypoint", "crowd-semantic-segmentation",
  "crowd-instance-segmentation", "crowd-text-ranking", "crowd-question-answer-generation",
]);
const UNSEEN = new Set(["script", "style", "template", "link", "meta", "br", "crowd-toast", "crowd-modal"]);

/**
 * Wraps a task: collects the values of everything inside it, checks them, and hands the answer over.
 *
 * Answer: one object, `{name: value, ...}`.
 * @fires submit - cancelable; `preventDefault()` keeps the answer from being sent
 */
export class CrowdForm extends LitElement {
  static override styles = [tokens, controls, formStyles];

  /** Where a page without a host posts the answer, as form fields; optional. */
  @property() action = "";

  /** `flatten-objects` makes one level of the answer, as Mechanical Turk's templates ask: `{"name.label": "owl"}`. */
  @property({ attribute: "answer-format" }) answerFormat = "";

  @state() private full: AnnotationElement | undefined;
  @state() private problem = "";
  @state() private busy = false;
  @state() private ownButton = true;
  @state() private pane: "none" | "short" | "both" = "none";
  @query("form") private inner!: HTMLFormElement;
  @query("dialog") private dialog!: HTMLDialogElement;

  private readonly included = new Set<CrowdElement>();
  private readonly undo: (() => void)[] = [];
  private readonly contentChanged = new MutationObserver(() => this.readContent());
  private draftTimer: ReturnType<typeof setTimeout> | undefined;
  private draftCost = 0; // of the last one, in ms
  private held = false; // the last submit of the worker was prevented: a script may finish it with submit()
  private asking = false;
  private answered = false; // a handler of the present submit event has called submit() itself

  /** The inner form; what scripts append to it is shown and answered too. */
  get form(): HTMLFormElement {
    return this.inner;
  }

  /** Adds an element that stands elsewhere, such as the host whose shadow root this form is in. */
  include(element: CrowdElement): void {
    this.included.add(element);
  }

  /** The answer as it is now. */
  get value(): Answer {
    const { elements, controls } = this.parts();
    const answer = answerOf(elements, controls);
    return this.answerFormat === "flatten-objects" ? flattened(answer) : answer;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.contentChanged.observe(this, { childList: true, subtree: true, attributes: true, attributeFilter: ["form-action", "hidden"] });
    this.listen("gs-request-submit", (event) => this.requested(event));
    this.listen("gs-request-reset", () => this.reset());
    this.listen("click", (event) => this.clicked(event));
    this.listen("input", () => this.edited());
    this.listen("change", () => this.edited());
    this.undo.push(
      keys.register(this, () => this.keyActions()),
      host.on("init", (message) => this.restore(message.draft)),
      host.on("restore", (message) => this.restore(message.draft)),
      host.on("submitted", () => this.settle("")),
      host.on("refused", (message) => this.settle(`${message.message ?? "The answer was not accepted."}`)),
      host.on("request-submit", () => this.requestSubmit()),
    );
    const flush = () => this.flushDraft();
    window.addEventListener("pagehide", flush);
    this.undo.push(() => window.removeEventListener("pagehide", flush));
    this.readContent();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.contentChanged.disconnect();
    for (const undo of this.undo.splice(0)) undo();
  }

  /**
   * Submits as a script: says `submit`, and hands the answer over unless that is prevented. Inside a `submit` handler,
   * or after one has prevented the worker's own submit, it finishes that submit without asking again.
   */
  submit(): void {
    if (this.busy) return;
    const finishes = this.asking || this.held;
    this.held = false;
    if (finishes || this.ask()) this.send();
  }

  /** Submits as the worker: checks first, says what is missing, then as `submit()`. */
  requestSubmit(): void {
    if (this.busy || this.asking || !this.check()) return;
    if (this.ask()) this.send();
    else this.held = !this.answered;
  }

  /** Puts everything back to its beginning. */
  reset(): void {
    const { elements, controls } = this.parts();
    for (const element of elements) element.reset?.();
    for (const control of controls) resetControl(control);
    this.edited();
  }

  private listen(type: string, handler: (event: Event) => void): void {
    this.addEventListener(type, handler);
    this.undo.push(() => this.removeEventListener(type, handler));
  }

  private keyActions(): KeyAction[] {
    return [
      { id: "form.submit", title: "Submit", group: "Task", keys: STANDARD_KEYS["form.submit"], inFields: "line", run: () => this.requestSubmit() },
      { id: "form.keys", title: "Show the keys", group: "Task", keys: STANDARD_KEYS["form.keys"], run: () => void this.dispatchEvent(new CustomEvent("gs-show-keys", { bubbles: true, composed: true })) },
    ];
  }

  private parts() {
    const { elements, controls } = answering(this.inner ? [this, this.inner] : [this]);
    return { elements: [...this.included, ...elements], controls };
  }

  private requested(event: Event): void {
    event.stopPropagation();
    event.preventDefault();
    this.requestSubmit();
  }

  // A <form> that the template put inside never leaves the page: its submit is the task's submit. Listened to inside
  // the inner form, where browsers stop the submit events of forms within forms.
  private nestedSubmit(event: Event): void {
    const stopped = event.defaultPrevented;
    event.preventDefault();
    event.stopPropagation();
    if (!stopped) this.requestSubmit();
  }

  private clicked(event: Event): void {
    const button = event.composedPath().find((target) => target instanceof HTMLButtonElement || target instanceof HTMLInputElement) as
      HTMLButtonElement | HTMLInputElement | undefined;
    // A button in a <form> of the template arrives as that form's submit event.
    if (event.defaultPrevented || !button || button.form || button.getAttribute("type") !== "submit" || button.getRootNode() !== this.getRootNode()) return;
    this.requestSubmit();
  }

  /** Whether everything is filled in; otherwise says what is missing and goes there. */
  private check(): boolean {
    const { elements, controls } = this.parts();
    const missing = elements.find((element) => !isOff(element) && element.submitProblem !== null);
    this.show(missing?.submitProblem ?? "");
    if (missing) {
      missing.scrollIntoView({ block: "nearest" });
      missing.focus({ preventScroll: true });
      return false;
    }
    const invalid = controls.find((control) => !control.checkValidity());
    if (invalid) this.show(`${nameOf(invalid)}: ${invalid.validationMessage}`);
    invalid?.reportValidity();
    return !invalid;
  }

  private ask(): boolean {
    this.asking = true;
    this.answered = false;
    const wanted = this.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    this.asking = false;
    return wanted && !this.answered;
  }

  private send(): void {
    const answer = this.value;
    this.answered = true;
    clearTimeout(this.draftTimer);
    this.draftTimer = undefined;
    this.setBusy(host.embedded);
    host.busy(true);
    host.submit(answer);
    if (!host.embedded && this.action) post(this.action, answer);
  }

  private settle(problem: string): void {
    this.setBusy(false);
    host.busy(false);
    this.show(problem);
  }

  private setBusy(busy: boolean): void {
    this.busy = busy;
    if (this.full) this.full.busy = busy;
  }

  private show(problem: string): void {
    this.problem = problem;
    if (this.full) this.full.problem = problem;
  }

  private edited(): void {
    if (this.problem) this.show("");
    if (!host.embedded) return;
    // Not put off by further changes: who works without a pause is saved all the same.
    if (this.draftTimer !== undefined) return;
    const wait = this.draftCost < CHEAP_MS ? 0 : Math.min(10 * this.draftCost, LONGEST_DRAFT_WAIT_MS);
    this.draftTimer = setTimeout(() => this.saveDraft(), wait);
  }

  private saveDraft(): void {
    this.draftTimer = undefined;
    const began = performance.now();
    const { elements, controls } = this.parts();
    host.draft(this.value, stateOf(elements, controls));
    this.draftCost = performance.now() - began;
  }

  private flushDraft(): void {
    if (this.draftTimer === undefined) return;
    clearTimeout(this.draftTimer);
    this.saveDraft();
  }

  private restore(draft: unknown): void {
    const state = (draft as { state?: unknown } | null | undefined)?.state;
    if (typeof state !== "object" || state === null) return;
    const { elements, controls } = this.parts();
    restoreState(elements, controls, state as Record<string, unknown>);
  }

  private readContent(): void {
    const seen = [...this.children].filter((child) => isSeen(child));
    const texts = [...this.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    const sole = seen.length === 1 && !texts && PAGE_FILLING.has(seen[0]!.localName) ? (seen[0] as AnnotationElement) : undefined;
    this.ownButton = this.querySelector('crowd-button[form-action="submit"], button[type="submit"], input[type="submit"]') === null;
    const short = this.querySelector(":scope > short-instructions") !== null;
    this.pane = this.querySelector(":scope > full-instructions") ? "both" : short ? "short" : "none";
    if (this.full && this.full !== sole) this.full.full = false;
    this.full = sole;
    this.toggleAttribute("full", sole !== undefined);
    if (!sole) return;
    fillPage();
    sole.setAttribute("full", "");
    sole.submitText = this.ownButton ? "Submit" : "";
  }

  override render(): TemplateResult {
    return html`<form part="form" novalidate @submit=${(event: Event) => event.preventDefault()}>
        ${this.pane === "none" ? html`<div class="content" part="content" @submit=${this.nestedSubmit}><slot></slot></div>` : this.renderWithPane()}
        ${this.full ? nothing : this.renderBar()}
      </form>`;
  }

  private renderWithPane(): TemplateResult {
    return html`<div class="content with-pane" part="content" @submit=${this.nestedSubmit}>
      <div class="pane awsui-app-layout__navigation" role="group" aria-label="Instructions">
        <h2>Instructions</h2><slot name="short-instructions"></slot>
        ${this.pane === "both" ? html`<button class="link" type="button" aria-haspopup="dialog" @click=${() => openDialog(this.dialog)}>View full instructions</button>` : nothing}
      </div>
      <div><slot name="classification-target"></slot><slot></slot></div>
    </div>
    <dialog class="awsui-modal-dialog" aria-label="Instructions" @click=${closeOnBackdrop}>
      <header><h3>${this.querySelector("full-instructions")?.getAttribute("header") || "Instructions"}</h3>
        <button class="icon" type="button" aria-label="Close" @click=${() => this.dialog.close()}>${icon("close")}</button></header>
      <div class="body"><slot name="full-instructions"></slot></div>
    </dialog>`;
  }

  private renderBar(): TemplateResult | typeof nothing {
    if (!this.ownButton && !this.problem) return nothing;
    return html`<div class="bar">
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.ownButton
        ? html`<button class="primary submit" type="button" part="submit" aria-disabled=${this.busy} aria-keyshortcuts="Enter" @click=${this.requestSubmit}>
            ${this.busy ? "Submitting…" : "Submit"}<kbd aria-hidden="true">${printChord(keys.keysOf({ id: "form.submit", keys: STANDARD_KEYS["form.submit"] })[0] ?? "")}</kbd>
          </button>`
        : nothing}
    </div>`;
  }
}

function isOff(element: CrowdElement): boolean {
  return (element as { disabled?: boolean }).disabled === true;
}

function isSeen(child: Element): boolean {
  if (UNSEEN.has(child.localName) || (child as HTMLElement).hidden) return false;
  return !(child instanceof HTMLInputElement && child.type === "hidden");
}

function nameOf(control: HTMLElement & { name: string; labels?: NodeListOf<HTMLLabelElement> | null }): string {
  return control.labels?.[0]?.textContent?.trim() || control.getAttribute("aria-label") || control.getAttribute("placeholder") || control.name || "This field";
}

function resetControl(control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): void {
  if (control instanceof HTMLSelectElement) for (const option of control.options) option.selected = option.defaultSelected;
  else if (control instanceof HTMLInputElement) [control.value, control.checked] = [control.defaultValue, control.defaultChecked];
  else control.value = control.defaultValue;
}

let pageFilled = false;

// The page's own margin would frame a task that fills it.
export function fillPage(): void {
  if (pageFilled) return;
  pageFilled = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("body:has(> crowd-form[full]), body:has(> crowd-entity-annotation) { margin: 0; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** Posts an answer as form fields, as a browser does: texts as they are, everything else as JSON. */
function post(action: string, answer: Answer): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  for (const [name, value] of Object.entries(answer)) {
    const field = Object.assign(document.createElement("input"), {
      type: "hidden", name, value: typeof value === "string" ? value : JSON.stringify(value),
    });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}
