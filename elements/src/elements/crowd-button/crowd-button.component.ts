import { css, html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { CrowdElement, lenientBoolean } from "../../chrome/base.js";
import { controls } from "../../chrome/controls.css.js";
import { hasIcon, icon } from "../../chrome/icons.js";

/** A button; with `form-action="submit"` it takes the place of the form's own Submit button. It has no answer. */
export class CrowdButton extends CrowdElement {
  static override styles = [...CrowdElement.styles, controls, css`
    :host { display: inline-block; }
    .right { flex-direction: row-reverse; }
    .spin { width: 14px; height: 14px; border-radius: 50%; border: 2px solid currentColor; border-right-color: transparent; }
    @media (prefers-reduced-motion: no-preference) { .spin { animation: turn 1s linear infinite; } @keyframes turn { to { rotate: 1turn; } } }
  `];
  static override shadowRootOptions = { ...CrowdElement.shadowRootOptions, delegatesFocus: true };

  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) disabled = false;
  @property({ type: Boolean, converter: lenientBoolean }) loading = false;
  @property({ attribute: "form-action" }) formAction = "";
  @property() href = "";
  @property() target = "";
  @property() icon = "";
  @property({ attribute: "icon-align" }) iconAlign: "left" | "right" = "left";
  @property({ attribute: "icon-url" }) iconUrl = "";
  @property() variant: "primary" | "normal" | "link" | "icon" | "" = "";

  override get value(): undefined {
    return undefined;
  }

  private pressed(event: Event): void {
    if (this.disabled || this.loading) {
      event.stopImmediatePropagation();
      event.preventDefault();
      return;
    }
    // After the template's own click handlers, so that they may still change or prevent.
    setTimeout(() => {
      if (event.defaultPrevented) return;
      if (this.formAction === "submit") this.requestSubmit();
      if (this.formAction === "reset") this.dispatchEvent(new CustomEvent("gs-request-reset", { bubbles: true, composed: true }));
    });
  }

  override render(): TemplateResult {
    const variant = this.variant || (this.formAction === "submit" ? "primary" : "normal");
    const glyph = this.loading ? html`<span class="spin"></span>` : icon(this.iconUrl || this.icon, 16);
    const label = variant === "icon" && hasIcon(this.icon) ? html`<span class="sr"><slot></slot></span>` : html`<slot></slot>`;
    const style = `${variant === "normal" ? "" : variant} ${this.iconAlign === "right" ? "right" : ""}`;
    if (this.href && !this.disabled) {
      return html`<a class="button ${style}" part="button" href=${this.href} target=${this.target || nothing} rel="noopener" @click=${this.pressed}>${glyph}${label}</a>`;
    }
    return html`<button class=${style} part="button" type="button" ?disabled=${this.disabled && !this.loading} aria-busy=${this.loading}
      aria-label=${variant === "icon" && !this.textContent?.trim() ? this.icon || "Button" : nothing} @click=${this.pressed}>${glyph}${label}</button>`;
  }
}
