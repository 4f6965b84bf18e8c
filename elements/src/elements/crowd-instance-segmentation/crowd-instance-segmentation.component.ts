import { html, type PropertyValues, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { icon } from "../../chrome/icons.js";
import { MaskElement } from "../../drawing/mask-element.js";
import type { RegionListState } from "../../drawing/region-list.js";
import type { KeyContext } from "../../drawing/stage-keys.js";
import type { KeyAction } from "../../keys/registry.js";
import { BACKGROUND, normalColor, type Region } from "../../model/mask.js";
import type { Legend } from "../../model/mask-picture.js";
import { Palette } from "../../render/palette.js";

const MOST = 65_535;
const GAP_PX = 4;
const NEUTRAL = "#7b8a86";
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/**
 * A mask for each thing: `<crowd-instance-segmentation name src header labels initial-value>`.
 *
 * Answer: `{labeledImage: {pngImageData}, instances: [{color, label}], inputImageProperties: {height, width}}`, and
 * `initialValueModified` where `initial-value` is given. Each instance has a colour of its own. Up to 255 instances the
 * PNG has a palette, and index n is the nth instance; beyond, it is in true colour.
 */
export class CrowdInstanceSegmentation extends MaskElement {
  /** The instance that is painted on; null: the next stroke begins another one. */
  @state() private current: number | null = null;
  private next = 1;

  protected override get deep(): boolean {
    return true;
  }

  protected override get things(): string {
    return this.count === 1 ? "instance" : "instances";
  }

  protected override get legend(): Record<string, unknown> {
    return { instances: this.mask.used.map(({ color, label }) => ({ color, label })) };
  }

  protected override get pictureLegend(): Legend {
    const { used } = this.mask;
    const indexOf = new Array<number>((used.at(-1)?.value ?? 0) + 1).fill(0);
    used.forEach(({ value }, index) => (indexOf[value] = index + 1));
    return { colors: [BACKGROUND, ...used.map(({ color }) => color)], indexOf };
  }

  protected override readonly listState: Pick<RegionListState, "title" | "sizeOf" | "relabel" | "copy"> = {
    title: "Instances",
    sizeOf: ({ value }) => `${SHORT.format(this.mask.pixels(value))} px`,
    relabel: (region) => this.relabel(region),
    copy: (region) => this.copy(region),
  };

  protected override get inHand(): number | null {
    return this.current;
  }

  protected override numberInHand(): number | null {
    const { label } = this.editor;
    const current = this.current === null ? undefined : this.mask.regions.get(this.current);
    if (current && (label === null || current.label === label)) return current.value;
    if (label === null) return this.editor.refuse("Choose a label first.");
    return this.begun(label)?.value ?? null;
  }

  protected override takeInHand(region: Region): void {
    this.current = region.value;
    this.editor.setLabel(region.label);
  }

  protected override nameOf(region: Region): string {
    let number = 0;
    for (const { value, label } of this.mask.used) {
      if (label === region.label) number++;
      if (value === region.value) break;
    }
    return `${region.label} ${number}`;
  }

  protected override countOf(label: string): number {
    return this.mask.used.filter((region) => region.label === label).length;
  }

  protected override regionsOf(initial: Record<string, unknown>): readonly { readonly value: number; readonly color: string }[] {
    this.mask.regions.clear();
    this.next = 1;
    const given = (Array.isArray(initial.instances) ? initial.instances : []) as ({ color?: unknown; label?: unknown } | null)[];
    const regions = given.flatMap((entry) => {
      const color = normalColor(String(entry?.color ?? "")) ?? undefined;
      const region = this.begun(String(entry?.label ?? ""), color);
      return region ? [{ value: region.value, color: color ?? region.color }] : [];
    });
    this.current = null;
    return regions;
  }

  protected override restoreRegions(regions: readonly Region[]): void {
    this.mask.regions.clear();
    for (const { value, label, color } of regions) this.mask.addRegion(value, label, color);
    this.next = Math.max(0, ...this.mask.regions.keys()) + 1;
    this.current = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!changed.has("labels")) return;
    // Colours tell instances apart, not labels.
    this.palette = new Palette(this.labels, this.labels.map(() => NEUTRAL));
    this.stage.palette = this.palette;
  }

  private begun(label: string, color?: string): Region | null {
    if (this.next > MOST) return this.editor.refuse(`There is room for ${MOST.toLocaleString("en")} instances.`);
    const region = this.mask.addRegion(this.next++, label, color);
    this.current = region.value;
    return region;
  }

  protected override moreKeyActions(context: KeyContext): readonly KeyAction[] {
    const act = (id: string, title: string, keys: readonly string[], run: (region: Region) => void): KeyAction => ({
      id: `instance.${id}`, title, group: "Instances", keys, when: () => this.chosen !== undefined, run: () => run(this.chosen as Region),
    });
    return [
      { id: "instance.new", title: "New instance with the next stroke", group: "Instances", keys: ["Shift+n"], run: () => this.startNew() },
      act("delete", "Delete the instance in hand", ["Delete", "Backspace"], () => this.removeSelected()),
      act("relabel", "Give it the chosen label", ["l"], (region) => this.relabel(region)),
      act("copy", "Copy it beside itself", ["Mod+d"], (region) => this.copy(region)),
      ...super.moreKeyActions(context),
    ];
  }

  private get chosen(): Region | undefined {
    const region = this.current === null ? undefined : this.mask.regions.get(this.current);
    return region && this.mask.pixels(region.value) > 0 ? region : undefined;
  }

  private startNew(): void {
    this.current = null;
    this.editor.say("The next stroke begins a new instance");
    this.stage.invalidate();
  }

  private relabel(region: Region): void {
    const { label } = this.editor;
    if (label === null || label === region.label) return;
    this.mask.relabel(region, label);
    this.editor.say(`Now ${this.nameOf({ ...region, label })}`);
  }

  // Beside itself, where there is most room, and only over background: a copy must not eat its original.
  private copy(region: Region): void {
    const { plane } = this.mask;
    const bounds = this.mask.bounds(region.value);
    if (!bounds) return;
    const right = plane.width - bounds.left - bounds.width;
    const below = plane.height - bounds.top - bounds.height;
    const across = [bounds.width + GAP_PX, 0] as const;
    const down = [0, bounds.height + GAP_PX] as const;
    const ways = [[right, across], [bounds.left, [-across[0], 0]], [below, down], [bounds.top, [0, -down[1]]]] as const;
    const [dx, dy] = ways.reduce((best, way) => (way[0] > best[0] ? way : best))[1];
    const spans = [...plane.spansOf(region.value)].map(({ y, from, to }) => ({ y: y + dy, from: from + dx, to: to + dx }));
    const copy = this.begun(region.label);
    if (copy && this.mask.paint(spans, copy.value, `copy ${region.label}`, 0)) this.editor.say(`Copied: ${this.nameOf(copy)}`);
    else this.editor.refuse("There is no room beside it.");
  }

  protected override renderBeforeList(): TemplateResult {
    const next = this.current === null;
    return html`<button type="button" class="new" aria-pressed=${next} aria-keyshortcuts="Shift+N" @click=${() => this.startNew()}>
      ${icon("add", 16)} New instance <kbd aria-hidden="true">Shift N</kbd>
    </button>`;
  }
}
