/** The text with its labeled spans underlined in their colours, one stripe an entity, and a tag where each ends. */
import { css } from "lit";

export const entityStyles = css`
  crowd-form::part(content) { padding: 0; }
  crowd-form::part(form) { gap: 0; }
  .awsui-app-layout { height: 100dvh; }
  :host([extra]) { height: auto; }
  :host([extra]) .awsui-app-layout { height: 74dvh; }
  .text {
    max-width: 78ch; width: 100%; justify-self: center; background: var(--gs-surface); border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius);
    padding: var(--gs-5); font-size: var(--gs-size-4); line-height: 2; white-space: pre-wrap; overflow-wrap: anywhere; caret-color: var(--gs-primary); cursor: text;
    tab-size: 4;
  }
  .text:focus-visible { outline: none; box-shadow: var(--gs-focus); }
  .text.armed ::selection { background: color-mix(in srgb, var(--armed) 45%, transparent); }
  .line { content-visibility: auto; contain-intrinsic-size: auto 2em; unicode-bidi: plaintext; }
  .segment { border-radius: 2px; padding: 2px 0; }
  .tag {
    display: inline-flex; align-items: center; margin-inline: 2px 3px; padding: 0 2px 0 5px; border: 1px solid var(--c); border-radius: 4px; background: var(--gs-surface);
    font: 600 var(--gs-size-1) / 1.5 var(--gs-font); vertical-align: 1px; user-select: none; cursor: pointer; text-indent: 0;
  }
  .tag.on { background: color-mix(in srgb, var(--c) 30%, var(--gs-surface)); }
  .tag button { border: 0; background: none; color: var(--gs-text-2); padding: 0 3px; font: inherit; min-height: 0; cursor: pointer; }
  .tag button:hover { color: var(--gs-danger); }
  .labels { display: grid; gap: 2px; }
  .label { justify-content: flex-start; text-align: start; width: 100%; min-height: 38px; border-color: transparent; background: none; overflow-wrap: anywhere; }
  .label::before { content: ""; flex: none; width: 12px; height: 12px; border-radius: 3px; background: var(--c); }
  .label[aria-pressed="true"] { border-color: var(--c); background: color-mix(in srgb, var(--c) 14%, transparent); font-weight: 600; }
  .label kbd { margin-left: auto; }
  .label .count { color: var(--gs-text-2); font-variant-numeric: tabular-nums; font-weight: 400; }
  .entities { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1px; overflow: auto; min-height: 60px; }
  .entity { display: flex; align-items: center; gap: var(--gs-2); border-radius: var(--gs-radius-s); }
  .entity .go { flex: 1; min-width: 0; justify-content: flex-start; border: 0; background: none; padding: 4px 6px; font-size: var(--gs-size-2); min-height: 32px; }
  .entity .go::before { content: ""; flex: none; width: 9px; height: 9px; border-radius: 2px; background: var(--c); }
  .entity .go span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .entity .go small { margin-left: auto; color: var(--gs-text-2); flex: none; }
  .entity .icon { min-height: 28px; width: 28px; border: 0; background: none; color: var(--gs-text-2); flex: none; }
  .entity.on { background: var(--gs-surface-2); }
  .steps { display: flex; gap: var(--gs-2); }
  .marked { margin-bottom: calc(-1 * var(--gs-3)); }
  .hint { color: var(--gs-text-2); font-size: var(--gs-size-2); margin: 0; }
  @container task (max-width: 719px) {
    .labels { grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: var(--gs-2); }
    .label { min-height: 44px; border-color: var(--gs-border); }
    .text { padding: var(--gs-4); }
    .hint, .entities, .marked { display: none; }
  }
`;
