/** The labels to choose from: colour and pattern, name, how many are drawn, key, and an eye to hide them. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../chrome/icons.js";
import { KEYED, matching, type NameSearch } from "../chrome/name-search.js";
import type { LabelStyle, Palette } from "../render/palette.js";

export interface LabelListState {
  readonly labels: readonly string[];
  readonly chosen: string | null;
  readonly palette: Palette;
  readonly hidden: ReadonlySet<string>;
  count(label: string): number;
  keyOf(index: number): string | undefined;
  choose(label: string): void;
  setHidden(label: string, hidden: boolean): void;
  readonly search: NameSearch;
}

export function renderLabelList(state: LabelListState): TemplateResult {
  if (state.labels.length === 0) return html`<p class="muted">No labels yet.</p>`;
  const many = state.labels.length > KEYED;
  const shown = new Set(many ? matching(state.labels, state.search.query) : state.labels);
  return html`${many ? renderSearch(state.search) : nothing}<ul class="labels ${many ? "many" : ""}" aria-label="Labels">
    ${state.labels.map((label, index) => (shown.has(label) ? renderLabel(state, label, index) : nothing))}
  </ul>
  ${shown.size === 0 ? html`<p class="muted">No label has this in its name.</p>` : nothing}`;
}

function renderSearch(search: NameSearch): TemplateResult {
  return html`<input class="field find-label" type="search" placeholder="Find a label by name or number ( / )" aria-label="Find a label" .value=${search.query}
    @input=${(event: Event) => {
      event.stopPropagation();
      search.set((event.target as HTMLInputElement).value);
    }} @change=${(event: Event) => event.stopPropagation()} />`;
}

function renderLabel(state: LabelListState, label: string, index: number): TemplateResult {
  const chosen = state.chosen === label;
  const hidden = state.hidden.has(label);
  const count = state.count(label);
  const key = state.keyOf(index);
  return html`<li class=${chosen ? "on" : ""} style="--c:${state.palette.of(label).color}">
    <button type="button" class="pick ${hidden ? "off" : ""}" aria-pressed=${chosen} aria-keyshortcuts=${key ?? nothing} @click=${() => state.choose(label)}>
      ${swatch(state.palette.of(label))}<span>${label}</span>
      ${count > 0 ? html`<span class="n" aria-label="${count} drawn">${count}</span>` : nothing}
      ${key ? html`<kbd aria-hidden="true">${key}</kbd>` : nothing}
    </button>
    <button type="button" class="small" aria-label=${`Hide ${label}`} title=${hidden ? `Show ${label}` : `Hide ${label}`} aria-pressed=${hidden} @click=${() => state.setHidden(label, !hidden)}>
      ${icon(hidden ? "eye-off" : "eye", 16)}
    </button>
  </li>`;
}

/** The label's colour and line pattern, as they are on the image. */
export function swatch(style: LabelStyle): TemplateResult {
  const { color, dash } = style;
  return html`<svg class="swatch" viewBox="0 0 14 14" aria-hidden="true">
    <rect x="1" y="1" width="12" height="12" rx="2" fill=${color} fill-opacity=${dash.length > 0 ? 0.25 : 1} stroke=${color} stroke-width="2" stroke-dasharray=${dash.map((d) => d / 2).join(" ") || "none"} />
  </svg>`;
}
