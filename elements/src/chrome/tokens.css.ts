/** The tokens of Groundswell's look: every colour, size and shadow of the elements comes from here. */
import { css } from "lit";

export const tokens = css`
  :host {
    --gs-font: "Inter", ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK KR", sans-serif;
    --gs-mono: ui-monospace, "JetBrains Mono", "SF Mono", Menlo, Consolas, monospace;
    --gs-size-1: 12px; --gs-size-2: 13px; --gs-size-3: 14px; --gs-size-4: 16px; --gs-size-5: 20px; --gs-size-6: 28px;
    --gs-1: 4px; --gs-2: 8px; --gs-3: 12px; --gs-4: 16px; --gs-5: 24px; --gs-6: 32px; --gs-7: 48px;
    --gs-radius: 8px; --gs-radius-s: 5px; --gs-line: 1px;
    --gs-bg: light-dark(#f6f7f6, #101413);
    --gs-surface: light-dark(#ffffff, #181d1c);
    --gs-surface-2: light-dark(#eef1ef, #202726);
    --gs-border: light-dark(#dde3e0, #2c3533);
    --gs-text: light-dark(#16211e, #e6ecea);
    --gs-text-2: light-dark(#55635f, #9aa8a4);
    --gs-primary: light-dark(#0b6e5f, #4fc3ad);
    --gs-on-primary: light-dark(#ffffff, #06231e);
    --gs-primary-soft: light-dark(#e0f2ee, #17332e);
    --gs-warn: light-dark(#9a5b00, #f0b357);
    --gs-danger: light-dark(#b3261e, #ff8a80);
    --gs-ok: light-dark(#1b7f3b, #7bd492);
    --gs-canvas: light-dark(#2a302e, #0a0d0c);
    --gs-focus: 0 0 0 2px var(--gs-surface), 0 0 0 4px var(--gs-primary);
    --gs-shadow: 0 1px 2px rgb(0 0 0 / .06), 0 4px 16px rgb(0 0 0 / .06);
    --gs-label-1: #0072b2; --gs-label-2: #e69f00; --gs-label-3: #009e73; --gs-label-4: #cc79a7;
    --gs-label-5: #56b4e9; --gs-label-6: #d55e00; --gs-label-7: #f0e442; --gs-label-8: #8c8c8c;
    font: var(--gs-size-3) / 1.45 var(--gs-font);
    color: var(--gs-text);
    box-sizing: border-box;
  }
  :host([hidden]) { display: none !important; }
  *, *::before, *::after { box-sizing: border-box; }
`;
