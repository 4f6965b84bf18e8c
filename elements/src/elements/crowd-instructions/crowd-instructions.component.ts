import { css, html, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { icon } from "../../chrome/icons.js";
import "../../chrome/regions.js";
import { CrowdModal } from "../crowd-modal/crowd-modal.component.js";
import { tabKeys, tabStyles } from "../crowd-tabs/tab-strip.js";

const TABS = [
  { title: "Summary", regions: ["short-summary"] },
  { title: "Detailed Instructions", regions: ["detailed-instructions"] },
  { title: "Examples", regions: ["positive-example", "negative-example"] },
];

/** Instructions in a dialog with tabs: summary, detailed instructions, examples. */
export class CrowdInstructions extends CrowdModal {
  static override styles = [...CrowdModal.styles, tabStyles, css`
    .panel { padding-top: var(--gs-4); }
    .example { margin: 0 0 var(--gs-4); padding: var(--gs-3); border: 1px solid var(--gs-border); border-radius: var(--gs-radius-s); }
    .example h4 { display: flex; align-items: center; gap: var(--gs-2); margin: 0 0 var(--gs-2); }
    .good svg { color: var(--gs-ok); } .bad svg { color: var(--gs-danger); }
  `];

  @property({ attribute: "link-text" }) override linkText = "Click for instructions";
  @state() private chosen = 0;

  private get tabs() {
    return TABS.filter(({ regions }) => regions.some((region) => this.querySelector(`:scope > ${region}`)));
  }

  protected override renderContent(): TemplateResult {
    const tabs = this.tabs;
    const shown = tabs[this.chosen] ?? tabs[0];
    return html`<div class="strip" role="tablist" @keydown=${(event: KeyboardEvent) => tabKeys(event)}>
        ${tabs.map((tab, index) => html`<button type="button" role="tab" aria-selected=${tab === shown} tabindex=${tab === shown ? 0 : -1}
          @click=${() => (this.chosen = index)}>${tab.title}</button>`)}</div>
      <div class="panel" role="tabpanel" tabindex="0" aria-label=${shown?.title ?? "Instructions"}>
        ${shown?.title === "Examples" ? this.renderExamples() : html`<slot name=${shown?.regions[0] ?? nothing}></slot>`}<slot></slot>
      </div>`;
  }

  private renderExamples(): TemplateResult {
    return html`
      ${this.querySelector(":scope > positive-example") ? html`<div class="example good"><h4>${icon("success")} Good example</h4><slot name="positive-example"></slot></div>` : nothing}
      ${this.querySelector(":scope > negative-example") ? html`<div class="example bad"><h4>${icon("error")} Bad example</h4><slot name="negative-example"></slot></div>` : nothing}`;
  }
}
