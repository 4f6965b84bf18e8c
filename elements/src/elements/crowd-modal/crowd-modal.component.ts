import { css, html, LitElement, type TemplateResult } from "lit";
import { property, query } from "lit/decorators.js";
import { controls } from "../../chrome/controls.css.js";
import { closeOnBackdrop, openDialog } from "../../chrome/dialog.js";
import { icon } from "../../chrome/icons.js";
import { tokens } from "../../chrome/tokens.css.js";

/** A link or button that opens its content in a dialog. */
export class CrowdModal extends LitElement {
  static override styles = [tokens, controls, css`:host { display: inline-block; }`];
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  @property({ attribute: "link-text" }) linkText = "Click to open modal";
  @property({ attribute: "link-type" }) linkType: "link" | "button" = "link";
  @query("dialog") protected dialog!: HTMLDialogElement;

  open(): void {
    openDialog(this.dialog);
  }

  close(): void {
    this.dialog.close();
  }

  protected renderContent(): TemplateResult {
    return html`<slot></slot>`;
  }

  override render(): TemplateResult {
    return html`<button class=${this.linkType === "link" ? "link" : ""} type="button" aria-haspopup="dialog" @click=${this.open}>${this.linkText}</button>
      <dialog aria-label=${this.linkText} @click=${closeOnBackdrop}>
        <header><h3>${this.linkText}</h3><button class="icon" type="button" aria-label="Close" @click=${this.close}>${icon("close")}</button></header>
        <div class="body">${this.renderContent()}</div>
      </dialog>`;
  }
}
