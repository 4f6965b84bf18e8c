import { html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { icon } from "../../chrome/icons.js";
import { MaskElement } from "../../drawing/mask-element.js";
import type { KeyAction } from "../../keys/registry.js";
import type { KeyContext } from "../../drawing/stage-keys.js";
import { BACKGROUND, regionColor, type Region } from "../../model/mask.js";

/**
 * A mask for each thing: `<crowd-instance-segmentation name src header labels initial-value>`.
 *
 * Answer: `{labeledImage: {pngImageData}, instances: [{color, label}], inputImageProperties: {height, width}}`, and
 * `initialValueModified` where `initial-value` is given. Each instance has a colour of its own in the PNG.
 */
export class CrowdInstanceSegmentation extends MaskElement {
  /** The instance that is painted on; null: the next stroke begins another one. */
  @state() private current: number | null = null;
  private next = 1;

  protected override deep(): boolean {
    return true;
  }

  protected override get things(): string {
    return "instances";
  }

  protected override get colors(): readonly string[] {
    const all = Array.from({ length: this.next }, (_, value) => this.mask.regions.get(value)?.color ?? BACKGROUND);
    return all;
  }

  protected override get legend(): Record<string, unknown> {
    return { instances: this.mask.used.map(({ color, label }) => ({ color, label })) };
  }

  protected override countOf(label: string): number {
    return this.mask.used.filter((region) => region.label === label).length;
  }

  protected override valueInHand(): number | null {
    const { label } = this.editor;
    const current = this.current === null ? undefined : this.mask.regions.get(this.current);
    if (current && (label === null || current.label === label)) return current.value;
    if (label === null) return this.editor.refuse("Choose a label first.");
    return this.begun(label).value;
  }

  protected override regionsOf(initial: Record<string, unknown>): readonly Region[] {
    this.forget();
    const given = Array.isArray(initial.instances) ? (initial.instances as { color?: string; label?: string }[]) : [];
    const regions = given.map(({ color, label }) => this.begun(`${label ?? ""}`, color));
    this.current = null;
    return regions;
  }

  protected override draftLegend(): unknown {
    return [...this.mask.regions.values()];
  }

  protected override restoreLegend(draft: unknown): void {
    this.forget();
    for (const { value, label, color } of Array.isArray(draft) ? (draft as Region[]) : []) {
      this.mask.regions.set(value, { value, label, color });
      this.next = Math.max(this.next, value + 1);
    }
    this.current = null;
  }

  private forget(): void {
    this.mask.regions.clear();
    this.next = 1;
  }

  private begun(label: string, color?: string): Region {
    const value = this.next++;
    const region = { value, label, color: color ?? regionColor(value - 1) };
    this.mask.regions.set(value, region);
    this.current = value;
    return region;
  }

  protected override moreKeyActions(context: KeyContext): readonly KeyAction[] {
    return [
      { id: "instance.new", title: "Next stroke begins a new instance", group: "Masks", keys: ["a"], run: () => this.choose(null) },
      { id: "instance.next", title: "Next instance", group: "Masks", keys: ["Tab"], when: () => this.brushing, run: () => this.step(1) },
      { id: "instance.delete", title: "Delete this instance", group: "Masks", keys: ["Delete", "Backspace"], when: () => this.current !== null, run: () => this.drop(this.current!) },
      ...super.moreKeyActions(context),
    ];
  }

  private get brushing(): boolean {
    return this.surface !== null && (this.renderRoot as ShadowRoot).activeElement === this.surface && this.mask.used.length > 1;
  }

  private step(by: number): void {
    const { used } = this.mask;
    const at = used.findIndex(({ value }) => value === this.current);
    this.choose(used[(at + by + used.length) % used.length]?.value ?? null);
  }

  private choose(value: number | null): void {
    this.current = value;
    const region = value === null ? undefined : this.mask.regions.get(value);
    if (region) this.editor.setLabel(region.label);
    this.announce(region ? `${this.nameOf(region)}` : "The next stroke begins a new instance");
  }

  private nameOf(region: Region): string {
    const alike = this.mask.used.filter(({ label }) => label === region.label);
    return `${region.label} ${alike.findIndex(({ value }) => value === region.value) + 1}`;
  }

  private drop(value: number): void {
    const { plane } = this.mask;
    plane.begin();
    for (let y = 0; y < plane.height; y++) plane.paint({ y, from: 0, to: plane.width }, 0, value);
    if (this.mask.commit("delete an instance")) this.announce("Deleted");
    if (this.current === value) this.current = null;
    this.stage.invalidate();
  }

  protected override renderDrawn(): TemplateResult {
    const { used } = this.mask;
    return html`<div>
      <h2 id="painted">Instances · ${used.length}</h2>
      <button type="button" class="new" aria-pressed=${this.current === null} @click=${() => this.choose(null)}>${icon("add", 16)} New instance <kbd aria-hidden="true">A</kbd></button>
      <ul class="shapes" aria-labelledby="painted">
        ${used.map((region) => this.renderInstance(region))}
      </ul>
    </div>`;
  }

  private renderInstance(region: Region): TemplateResult {
    const on = region.value === this.current;
    const name = this.nameOf(region);
    return html`<li class=${on ? "on" : ""}>
      <button type="button" class="pick" aria-pressed=${on} @focus=${() => on || this.choose(region.value)} @click=${() => this.choose(region.value)}>
        <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect x="1" y="1" width="12" height="12" rx="2" fill=${region.color} /></svg>
        <span>${name}</span><span class="n">${this.mask.pixels(region.value).toLocaleString("en")} px</span>
      </button>
      ${on ? html`<button type="button" class="small" tabindex="-1" aria-label="Delete ${name}" title="Delete ${name}" @click=${() => this.drop(region.value)}>${icon("delete", 16)}</button>` : nothing}
    </li>`;
  }
}
