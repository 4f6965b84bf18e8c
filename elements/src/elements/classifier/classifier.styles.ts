/** The category picker: one row a category with its colour, name and key; chips on a phone. */
import { css } from "lit";

export const classifierStyles = css`
  .category-picker-wrapper { display: flex; flex-direction: column; gap: 2px; }
  .choices { display: flex; flex-direction: column; gap: 2px; }
  .choice {
    justify-content: flex-start; text-align: start; width: 100%; min-height: 38px; padding: 7px 10px; border-color: transparent; background: none;
    overflow-wrap: anywhere;
  }
  .choice > * { pointer-events: none; }
  .choice::before {
    content: ""; flex: none; width: 14px; height: 14px; border-radius: 50%; border: 2px solid var(--c);
    background: radial-gradient(circle, var(--c) 0 45%, transparent 50%) no-repeat center / 0 0;
  }
  .choice[role="checkbox"]::before { border-radius: 4px; }
  .choice.aimed { outline: 2px solid var(--gs-primary); outline-offset: -2px; }
  .choice[aria-checked="true"] { border-color: var(--gs-primary); background: var(--gs-primary-soft); font-weight: 600; }
  .choice[aria-checked="true"]::before { background-color: var(--c); box-shadow: inset 0 0 0 2px var(--gs-surface); }
  .choice[data-key]::after {
    content: attr(data-key) / ""; margin-left: auto; font: var(--gs-size-1) / 1.4 var(--gs-mono); color: var(--gs-text-2); background: var(--gs-surface);
    border: 1px solid var(--gs-border); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px;
  }
  .rule { border: 0; border-top: var(--gs-line) solid var(--gs-border); margin: var(--gs-2) 0; width: 100%; }
  .find { margin-bottom: var(--gs-2); }
  .legend { display: grid; gap: var(--gs-1); font-size: var(--gs-size-2); margin: 0; padding: 0; list-style: none; }
  .legend li { display: flex; align-items: center; gap: var(--gs-2); }
  .legend i { width: 10px; height: 10px; border-radius: 3px; background: var(--c); }
  .target { max-width: 72ch; width: 100%; justify-self: center; background: var(--gs-surface); border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius); padding: var(--gs-5); font-size: var(--gs-size-4); overflow-wrap: anywhere; }
  .target[hidden] { display: none; }
  .none { color: var(--gs-text-2); font-size: var(--gs-size-2); }
  @container task (max-width: 719px) {
    .choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(136px, 1fr)); gap: var(--gs-2); }
    .choice { min-height: 44px; border-color: var(--gs-border); }
    .choice::after { display: none; }
    .side h2, .rule { display: none; }
  }
`;
