import { css, html, LitElement, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { hasIcon, icon } from "../../chrome/icons.js";
import { tokens } from "../../chrome/tokens.css.js";

/** A small mark on the upper right corner of another element: an icon, or up to three characters. */
export class CrowdBadge extends LitElement {
  static override styles = [tokens, css`
    :host { position: absolute; z-index: 3; pointer-events: none; translate: -50% -50%; }
    span {
      display: grid; place-items: center; min-width: 20px; height: 20px; padding: 0 5px; border-radius: 10px;
      background: var(--gs-primary); color: var(--gs-on-primary); font-size: 11px; font-weight: 600;
    }
  `];

  /** The id of the element it marks. */
  @property() for = "";
  @property() icon = "";
  @property() label = "";
  private readonly moved = new ResizeObserver(() => this.place());

  override connectedCallback(): void {
    super.connectedCallback();
    this.moved.observe(document.documentElement);
    requestAnimationFrame(() => this.place());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.moved.disconnect();
  }

  private place(): void {
    const target = (this.getRootNode() as ParentNode).querySelector(`[id="${CSS.escape(this.for)}"]`);
    if (!target) return;
    // Measured from where the badge itself stands, whatever it is positioned against.
    this.style.left = this.style.top = "0";
    const own = this.getBoundingClientRect();
    const { right, top } = target.getBoundingClientRect();
    this.style.left = `${right - own.left - own.width / 2}px`;
    this.style.top = `${top - own.top - own.height / 2}px`;
  }

  override render(): TemplateResult {
    return html`<span>${this.icon && hasIcon(this.icon) ? icon(this.icon, 14) : this.label}</span>`;
  }
}
