import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { tokens } from "../../chrome/tokens.css.js";

/** One page of crowd-tabs; `header` is what its tab says. */
export class CrowdTab extends LitElement {
  static override styles = [tokens, css`:host { display: block; } :host(:not([shown])) { display: none !important; }`];

  @property({ reflect: true }) header = "";
  @property({ type: Boolean, reflect: true }) shown = false;

  override render(): TemplateResult {
    return html`<slot></slot>`;
  }
}
