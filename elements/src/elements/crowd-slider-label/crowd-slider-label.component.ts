import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { tokens } from "../../chrome/tokens.css.js";

/** A text below a place of a crowd-slider's scale. */
export class CrowdSliderLabel extends LitElement {
  static override styles = [tokens, css`
    :host {
      position: absolute; left: calc(var(--at, 0) * 100%); translate: -50%; width: max-content; max-width: 34%;
      font-size: inherit; color: inherit; text-align: center;
    }
    /* At the ends of the scale the text begins or ends where the scale does. */
    :host([data-end="least"]) { translate: 0; text-align: start; }
    :host([data-end="most"]) { translate: -100%; text-align: end; }
  `];

  /** The value on the scale under which the text stands. */
  @property() position = "";
  @property() label = "";

  override render(): TemplateResult {
    return html`${this.label}<slot></slot>`;
  }
}
