/**
 * The drawn shapes as a list: the canvas's accessible twin. Focusing an entry selects its shape; the keys that move, resize,
 * relabel and delete work from there. Long lists are shown a page at a time, so that ten thousand shapes stay light.
 */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../chrome/icons.js";
import type { Editor } from "../model/editor.js";
import { kindOf } from "../model/registry.js";
import type { Shape } from "../model/shape.js";
import type { Palette } from "../render/palette.js";
import { swatch } from "./label-list.js";

export const PAGE = 100;

export interface ShapeListState {
  readonly editor: Editor;
  readonly palette: Palette;
  /** First entry of the shown page. */
  readonly from: number;
  turnTo(from: number): void;
  /** A shape was picked in the list. */
  picked(shape: Shape): void;
}

export function renderShapeList(state: ShapeListState): TemplateResult {
  const { all } = state.editor.document.shapes;
  const from = Math.min(state.from, Math.max(Math.ceil(all.length / PAGE) - 1, 0) * PAGE);
  const entries = numbered(all, from, from + PAGE);
  return html`<div>
    <h2 id="drawn">Drawn · ${all.length}</h2>
    ${all.length === 0 ? html`<p class="muted">Nothing yet.</p>` : nothing}
    <ul class="shapes" aria-labelledby="drawn">
      ${entries.map(({ shape, name }) => renderShape(state, shape, name))}
    </ul>
    ${all.length > PAGE ? renderPages((to) => state.turnTo(to), from, all.length) : nothing}
  </div>`;
}

function renderShape(state: ShapeListState, shape: Shape, name: string): TemplateResult {
  const { editor } = state;
  const kind = kindOf(shape);
  const on = editor.selection?.id === shape.id;
  return html`<li class=${on ? "on" : ""}>
    <button
      type="button"
      class="pick"
      data-shape=${shape.id}
      aria-pressed=${on}
      @focus=${() => on || state.picked(shape)}
      @click=${() => state.picked(shape)}
    >
      ${swatch(state.palette.of(shape.label))}<span>${name}<span class="sr"> ${kind.noun}, ${kind.describe(shape.points)}</span></span>
      <span class="n" aria-hidden="true">${kind.measure(shape.points)}</span>
    </button>
    ${on ? renderActs(editor, shape, name) : nothing}
  </li>`;
}

/** By pointer; the keys L and Delete do the same, so Tab goes straight from shape to shape. */
function renderActs(editor: Editor, shape: Shape, name: string): TemplateResult {
  const { label } = editor;
  const title = `Make ${name} ${label}`;
  return html`${label !== null && label !== shape.label
      ? html`<button type="button" class="small" tabindex="-1" aria-label=${title} title=${title} @click=${() => editor.relabel(label, shape)}>
          ${icon("edit", 16)}
        </button>`
      : nothing}<button type="button" class="small" tabindex="-1" aria-label="Delete ${name}" title="Delete ${name}" @click=${() => editor.deleteSelected()}>
      ${icon("delete", 16)}
    </button>`;
}

/** Turns the pages of a long list. */
export function renderPages(turnTo: (from: number) => void, from: number, total: number): TemplateResult {
  return html`<div class="pages">
    <button type="button" ?disabled=${from === 0} @click=${() => turnTo(from - PAGE)}>Earlier</button>
    <span>${from + 1} to ${Math.min(from + PAGE, total)} of ${total}</span>
    <button type="button" ?disabled=${from + PAGE >= total} @click=${() => turnTo(from + PAGE)}>Later</button>
  </div>`;
}

/** Entries `from` to `to`, each named by its label and its number among the shapes of that label. */
function numbered(all: readonly Shape[], from: number, to: number): { shape: Shape; name: string }[] {
  const counts = new Map<string, number>();
  const entries: { shape: Shape; name: string }[] = [];
  const end = Math.min(to, all.length);
  for (let i = 0; i < end; i++) {
    const shape = all[i] as Shape;
    const n = (counts.get(shape.label) ?? 0) + 1;
    counts.set(shape.label, n);
    if (i >= from) entries.push({ shape, name: `${shape.label} ${n}` });
  }
  return entries;
}
