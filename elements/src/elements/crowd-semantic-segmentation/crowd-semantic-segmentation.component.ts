import { html, type PropertyValues, type TemplateResult } from "lit";
import { MaskElement } from "../../drawing/mask-element.js";
import { BACKGROUND, regionColor, type Region } from "../../model/mask.js";
import { Palette } from "../../render/palette.js";

/**
 * A class for every pixel: `<crowd-semantic-segmentation name src header labels initial-value>`.
 *
 * Answer: `{labeledImage: {pngImageData}, labelMappings: {Cat: {color}}, inputImageProperties: {height, width}}`, and
 * `initialValueModified` where `initial-value` is given. The PNG has a palette whose index is the label's place in
 * `labels`, from 1 on; 0 is background.
 */
export class CrowdSemanticSegmentation extends MaskElement {
  protected override deep(): boolean {
    return false;
  }

  protected override get things(): string {
    return "classes";
  }

  protected override get colors(): readonly string[] {
    return [BACKGROUND, ...[...this.mask.regions.values()].map(({ color }) => color)];
  }

  protected override get legend(): Record<string, unknown> {
    return { labelMappings: Object.fromEntries(this.mask.used.map(({ label, color }) => [label, { color }])) };
  }

  protected override valueInHand(): number | null {
    const { label } = this.editor;
    if (label === null) return this.editor.refuse("Choose a label first.");
    return this.region(label).value;
  }

  protected override countOf(label: string): number {
    return this.mask.pixels(this.region(label).value);
  }

  protected override regionsOf(initial: Record<string, unknown>): readonly Region[] {
    const mappings = (initial.labelMappings ?? {}) as Record<string, { color?: string } | undefined>;
    return Object.entries(mappings).map(([label, { color } = {}]) => ({ ...this.region(label), color: color ?? this.region(label).color }));
  }

  protected override draftLegend(): unknown {
    return [...this.mask.regions.values()].map(({ label }) => label);
  }

  protected override restoreLegend(draft: unknown): void {
    if (Array.isArray(draft)) for (const label of draft) this.region(String(label));
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("labels")) for (const label of this.labels) this.region(label);
    super.willUpdate(changed);
    if (!changed.has("labels")) return;
    this.palette = new Palette(this.labels, this.labels.map((label) => this.region(label).color));
    this.stage.palette = this.palette;
  }

  // A label keeps its number when scripts add others.
  private region(label: string): Region {
    for (const region of this.mask.regions.values()) if (region.label === label) return region;
    const value = this.mask.regions.size + 1;
    const region = { value, label, color: regionColor(value - 1) };
    this.mask.regions.set(value, region);
    return region;
  }

  protected override renderDrawn(): TemplateResult {
    const { plane, used } = this.mask;
    const share = (pixels: number): string => `${((100 * pixels) / Math.max(1, plane.width * plane.height)).toFixed(1)} %`;
    return html`<div>
      <h2 id="painted">Painted · ${used.length}</h2>
      <ul class="shapes" aria-labelledby="painted">
        ${used.map(({ value, label }) => html`<li><span class="pick"><span>${label}</span><span class="n">${share(this.mask.pixels(value))}</span></span></li>`)}
      </ul>
    </div>`;
  }
}
