import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { tokens } from "../../chrome/tokens.css.js";

/** A raised box with an image and a heading above its content. */
export class CrowdCard extends LitElement {
  static override styles = [tokens, css`
    :host {
      display: block; margin: var(--gs-2) 0; overflow: hidden; background: var(--gs-surface); box-shadow: var(--gs-shadow);
      border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius);
    }
    img { display: block; width: 100%; }
    .heading { font-weight: 600; font-size: var(--gs-size-4); padding: var(--gs-3) var(--gs-4) 0; }
    .body { padding: var(--gs-3) var(--gs-4); overflow-wrap: break-word; }
  `];

  @property() heading = "";
  @property() image = "";

  override render(): TemplateResult {
    return html`${this.image ? html`<img src=${this.image} alt=${this.heading} />` : nothing}
      ${this.heading ? html`<div class="heading" role="heading" aria-level="2">${this.heading}</div>` : nothing}
      <div class="body"><slot></slot></div>`;
  }
}
