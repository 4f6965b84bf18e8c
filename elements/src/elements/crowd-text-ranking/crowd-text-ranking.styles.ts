import { css } from "lit";

export const rankingStyles = css`
  .source { justify-self: center; width: 100%; max-width: 96ch; padding: var(--gs-4) var(--gs-5); white-space: pre-wrap; overflow-wrap: anywhere; font-size: var(--gs-size-4); border-left: 3px solid var(--gs-primary); background: var(--gs-surface); border-radius: var(--gs-radius-s); }
  .responses { justify-self: center; width: 100%; max-width: 96ch; display: grid; gap: var(--gs-4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); }
  .response { display: flex; flex-direction: column; gap: var(--gs-2); padding: var(--gs-4); background: var(--gs-surface); border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius); }
  .response h2 { margin: 0; font-size: var(--gs-size-2); font-weight: 600; text-transform: none; letter-spacing: 0; }
  .response p { margin: 0 0 auto; white-space: pre-wrap; overflow-wrap: anywhere; }
  .ranks { display: flex; flex-wrap: wrap; gap: 2px; margin: 0; padding: var(--gs-1) var(--gs-2); border: 1px solid transparent; border-radius: var(--gs-radius-s); }
  .ranks.active { border-color: var(--gs-primary); }
  .ranks legend { font-size: var(--gs-size-1); color: var(--gs-text-2); padding: 0 var(--gs-1); }
  .ranks label { position: relative; display: grid; place-items: center; width: 34px; height: 34px; border: 1px solid var(--gs-border); border-radius: var(--gs-radius-s); cursor: pointer; font-variant-numeric: tabular-nums; }
  .ranks label.on { background: var(--gs-primary); color: var(--gs-on-primary); border-color: transparent; font-weight: 600; }
  .ranks label:focus-within { box-shadow: var(--gs-focus); }
  .ranks input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; width: 100%; height: 100%; }
  .sofar { border-collapse: collapse; width: 100%; font-size: var(--gs-size-2); font-variant-numeric: tabular-nums; }
  .sofar th { text-align: start; font-weight: 400; color: var(--gs-text-2); overflow-wrap: anywhere; }
  .sofar :is(th, td) { padding: 3px var(--gs-1) 3px 0; border-bottom: var(--gs-line) solid var(--gs-border); }
  @container task (max-width: 719px) { .sofar { display: none; } }
  .hint { color: var(--gs-text-2); font-size: var(--gs-size-2); margin: var(--gs-2) 0 0; }
`;
