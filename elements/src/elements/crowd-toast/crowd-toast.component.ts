import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { lenientBoolean } from "../../chrome/base.js";
import { tokens } from "../../chrome/tokens.css.js";

const SHOWN_MS = 3000;
let visible: CrowdToast | undefined;

function showOnly(toast: CrowdToast): void {
  if (visible !== toast) visible?.close();
  visible = toast;
}

/** A short message at the lower edge that goes away by itself; one is visible at a time. */
export class CrowdToast extends LitElement {
  static override styles = [tokens, css`
    :host { position: fixed; z-index: 20; left: var(--gs-4); bottom: 72px; display: none; }
    :host([opened]) { display: block; }
    div {
      padding: var(--gs-3) var(--gs-4); border-radius: var(--gs-radius-s); box-shadow: var(--gs-shadow);
      background: light-dark(#16211e, #e6ecea); color: light-dark(#ffffff, #101413);
    }
  `];

  /** How long it stays, in milliseconds; 0 or less: until it is closed. */
  @property({ type: Number }) duration = SHOWN_MS;
  @property() text = "";
  @property({ type: Boolean, converter: lenientBoolean, reflect: true }) opened = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  open(): void {
    this.opened = true;
  }
  show(): void {
    this.open();
  }
  close(): void {
    this.opened = false;
  }
  hide(): void {
    this.close();
  }

  protected override updated(changes: PropertyValues<this>): void {
    if (!changes.has("opened")) return;
    clearTimeout(this.timer);
    if (!this.opened) return;
    showOnly(this);
    if (this.duration > 0 && Number.isFinite(this.duration)) this.timer = setTimeout(() => this.close(), this.duration);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  override render(): TemplateResult {
    return html`<div role="status">${this.text}<slot></slot></div>`;
  }
}
