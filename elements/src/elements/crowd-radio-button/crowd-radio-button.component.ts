import { html, type PropertyValues, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { Tick } from "../../chrome/tick.js";

/**
 * One of several choices that exclude one another: those of the same crowd-radio-group, or of the same name without one.
 * Answer: `{"<value>": true | false}` under its own name.
 */
export class CrowdRadioButton extends Tick {
  @state() private reachable = true; // by Tab: one button of a group is

  private get fellows(): CrowdRadioButton[] {
    const group = this.closest("crowd-radio-group");
    const scope: ParentNode = group ?? this.closest("crowd-form") ?? (this.getRootNode() as ParentNode);
    const all = [...scope.querySelectorAll<CrowdRadioButton>("crowd-radio-button")];
    return group ? all : all.filter((button) => !button.closest("crowd-radio-group") && button.name === this.name);
  }

  override restore(draft: unknown): void {
    super.restore(draft);
    if (this.checked) this.exclude();
  }

  protected override updated(changes: PropertyValues): void {
    super.updated(changes);
    if (changes.has("checked") && this.checked) this.exclude();
  }

  private exclude(): void {
    for (const other of this.fellows) if (other !== this && other.checked) other.checked = false;
    for (const other of this.fellows) other.reachable = other === this;
  }

  private arrow(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = this.fellows.filter((button) => !button.disabled);
    const next = buttons[(buttons.indexOf(this) + step + buttons.length) % buttons.length];
    next?.focus();
    next?.pick();
  }

  private pick(): void {
    this.checked = true;
    this.exclude();
    this.changed();
  }

  protected override toggled(event: Event): void {
    event.stopPropagation();
    this.pick();
  }

  protected override renderInput(): TemplateResult {
    return html`<input type="radio" aria-label=${this.accessibleName} .checked=${this.checked} ?disabled=${this.disabled} tabindex=${this.reachable ? 0 : -1}
      @keydown=${this.arrow} @change=${this.toggled} @input=${(event: Event) => event.stopPropagation()} />`;
  }
}
