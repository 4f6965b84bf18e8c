/**
 * The base of every `crowd-*` element: name and value, lenient attributes, drafts, form participation, events.
 *
 * A subclass defines `value` (the exact documented answer, or undefined to be left out of it) and calls
 * `this.changed()` after each action of the worker. Attributes that hold JSON are declared with
 * `@property({ converter: lenient })`, booleans with `@property({ converter: lenientBoolean })`.
 */
import { LitElement, type PropertyValues } from "lit";
import { property } from "lit/decorators.js";
import { keys, type KeyAction } from "../keys/registry.js";
import { tokens } from "./tokens.css.js";

export { lenient, lenientBoolean } from "./lenient.js";

/** Lists that their attribute gives back as compact JSON: `["Cat","Dog"]`. */
const COMPACTED = ["labels", "categories"];

/** What crowd-form, drafts and template scripts may ask of any crowd element. */
export abstract class CrowdElement extends LitElement {
  static readonly formAssociated = true;
  static override styles = [tokens];

  /** The key of this element's value in the answer; an element without a name is left out. */
  @property({ reflect: true }) name = "";

  protected readonly internals = this.attachInternals();
  private forgetKeys: (() => void) | undefined;
  private compacting = false;

  /** What template scripts read: for most elements the answer itself, for some the text in it that was chosen. */
  abstract get value(): unknown;

  /** The documented answer, as forms collect it, or undefined when there is nothing to submit. */
  get answer(): unknown {
    return this.value;
  }

  /** The answer under the name that template scripts of Ground Truth use. */
  get _submittableValue(): unknown {
    return this.answer;
  }

  /** Whether several elements of one name answer with a list; otherwise the last one's answer is taken. */
  get listed(): boolean {
    return false;
  }

  /** Whether the members of `value` stand in the answer themselves, without the element's name around them. */
  get spread(): boolean {
    return false;
  }

  /** Why the form cannot be submitted now, in words for the worker; null when it can. */
  get submitProblem(): string | null {
    return null;
  }

  /** What `restore` needs to bring the present state back; by default the answer. */
  get draft(): unknown {
    return this.answer;
  }

  /** Puts a saved draft back. It never fires events and never throws for a draft that no longer fits. */
  restore?(draft: unknown): void;

  /** Puts the element back as it was before the worker's first action. */
  reset?(): void;

  /** The keys this element answers to now; read anew at each press, registered while the element is on the page. */
  protected keyActions?(): readonly KeyAction[];

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.keyActions) return;
    this.forgetKeys = keys.register(this, () => this.keyActions?.() ?? []);
    this.addEventListener("pointerdown", this.takeKeys);
    this.addEventListener("focusin", this.takeKeys);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.forgetKeys?.();
  }

  private readonly takeKeys = (): void => keys.use(this);

  /** Tells the page that the worker changed the value: `input`, and `change` unless the change is still going on. */
  protected changed({ final = true }: { final?: boolean } = {}): void {
    this.requestUpdate();
    this.publish();
    this.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    if (final) this.dispatchEvent(new Event("change", { bubbles: true, composed: true }));
  }

  /** Asks the form around this element to submit, as its Submit button does. */
  protected requestSubmit(): void {
    this.dispatchEvent(new CustomEvent("gs-request-submit", { bubbles: true, composed: true, cancelable: true }));
  }

  protected override updated(changes: PropertyValues): void {
    for (const name of COMPACTED) if (changes.has(name)) this.compact(name);
    this.publish();
  }

  override attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.compacting) super.attributeChangedCallback(name, before, now);
  }

  // Public templates cut the names out of the attribute with string functions, however it was given.
  private compact(name: string): void {
    const list = (this as unknown as Record<string, unknown>)[name];
    if (!Array.isArray(list)) return;
    const text = JSON.stringify(list);
    if (text === this.getAttribute(name)) return;
    this.compacting = true;
    this.setAttribute(name, text);
    this.compacting = false;
  }

  formResetCallback(): void {
    this.reset?.();
  }

  // Lets a plain <form> around the element see the value too; objects travel as JSON.
  protected publish(): void {
    const value = this.answer;
    const text = value === undefined || value === null ? null : typeof value === "object" ? JSON.stringify(value) : `${value}`;
    this.internals.setFormValue(text);
  }
}

/** Defines a tag once; a second load of the bundle on the same page is harmless. */
export function define(tag: string, constructor: CustomElementConstructor): void {
  if (!customElements.get(tag)) customElements.define(tag, constructor);
}
