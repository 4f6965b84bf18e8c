import type { PropertyValues } from "lit";
import { MaskElement } from "../../drawing/mask-element.js";
import type { RegionListState } from "../../drawing/region-list.js";
import { BACKGROUND, normalColor, type Region } from "../../model/mask.js";
import type { Legend } from "../../model/mask-picture.js";
import { Palette } from "../../render/palette.js";

const MOST_SHALLOW = 255;

/**
 * A class for every pixel: `<crowd-semantic-segmentation name src header labels initial-value>`.
 *
 * Answer: `{labeledImage: {pngImageData}, labelMappings: {Cat: {color}}, inputImageProperties: {height, width}}`, and
 * `initialValueModified` where `initial-value` is given. The PNG has a palette whose index is the label's place in
 * `labels`, from 1 on; 0 is background.
 */
export class CrowdSemanticSegmentation extends MaskElement {
  protected override get deep(): boolean {
    return this.labels.length > MOST_SHALLOW;
  }

  protected override get things(): string {
    return this.count === 1 ? "label painted" : "labels painted";
  }

  protected override get legend(): Record<string, unknown> {
    return { labelMappings: Object.fromEntries(this.mask.used.map(({ label, color }) => [label, { color }])) };
  }

  protected override get pictureLegend(): Legend {
    const regions = [...this.mask.regions.values()].sort((a, b) => a.value - b.value);
    return { colors: [BACKGROUND, ...regions.map(({ color }) => color)] };
  }

  protected override readonly listState: Pick<RegionListState, "title" | "sizeOf"> = {
    title: "Painted",
    sizeOf: ({ value }) => percent(this.mask.pixels(value), this.mask.plane.width * this.mask.plane.height),
  };

  protected override get inHand(): number | null {
    const { label } = this.editor;
    return label === null ? null : (this.regionOf(label)?.value ?? null);
  }

  protected override numberInHand(): number | null {
    return this.inHand ?? this.editor.refuse("Choose a label first.");
  }

  protected override takeInHand({ label }: Region): void {
    this.editor.setLabel(label);
  }

  protected override nameOf({ label }: Region): string {
    return label;
  }

  // Labels have their share in the list of what is painted.
  protected override countOf(): number {
    return 0;
  }

  protected override regionsOf(initial: Record<string, unknown>): readonly { readonly value: number; readonly color: string }[] {
    const mappings = mappingsOf(initial);
    this.mask.regions.clear();
    const labels = [...new Set([...this.labels, ...mappings.keys()])];
    const add = (known: boolean): void =>
      labels.forEach((label, index) => {
        if (mappings.has(label) === known) this.mask.addRegion(index + 1, label, mappings.get(label));
      });
    add(true);
    add(false);
    this.showColors();
    const given = [...mappings].map(([label, color]) => ({ value: labels.indexOf(label) + 1, color }));
    return given.length > 0 ? given : [...this.mask.regions.values()];
  }

  protected override restoreRegions(regions: readonly Region[]): void {
    this.mask.regions.clear();
    for (const { value, label, color } of regions) this.mask.addRegion(value, label, color);
    this.addLabels();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!changed.has("labels")) return;
    // Before anything is painted, numbers follow the labels' order; from then on a label keeps its number.
    if (this.mask.empty && this.editor.history.depth === 0) this.regionsOf((this.initialValue ?? {}) as Record<string, unknown>);
    else this.addLabels();
  }

  private addLabels(): void {
    for (const label of this.labels) {
      if (this.regionOf(label)) continue;
      if (!this.mask.plane.deep && this.mask.regions.size === MOST_SHALLOW) return void this.editor.refuse("There is room for 255 labels.");
      this.mask.addRegion(this.mask.regions.size + 1, label);
    }
    this.showColors();
  }

  private regionOf(label: string): Region | undefined {
    for (const region of this.mask.regions.values()) if (region.label === label) return region;
    return undefined;
  }

  private showColors(): void {
    this.palette = new Palette(this.labels, this.labels.map((label) => this.regionOf(label)?.color ?? BACKGROUND));
    this.stage.palette = this.palette;
  }
}

/** The colour of each label of an initial value; entries that name none are left out. */
function mappingsOf(initial: Record<string, unknown>): Map<string, string> {
  const entries = Object.entries((initial.labelMappings ?? {}) as Record<string, { color?: unknown } | string | null>);
  return new Map(
    entries.flatMap(([label, entry]) => {
      const color = normalColor(String(typeof entry === "string" ? entry : (entry?.color ?? "")));
      return color && color !== BACKGROUND ? [[label, color] as const] : [];
    }),
  );
}

function percent(part: number, whole: number): string {
  const share = (100 * part) / Math.max(whole, 1);
  return share > 0 && share < 0.1 ? "< 0.1 %" : `${share.toFixed(1)} %`;
}
