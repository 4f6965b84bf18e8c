/** The form around a task: plain content in a readable column, Submit in a bar that stays in view. */
import { css } from "lit";

export const formStyles = css`
  :host { display: block; }
  form { display: flex; flex-direction: column; gap: var(--gs-4); min-height: 100%; container: task / inline-size; }
  .content { flex: 1; min-width: 0; }
  :host(:not([full])) .content { padding: var(--gs-2) 0; }
  :host([full]) form { gap: 0; }
  .with-pane { display: grid; grid-template-columns: 264px minmax(0, 1fr); gap: var(--gs-5); }
  .pane { padding: var(--gs-4); background: var(--gs-surface); border: var(--gs-line) solid var(--gs-border); border-radius: var(--gs-radius); align-self: start; }
  .pane .link { margin-top: var(--gs-3); }
  :host([extra]) form > :not(.content, .bar) { padding: 0 var(--gs-5) var(--gs-3); }
  .bar {
    order: 9; position: sticky; bottom: 0; z-index: 5; display: flex; align-items: center; gap: var(--gs-4); padding: var(--gs-3) 0;
    background: color-mix(in srgb, Canvas 94%, transparent);
  }
  .bar .problem { margin: 0; flex: 1; }
  .submit { min-width: 168px; padding: 10px var(--gs-5); margin-inline-start: auto; }
  .bar .link { color: var(--gs-text-2); text-decoration: none; }
  @container task (max-width: 719px) {
    .with-pane { grid-template-columns: minmax(0, 1fr); gap: var(--gs-3); }
    .submit { flex: 1; } kbd, .bar .keys { display: none; }
  }
`;
