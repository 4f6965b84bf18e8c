/**
 * What is painted, as a list: the mask's accessible twin. Focusing an entry takes that region in hand; keys work from there.
 */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../chrome/icons.js";
import type { Region } from "../model/mask.js";
import { PAGE, renderPages } from "./shape-list.js";

export interface RegionListState {
  readonly title: string;
  readonly regions: readonly Region[];
  readonly inHand: number | null;
  /** The label in hand, for relabeling; null where regions are not relabeled. */
  readonly label: string | null;
  readonly from: number;
  turnTo(from: number): void;
  /** What it is called, among all. */
  nameOf(region: Region): string;
  /** How much of it there is, in short. */
  sizeOf(region: Region): string;
  pick(region: Region): void;
  remove(region: Region): void;
  relabel?(region: Region): void;
  copy?(region: Region): void;
}

export function renderRegionList(state: RegionListState): TemplateResult {
  const { regions, title } = state;
  const from = Math.min(state.from, Math.max(Math.ceil(regions.length / PAGE) - 1, 0) * PAGE);
  return html`<h2 id="painted">${title} · ${regions.length}</h2>
    ${regions.length === 0 ? html`<p class="muted">Nothing yet.</p>` : nothing}
    <ul class="shapes" aria-labelledby="painted">
      ${regions.slice(from, from + PAGE).map((region) => renderRegion(state, region))}
    </ul>
    ${regions.length > PAGE ? renderPages((to) => state.turnTo(to), from, regions.length) : nothing}`;
}

function renderRegion(state: RegionListState, region: Region): TemplateResult {
  const on = region.value === state.inHand;
  const name = state.nameOf(region);
  const act = (title: string, glyph: string, run: (() => void) | undefined): TemplateResult | typeof nothing =>
    run ? html`<button type="button" class="small" tabindex="-1" aria-label=${title} title=${title} @click=${run}>${icon(glyph, 16)}</button>` : nothing;
  const relabels = state.relabel && state.label !== null && state.label !== region.label;
  return html`<li class=${on ? "on" : ""}>
    <button type="button" class="pick" data-region=${region.value} aria-pressed=${on} @focus=${() => on || state.pick(region)} @click=${() => state.pick(region)}>
      <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect x="1" y="1" width="12" height="12" rx="2" fill=${region.color} /></svg>
      <span>${name}</span><span class="n">${state.sizeOf(region)}</span>
    </button>
    ${on
      ? html`${act(`Make ${name} ${state.label}`, "edit", relabels ? () => state.relabel?.(region) : undefined)}${act(`Copy ${name}`, "copy", state.copy && (() => state.copy?.(region)))}${act(`Delete ${name}`, "delete", () => state.remove(region))}`
      : nothing}
  </li>`;
}
