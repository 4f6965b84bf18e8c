import { css, html, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { lenientBoolean } from "../../chrome/base.js";
import { Tick } from "../../chrome/tick.js";

/** A switch. Answer: `{"<value>": true | false}`, the value being `on` where none is given. */
export class CrowdToggleButton extends Tick {
  static override styles = [...Tick.styles, css`
    input {
      appearance: none; width: 36px; height: 20px; border-radius: 10px; position: relative;
      background: var(--gs-surface-2); border: 1px solid var(--gs-text-2);
    }
    input::before { content: ""; position: absolute; left: 2px; top: 2px; width: 14px; height: 14px; border-radius: 50%; background: var(--gs-text-2); }
    input:checked { background: var(--gs-primary); border-color: var(--gs-primary); }
    input:checked::before { background: var(--gs-on-primary); translate: 16px; }
    :host([invalid]) input { border-color: var(--gs-danger); }
    @media (prefers-reduced-motion: no-preference) { input::before { transition: translate .12s; } }
  `];

  /** Marks the switch as wrong. */
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) invalid = false;

  protected override renderInput(): TemplateResult {
    return html`<input type="checkbox" role="switch" aria-label=${this.accessibleName} .checked=${this.checked} ?disabled=${this.disabled}
      aria-required=${this.required} @change=${this.toggled} @input=${(event: Event) => event.stopPropagation()} />`;
  }
}
