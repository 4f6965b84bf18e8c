import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { lenientBoolean } from "../../chrome/base.js";
import { controls } from "../../chrome/controls.css.js";
import { hasIcon, icon } from "../../chrome/icons.js";
import { tokens } from "../../chrome/tokens.css.js";

/** A round button with an icon or one character. */
export class CrowdFab extends LitElement {
  static override styles = [tokens, controls, css`
    :host { display: inline-block; }
    button { width: 48px; height: 48px; padding: 0; border-radius: 50%; box-shadow: var(--gs-shadow); font-size: var(--gs-size-4); }
  `];
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  @property() icon = "";
  @property() label = "";
  @property() override title = "";
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) disabled = false;

  override render(): TemplateResult {
    return html`<button class="primary" type="button" aria-label=${this.title || this.label || this.icon || "Button"} ?disabled=${this.disabled}>
      ${this.icon && hasIcon(this.icon) ? icon(this.icon) : this.label || "•"}</button>`;
  }
}
