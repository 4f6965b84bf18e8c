import { css } from "lit";

export const generationStyles = css`
  .annotation-area { grid-template-columns: minmax(0, 1fr) minmax(300px, 38%); }
  .source { justify-self: center; width: 100%; max-width: 80ch; padding: var(--gs-5); white-space: pre-wrap; overflow-wrap: anywhere; font-size: var(--gs-size-4); line-height: 1.6; background: var(--gs-surface); border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius); }
  .source:empty { display: none; }
  .refer { justify-self: center; }
  .pair { display: grid; gap: var(--gs-2); margin: 0; padding: var(--gs-3); border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius); min-width: 0; }
  .pair.active { border-color: var(--gs-primary); }
  .pair legend { font-weight: 600; padding: 0 var(--gs-1); }
  .pair label { display: grid; gap: 2px; font-size: var(--gs-size-2); color: var(--gs-text-2); }
  .pair textarea { resize: vertical; field-sizing: content; min-height: calc(2lh + 16px); font-size: var(--gs-size-3); }
  .pair > .link { justify-self: end; color: var(--gs-text-2); font-size: var(--gs-size-2); }
  .tags { display: flex; flex-wrap: wrap; gap: var(--gs-1); }
  .tag { min-height: 28px; padding: 2px 10px; border-radius: 14px; font-size: var(--gs-size-2); }
  .tag[aria-pressed="true"] { background: var(--gs-primary-soft); border-color: var(--gs-primary); color: var(--gs-primary); }
  .tags input { flex: 1 1 120px; min-width: 0; padding: 2px 8px; }
  .reference { display: flex; align-items: start; gap: var(--gs-2); font-size: var(--gs-size-2); }
  .reference q { flex: 1; color: var(--gs-text-2); overflow-wrap: anywhere; border-left: 2px solid var(--gs-primary); padding-left: var(--gs-2); }
  .reference button { min-height: 22px; width: 22px; border: 0; background: none; }
  @container task (max-width: 719px) { .annotation-area { grid-template-columns: minmax(0, 1fr); } .side { max-height: none !important; } :host([full]) { height: auto; } }
`;
