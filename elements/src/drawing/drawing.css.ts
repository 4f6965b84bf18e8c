/** Styles of the drawing elements: canvases, toolbar, status bar, label and shape lists. */
import { css } from "lit";

export const drawingStyles = css`
  .canvas-area { position: relative; min-height: 0; min-width: 0; }
  :host(:not([full])) .canvas-area { min-height: min(68dvh, 640px); }
  .surface { position: absolute; inset: 0; overflow: hidden; touch-action: none; outline: none; user-select: none; -webkit-user-select: none; }
  .surface canvas { position: absolute; left: 0; top: 0; width: 100%; height: 100%; pointer-events: none; transform-origin: 0 0; }
  .surface:focus-visible::after { content: ""; position: absolute; inset: 0; box-shadow: inset 0 0 0 2px #4fc3ad; pointer-events: none; }
  /* The one canvas that pointers meet, as in Ground Truth; what it gets bubbles to the surface. */
  .surface .upper-canvas { pointer-events: auto; }
  .notice { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: var(--gs-3); padding: var(--gs-5); text-align: center; color: #e6ecea; }
  .tools {
    position: absolute; z-index: 2; left: var(--gs-3); top: 50%; translate: 0 -50%; display: flex; flex-direction: column; max-height: calc(100% - 24px);
    background: var(--gs-surface); border: 1px solid var(--gs-border); border-radius: var(--gs-radius); box-shadow: var(--gs-shadow); overflow: auto; scrollbar-width: none;
  }
  .tools button { flex: none; border: 0; border-radius: 0; background: none; width: 40px; height: 36px; min-height: 0; padding: 0; color: var(--gs-text-2); }
  .tools button:hover:not(:disabled) { background: var(--gs-surface-2); color: var(--gs-text); }
  .tools button[aria-pressed="true"], .tools button[aria-expanded="true"] { background: var(--gs-primary-soft); color: var(--gs-primary); }
  .tools button:focus-visible { box-shadow: inset 0 0 0 2px var(--gs-primary); }
  .tools hr { flex: none; margin: 0; border: 0; border-top: 1px solid var(--gs-border); border-left: 1px solid var(--gs-border); }
  .adjust {
    position: absolute; z-index: 3; left: 64px; top: 50%; translate: 0 -50%; width: 232px; padding: var(--gs-3) var(--gs-4); display: grid; gap: var(--gs-3);
    background: var(--gs-surface); border: 1px solid var(--gs-border); border-radius: var(--gs-radius); box-shadow: var(--gs-shadow); font-size: var(--gs-size-2);
  }
  .adjust label { display: grid; gap: 2px; color: var(--gs-text-2); }
  .adjust label span { display: flex; justify-content: space-between; }
  .adjust input { width: 100%; margin: 0; }
  .mask-settings { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2px; font-size: var(--gs-size-2); color: var(--gs-text-2); }
  .mask-settings label { display: flex; align-items: center; gap: var(--gs-2); min-height: 26px; }
  .mask-settings input[type="range"] { flex: 1; width: 0; min-width: 0; margin: 0; }
  .mask-settings label > span:first-child { flex: none; width: 64px; }
  .mask-settings output { flex: none; width: 52px; text-align: end; font-variant-numeric: tabular-nums; color: var(--gs-text); }
  .mask-settings kbd, .new kbd { margin-left: auto; }
  .new { width: 100%; justify-content: flex-start; gap: var(--gs-2); margin-bottom: var(--gs-3); }
  .new[aria-pressed="true"] { background: var(--gs-primary-soft); border-color: var(--gs-primary); color: var(--gs-primary); }
  .status {
    position: absolute; z-index: 1; left: 0; right: 0; bottom: 0; display: flex; gap: var(--gs-4); padding: 14px var(--gs-4) 6px; font-size: var(--gs-size-1);
    color: #e3e9e7; background: linear-gradient(transparent, rgb(0 0 0 / .62)); font-variant-numeric: tabular-nums; pointer-events: none; white-space: nowrap; overflow: hidden;
  }
  .status .count { margin-left: auto; }
  .minimap { position: absolute; z-index: 2; right: var(--gs-3); bottom: 36px; border: 1px solid rgb(255 255 255 / .55); border-radius: var(--gs-radius-s); box-shadow: var(--gs-shadow); touch-action: none; cursor: crosshair; background: #000; }
  .minimap[hidden] { display: none; }
  .refusal {
    position: absolute; z-index: 4; left: 50%; bottom: 44px; translate: -50% 0; max-width: calc(100% - 32px); padding: 8px 14px; border-radius: var(--gs-radius);
    background: var(--gs-surface); color: var(--gs-danger); box-shadow: var(--gs-shadow); font-size: var(--gs-size-2); font-weight: 600; pointer-events: none;
  }
  .labels, .shapes { list-style: none; margin: 0; padding: 0; display: grid; gap: 2px; }
  .labels li, .shapes li { display: flex; align-items: center; border-radius: var(--gs-radius-s); border: 1px solid transparent; min-width: 0; }
  .labels.many { max-height: min(38vh, 320px); overflow-y: auto; }
  .find-label { width: 100%; margin-bottom: var(--gs-2); }
  .labels li.on { border-color: var(--c); background: color-mix(in srgb, var(--c) 12%, transparent); }
  .shapes li.on { background: var(--gs-surface-2); }
  .labels button, .shapes button { border: 0; background: none; justify-content: flex-start; min-width: 0; }
  .labels .pick, .shapes .pick { flex: 1; gap: var(--gs-2); padding: 6px 8px; text-align: start; }
  .labels .pick span:nth-child(2), .shapes .pick span:nth-child(2) { overflow-wrap: anywhere; flex: 1; }
  .labels .off { opacity: .5; text-decoration: line-through; }
  .shapes { font-size: var(--gs-size-2); }
  .shapes .pick { padding: 4px 8px; min-height: 28px; }
  .shapes .n, .labels .n { color: var(--gs-text-2); font: var(--gs-size-1) var(--gs-mono); white-space: nowrap; }
  .shapes .small, .labels .small { flex: none; width: 30px; min-height: 28px; padding: 0; justify-content: center; color: var(--gs-text-2); }
  .swatch { flex: none; width: 14px; height: 14px; border-radius: 3px; }
  .pages { display: flex; align-items: center; gap: var(--gs-2); font-size: var(--gs-size-1); color: var(--gs-text-2); margin-top: var(--gs-2); }
  .pages button { min-height: 26px; padding: 2px 8px; font-size: var(--gs-size-1); }
  .muted { color: var(--gs-text-2); font-size: var(--gs-size-2); margin: 0; }
  .nothing { display: flex; align-items: center; gap: var(--gs-2); color: var(--gs-text-2); min-height: 24px; }
  .nothing kbd { margin-left: auto; }
  @container task (max-width: 719px) {
    .tools { flex-direction: row; top: auto; translate: none; bottom: var(--gs-2); left: var(--gs-2); max-width: calc(100% - 16px); }
    .tools button { flex: 1 1 36px; min-width: 34px; height: 42px; }
    .adjust { left: var(--gs-2); top: auto; bottom: 60px; translate: none; }
    .status { bottom: 58px; background: none; text-shadow: 0 1px 2px #000; padding-bottom: 0; }
    .status .hint, .status .at { display: none; }
    .minimap { bottom: 84px; }
    .labels { display: flex; flex-wrap: wrap; gap: 4px; }
    .labels li { flex: none; border-color: var(--gs-border); }
    .labels .small { display: none; }
    /* The list grows inside its own room: the stage must not move under the finger. */
    :host([full]) .annotation-area { grid-template-rows: minmax(180px, 3fr) minmax(0, 2fr); }
    :host([full]) .side { max-height: none; }
    .shapes .pick { min-height: 36px; }
  }
  @media (forced-colors: active) {
    .surface canvas, .swatch { forced-color-adjust: none; }
  }
`;
