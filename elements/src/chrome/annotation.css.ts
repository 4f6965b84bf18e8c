/** The working place of a task: instructions left, the object on a dark ground, labels right; stacked on a phone. */
import { css } from "lit";

export const annotationStyles = css`
  :host { display: block; container: task / inline-size; background: var(--gs-bg); }
  :host([full]) { height: 100dvh; }
  .awsui-app-layout { display: grid; grid-template-columns: auto minmax(0, 1fr); min-height: 440px; height: 100%; }
  :host(:not([full])) .awsui-app-layout:has(.stage.paper) { min-height: 0; }
  .awsui-app-layout__navigation {
    width: 264px; min-width: 0; overflow: auto; padding: var(--gs-4);
    background: var(--gs-surface); border-right: var(--gs-line) solid var(--gs-border);
  }
  .awsui-app-layout__navigation[hidden] { display: none; }
  .awsui-app-layout__navigation .link { margin-top: var(--gs-3); }
  .annotation-area { display: grid; grid-template-columns: minmax(0, 1fr) 248px; grid-column: 2; min-height: 0; min-width: 0; }
  .stage { position: relative; display: grid; grid-template-rows: minmax(0, 1fr); min-height: 0; min-width: 0; overflow: hidden; background: var(--gs-canvas); }
  :is(.stage.paper, .awsui-app-layout__navigation):focus-visible { outline: none; box-shadow: inset 0 0 0 2px var(--gs-primary); }
  .stage.paper { background: var(--gs-bg); overflow: auto; align-content: start; grid-template-rows: auto; padding: var(--gs-5); gap: var(--gs-4); }
  .question {
    position: absolute; z-index: 2; top: var(--gs-3); left: 50%; translate: -50% 0; max-width: calc(100% - 32px); margin: 0;
    padding: 8px 14px; border-radius: 20px; background: color-mix(in srgb, var(--gs-surface) 92%, transparent);
    font-size: var(--gs-size-3); font-weight: 600; box-shadow: var(--gs-shadow); pointer-events: none; text-wrap: balance;
    text-align: center; overflow-wrap: anywhere; max-height: 40%; overflow: hidden; width: max-content;
  }
  .paper > .question { position: static; translate: none; background: none; box-shadow: none; padding: 0; max-width: 72ch; width: auto; max-height: none; font-size: var(--gs-size-5); text-align: start; justify-self: center; }
  .side {
    display: flex; flex-direction: column; gap: var(--gs-4); min-height: 0; overflow: auto; padding: var(--gs-4);
    background: var(--gs-surface); border-left: var(--gs-line) solid var(--gs-border);
  }
  .foot { margin-top: auto; display: grid; gap: var(--gs-2); position: sticky; bottom: 0; background: inherit; }
  .submit { padding: 11px; width: 100%; }
  .menu { display: flex; flex-wrap: wrap; gap: var(--gs-2) var(--gs-4); font-size: var(--gs-size-2); }
  .menu .link { color: var(--gs-text-2); text-decoration: none; }
  .menu .link:hover { color: var(--gs-text); }
  .open-instructions { display: none !important; }
  .paper .open-instructions, .menu .help:only-child { justify-self: start; }
  @container task (max-width: 900px) {
    .awsui-app-layout__navigation { width: 208px; }
    .annotation-area { grid-template-columns: minmax(0, 1fr) 208px; }
  }
  @container task (max-width: 719px) {
    .awsui-app-layout { grid-template-columns: minmax(0, 1fr); }
    .awsui-app-layout__navigation { display: none; }
    .annotation-area { grid-column: 1; grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(180px, 1fr) auto; }
    .side { border-left: 0; border-top: var(--gs-line) solid var(--gs-border); max-height: 50dvh; padding: var(--gs-3); gap: var(--gs-3); }
    :host(:not([full])) .side { max-height: none; }
    :host(:not([full])) .annotation-area:has(.stage.paper) { grid-template-rows: auto auto; }
    :is(.stage.paper, .awsui-app-layout__navigation):focus-visible { outline: none; box-shadow: inset 0 0 0 2px var(--gs-primary); }
  .stage.paper { padding: var(--gs-4); }
    .open-instructions { display: inline-flex !important; }
    kbd, .keys { display: none !important; }
  }
`;
