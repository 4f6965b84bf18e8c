import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { tokens } from "../../chrome/tokens.css.js";

/** Holds crowd-radio-buttons of which one can be chosen. It has no answer of its own. */
export class CrowdRadioGroup extends LitElement {
  static override styles = [tokens, css`:host { display: block; }`];

  @property({ reflect: true }) override role = "radiogroup";

  override render(): TemplateResult {
    return html`<slot></slot>`;
  }
}
