/** Styles that several elements share: buttons, keys, fields, links, what only a screen reader should meet. */
import { css } from "lit";

export const controls = css`
  button, .button {
    font: inherit; color: inherit; cursor: pointer; text-decoration: none;
    display: inline-flex; align-items: center; justify-content: center; gap: var(--gs-2);
    min-height: 34px; padding: 6px var(--gs-3);
    background: var(--gs-surface); border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius-s);
  }
  button:hover:not(:disabled), .button:hover { background: var(--gs-surface-2); }
  button:disabled, [aria-disabled="true"] { cursor: default; opacity: .55; }
  .primary { background: var(--gs-primary); color: var(--gs-on-primary); border-color: transparent; font-weight: 600; }
  .primary:hover:not(:disabled) { background: color-mix(in srgb, var(--gs-primary) 88%, var(--gs-text)); }
  .link { background: none; border: 0; padding: 0; min-height: 0; color: var(--gs-primary); text-decoration: underline; text-underline-offset: 2px; }
  .link:hover:not(:disabled) { background: none; text-decoration-thickness: 2px; }
  .icon { padding: 0; width: 34px; }
  kbd {
    font: var(--gs-size-1) / 1.4 var(--gs-mono); color: var(--gs-text-2); background: var(--gs-surface);
    border: 1px solid var(--gs-border); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px;
  }
  .primary kbd { background: none; color: inherit; border-color: color-mix(in srgb, currentColor 45%, transparent); }
  :is(button, a, input, textarea, select, [tabindex]):focus-visible { outline: 2px solid transparent; box-shadow: var(--gs-focus); }
  input, textarea, select { font: inherit; color: inherit; accent-color: var(--gs-primary); }
  .field {
    width: 100%; padding: 7px 10px; background: var(--gs-surface); color: var(--gs-text);
    border: var(--gs-line) solid color-mix(in srgb, var(--gs-text-2) 60%, var(--gs-border)); border-radius: var(--gs-radius-s);
  }
  .field::placeholder { color: var(--gs-text-2); opacity: 1; }
  .field[aria-invalid="true"] { border-color: var(--gs-danger); }
  .problem { color: var(--gs-danger); font-size: var(--gs-size-2); margin: var(--gs-1) 0 0; }
  h2 { font-size: var(--gs-size-1); text-transform: uppercase; letter-spacing: .06em; color: var(--gs-text-2); margin: 0 0 var(--gs-2); }
  dialog {
    width: min(680px, calc(100vw - 32px)); max-height: min(760px, calc(100dvh - 32px)); padding: 0; overflow: auto;
    color: var(--gs-text); background: var(--gs-surface); border: var(--gs-line) solid var(--gs-border);
    border-radius: var(--gs-radius); box-shadow: var(--gs-shadow), 0 16px 48px rgb(0 0 0 / .25);
  }
  dialog::backdrop { background: rgb(0 0 0 / .45); }
  dialog > header {
    position: sticky; top: 0; z-index: 1; display: flex; align-items: center; gap: var(--gs-3); background: inherit;
    padding: var(--gs-3) var(--gs-4); border-bottom: var(--gs-line) solid var(--gs-border);
  }
  dialog > header h1, dialog > header h3 { margin: 0; flex: 1; font-size: var(--gs-size-4); font-weight: 600; }
  dialog > .body { padding: var(--gs-4); overflow-wrap: break-word; }
  .sr {
    position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  }
  ::slotted(img), ::slotted(video) { max-width: 100%; }
  @media (prefers-reduced-motion: no-preference) {
    button, .choice { transition: background-color .12s, border-color .12s; }
  }
`;
