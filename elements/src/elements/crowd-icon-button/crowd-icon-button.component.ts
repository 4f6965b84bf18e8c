import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { lenientBoolean } from "../../chrome/base.js";
import { controls } from "../../chrome/controls.css.js";
import { hasIcon, icon } from "../../chrome/icons.js";
import { tokens } from "../../chrome/tokens.css.js";

/** A button that is only an icon. */
export class CrowdIconButton extends LitElement {
  static override styles = [tokens, controls, css`:host { display: inline-block; } button { border: 0; background: none; width: 36px; height: 36px; }`];
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  @property() icon = "";
  @property() override title = "";
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) disabled = false;

  override render(): TemplateResult {
    const name = this.title || this.getAttribute("aria-label") || this.icon.replace(/^[\w-]+:/, "").replaceAll("-", " ") || "Button";
    return html`<button class="icon" type="button" aria-label=${name} ?disabled=${this.disabled}>${hasIcon(this.icon) ? icon(this.icon) : html`<slot>•</slot>`}</button>`;
  }
}
