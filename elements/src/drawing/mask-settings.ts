/** Brush width, wand tolerance, opacity, and what painting may touch. */
import { html, type TemplateResult } from "lit";

interface Slider {
  readonly title: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  set(to: number): void;
}

interface Switch {
  readonly title: string;
  readonly key: string;
  readonly on: boolean;
  toggle(): void;
}

export function renderMaskSettings(sliders: readonly Slider[], switches: readonly Switch[]): TemplateResult {
  return html`<div class="mask-settings" role="group" aria-label="Brush and mask">
    ${sliders.map(renderSlider)}${switches.map(renderSwitch)}
  </div>`;
}

const renderSlider = ({ title, value, least, most, unit, set }: Slider): TemplateResult => html`<label>
  <span>${title}</span>
  <input type="range" min=${least} max=${most} .value=${String(value)} aria-valuetext="${value}${unit}"
    @input=${(event: Event) => {
      event.stopPropagation();
      set(Number((event.target as HTMLInputElement).value));
    }}
    @change=${(event: Event) => event.stopPropagation()} />
  <output>${value}${unit}</output>
</label>`;

const renderSwitch = ({ title, key, on, toggle }: Switch): TemplateResult => html`<label class="switch">
  <input type="checkbox" .checked=${on} @input=${(event: Event) => event.stopPropagation()}
    @change=${(event: Event) => {
      event.stopPropagation();
      toggle();
    }} />
  <span>${title}</span><kbd aria-hidden="true">${key}</kbd>
</label>`;
