import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { lenientBoolean } from "../../chrome/base.js";
import { controls } from "../../chrome/controls.css.js";
import { icon } from "../../chrome/icons.js";
import { tokens } from "../../chrome/tokens.css.js";

/** A message to the worker. */
export class CrowdAlert extends LitElement {
  static override styles = [tokens, controls, css`
    :host { display: block; margin: var(--gs-2) 0; --c: var(--gs-primary); }
    :host([type="success"]) { --c: var(--gs-ok); } :host([type="error"]) { --c: var(--gs-danger); } :host([type="warning"]) { --c: var(--gs-warn); }
    .alert {
      display: flex; gap: var(--gs-3); align-items: flex-start; padding: var(--gs-3); border-radius: var(--gs-radius);
      border: 1px solid color-mix(in srgb, var(--c) 45%, var(--gs-border)); background: color-mix(in srgb, var(--c) 8%, var(--gs-surface));
    }
    .alert > svg { color: var(--c); flex: none; }
    .text { flex: 1; min-width: 0; overflow-wrap: break-word; }
    button { min-height: 24px; width: 24px; border: 0; background: none; }
  `];

  @property({ reflect: true }) type: "info" | "success" | "error" | "warning" = "info";
  @property({ type: Boolean, converter: lenientBoolean }) dismissible = false;

  private dismiss(): void {
    this.hidden = true;
    this.dispatchEvent(new CustomEvent("dismiss", { bubbles: true, composed: true }));
  }

  override render(): TemplateResult {
    const urgent = this.type === "error" || this.type === "warning";
    return html`<div class="alert" role=${urgent ? "alert" : "status"}>${icon(this.type)}
      <div class="text"><slot></slot></div>
      ${this.dismissible ? html`<button class="icon" type="button" aria-label="Dismiss" @click=${this.dismiss}>${icon("close", 16)}</button>` : nothing}</div>`;
  }
}
