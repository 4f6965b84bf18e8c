/** The dialog that lists every key, and lets the worker give an action another one. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { query, state } from "lit/decorators.js";
import { define } from "../chrome/base.js";
import { controls } from "../chrome/controls.css.js";
import { closeOnBackdrop, openDialog } from "../chrome/dialog.js";
import { icon } from "../chrome/icons.js";
import { tokens } from "../chrome/tokens.css.js";
import { chordsOf, printChord } from "./chords.js";
import { keys, type KeyAction } from "./registry.js";

export class KeysDialog extends LitElement {
  static override styles = [tokens, controls, css`
    table { width: 100%; border-collapse: collapse; }
    caption { text-align: start; font-size: var(--gs-size-1); text-transform: uppercase; letter-spacing: .06em; color: var(--gs-text-2); padding: var(--gs-3) 0 var(--gs-1); }
    th { text-align: start; font-weight: 400; overflow-wrap: anywhere; }
    th, td { padding: 4px 0; border-bottom: var(--gs-line) solid var(--gs-border); }
    td { text-align: end; white-space: nowrap; }
    td button { min-height: 28px; padding: 2px 8px; font-size: var(--gs-size-2); }
    .note { color: var(--gs-text-2); margin: 0 0 var(--gs-2); }
  `];

  @state() private waiting: KeyAction | undefined;
  @state() private message = "";
  @query("dialog") private dialog!: HTMLDialogElement;
  private readonly refresh = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    keys.addEventListener("change", this.refresh);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    keys.removeEventListener("change", this.refresh);
  }

  async show(): Promise<void> {
    await this.updateComplete;
    openDialog(this.dialog);
  }

  private wait(action: KeyAction): void {
    this.waiting = action;
    this.message = `Press the new key for “${action.title}”, or Esc to keep the old one.`;
  }

  private pressed(event: KeyboardEvent): void {
    const action = this.waiting;
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    const chord = chordsOf(event)[0];
    if (!chord) return;
    if (chord === "Escape") this.message = "";
    else this.give(action, chord);
    this.waiting = undefined;
  }

  private give(action: KeyAction, chord: string): void {
    const taken = keys.actions().find((other) => other.id !== action.id && keys.keysOf(other).includes(chord));
    if (taken) {
      this.message = `${printChord(chord)} already means “${taken.title}”. Nothing was changed.`;
      return;
    }
    keys.remap(action.id, [chord]);
    this.message = `${printChord(chord)} now means “${action.title}”.`;
  }

  private reset(): void {
    for (const id of Object.keys(keys.keymap)) keys.remap(id);
    this.message = "All keys are as they were at first.";
  }

  override render(): TemplateResult {
    const conflicts = keys.conflicts();
    const groups = Map.groupBy(keys.actions(), (action) => action.group);
    return html`<dialog aria-labelledby="title" @click=${closeOnBackdrop} @keydown=${this.pressed} @close=${() => (this.waiting = undefined)}>
      <header><h3 id="title">Keys</h3>
        ${Object.keys(keys.keymap).length ? html`<button type="button" @click=${this.reset}>Reset all</button>` : nothing}
        <button class="icon" type="button" aria-label="Close" @click=${() => this.dialog.close()}>${icon("close")}</button></header>
      <div class="body">
        <p class="note" role="status">${this.message || "Choose a key to change it. Your keys are remembered."}</p>
        ${conflicts.map(({ chord, actions: [one, other] }) => html`<p class="problem">${printChord(chord)} means both “${one.title}” and “${other.title}”.</p>`)}
        ${[...groups].map(([group, actions]) => html`<table><caption>${group}</caption><tbody>${actions.map((action) => this.renderRow(action))}</tbody></table>`)}
      </div>
    </dialog>`;
  }

  private renderRow(action: KeyAction): TemplateResult {
    const chords = keys.keysOf(action);
    const now = chords.map((chord) => printChord(chord)).join(" ") || "no key";
    return html`<tr><th scope="row">${action.title}</th><td>
      <button type="button" aria-label="${action.title}: ${now}. Change" @click=${() => this.wait(action)}>
        ${this.waiting?.id === action.id ? "…" : chords.length ? chords.map((chord) => html`<kbd>${printChord(chord)}</kbd> `) : "none"}
      </button></td></tr>`;
  }
}

define("gs-keys-dialog", KeysDialog);

let shown: KeysDialog | undefined;

/** Opens the dialog; there is one a page. */
export function showKeys(): void {
  shown ??= document.body.appendChild(document.createElement("gs-keys-dialog") as KeysDialog);
  void shown.show();
}
