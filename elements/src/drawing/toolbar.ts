/** The bar of tools at the stage's side, and the panel of image adjustments behind its last button. */
import { html, nothing, type TemplateResult } from "lit";
import type { icon } from "../chrome/icons.js";
import { printChord } from "../keys/chords.js";
import { keys, type KeyAction } from "../keys/registry.js";
import type { Adjustments } from "./stage.js";

export interface ToolButton {
  readonly action: KeyAction;
  readonly icon: TemplateResult | ReturnType<typeof icon>;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly disabled?: boolean;
}

/** Groups of buttons, each with its name and key as a tip. A click by pointer gives the focus back to the stage. */
export function renderToolbar(groups: readonly (readonly ToolButton[])[], backToStage: () => void): TemplateResult {
  const press = (button: ToolButton) => (event: MouseEvent) => {
    button.action.run(new KeyboardEvent("keydown"));
    if (event.detail > 0 && button.expanded === undefined) backToStage();
  };
  const shown = groups.filter((group) => group.length > 0);
  return html`<div class="tools" role="group" aria-label="Drawing tools">
    ${shown.map(
      (group, i) => html`${i > 0 ? html`<hr />` : nothing}${group.map(
          (button) => html`<button
            type="button"
            title=${tip(button.action)}
            aria-label=${button.action.title}
            aria-pressed=${button.pressed ?? nothing}
            aria-expanded=${button.expanded ?? nothing}
            ?disabled=${button.disabled ?? false}
            @click=${press(button)}
          >
            ${button.icon}
          </button>`,
        )}`,
    )}
  </div>`;
}

const tip = (action: KeyAction): string => {
  const [chord] = keys.keysOf(action);
  return chord ? `${action.title} (${printChord(chord)})` : action.title;
};

const SLIDERS = [
  { key: "brightness", title: "Brightness", min: 0.2, max: 3 },
  { key: "contrast", title: "Contrast", min: 0.2, max: 3 },
  { key: "dim", title: "Dim the image", min: 0, max: 0.9 },
] as const;

export function renderAdjustments(now: Adjustments, change: (to: Partial<Adjustments>) => void, reset: () => void): TemplateResult {
  const slider = ({ key, title, min, max }: (typeof SLIDERS)[number]): TemplateResult => html`<label>
    <span>${title}<output>${Math.round(now[key] * 100)} %</output></span>
    <input
      type="range"
      min=${min}
      max=${max}
      step="0.05"
      .value=${String(now[key])}
      @input=${(event: Event) => {
        event.stopPropagation();
        change({ [key]: Number((event.target as HTMLInputElement).value) });
      }}
      @change=${(event: Event) => event.stopPropagation()}
    />
  </label>`;
  return html`<div class="adjust" role="group" aria-label="How the image is shown">
    ${SLIDERS.map(slider)}
    <button type="button" @click=${reset}>As it was</button>
  </div>`;
}
