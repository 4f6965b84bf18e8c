import { css, html, LitElement, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { controls } from "../../chrome/controls.css.js";
import { tokens } from "../../chrome/tokens.css.js";
import type { CrowdTab } from "../crowd-tab/crowd-tab.component.js";
import { tabKeys, tabStyles } from "./tab-strip.js";

/** Shows one of its crowd-tab children at a time. */
export class CrowdTabs extends LitElement {
  static override styles = [tokens, controls, tabStyles, css`:host { display: block; } .panel { padding-top: var(--gs-4); }`];

  @state() private tabs: CrowdTab[] = [];
  @state() private chosen = 0;

  private collect(event: Event): void {
    const slotted = (event.target as HTMLSlotElement).assignedElements();
    this.tabs = slotted.filter((child): child is CrowdTab => child.localName === "crowd-tab");
    this.show(Math.min(this.chosen, Math.max(this.tabs.length - 1, 0)));
  }

  private show(index: number): void {
    this.chosen = index;
    this.tabs.forEach((tab, at) => (tab.shown = at === index));
  }

  override render(): TemplateResult {
    return html`<div class="strip" role="tablist" @keydown=${(event: KeyboardEvent) => tabKeys(event)}>
        ${this.tabs.map((tab, index) => html`<button type="button" role="tab" aria-selected=${index === this.chosen} tabindex=${index === this.chosen ? 0 : -1}
          @click=${() => this.show(index)}>${tab.header || `Tab ${index + 1}`}</button>`)}</div>
      <div class="panel" role="tabpanel" aria-label=${this.tabs[this.chosen]?.header || "Tab"}><slot @slotchange=${this.collect}></slot></div>`;
  }
}
