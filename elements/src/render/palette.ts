/**
 * Label colours and line patterns. The colours are those of `chrome/tokens.css.ts` (Okabe and Ito's, safe for colour-blind
 * eyes); from the ninth label on the same colours come again with another dash, so that no two of 32 labels look alike.
 */
export interface LabelStyle {
  readonly color: string;
  /** Dash lengths in CSS pixels; empty for a solid line. */
  readonly dash: readonly number[];
  /** Text on the colour, whichever of black and white reads better. */
  readonly onColor: string;
}

export const LABEL_COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c8c8c"] as const;
const DASHES: readonly (readonly number[])[] = [[], [8, 5], [2, 4], [10, 4, 2, 4]];
const UNKNOWN: LabelStyle = { color: "#c0c0c0", dash: [3, 3], onColor: "#000000" };

/** The style of the nth label (0-based); `colors` are the template's own, where it gives any. -1 is an unknown label. */
export function labelStyle(index: number, colors: readonly string[] = []): LabelStyle {
  if (index < 0) return UNKNOWN;
  const own = colors[index];
  const color = own ?? (LABEL_COLORS[index % LABEL_COLORS.length] as string);
  const dash = own ? [] : (DASHES[Math.floor(index / LABEL_COLORS.length) % DASHES.length] as readonly number[]);
  return { color, dash, onColor: readableOn(color) };
}

/** Black or white, by the WCAG 2.2 relative luminance of a #rrggbb or #rgb colour; white on anything else. */
export function readableOn(color: string): string {
  const hex = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(color)?.[1];
  if (!hex) return "#ffffff";
  const parts = hex.length === 3 ? [...hex].map((c) => c + c) : (hex.match(/../g) as string[]);
  const [r, g, b] = parts.map((part) => {
    const c = parseInt(part, 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? "#000000" : "#ffffff";
}

/** Styles of a set of labels, looked up by label. */
export class Palette {
  readonly #styles = new Map<string, LabelStyle>();

  constructor(labels: readonly string[] = [], colors: readonly string[] = []) {
    labels.forEach((label, index) => this.#styles.set(label, labelStyle(index, colors)));
  }

  of(label: string): LabelStyle {
    return this.#styles.get(label) ?? UNKNOWN;
  }
}
