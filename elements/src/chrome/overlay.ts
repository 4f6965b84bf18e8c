/**
 * What earlier annotators marked, drawn over an image: boxes, or a mask whose colours stand for labels or instances.
 * Values of the `overlay` attribute: `{boundingBox: {labels, value}}`, `{semanticSegmentation: {labels, labelMappings, src}}`,
 * `{instanceSegmentation: {labels, instances, src}}`.
 */
import { html, svg, type TemplateResult } from "lit";
import { labelColour } from "./palette.js";
import type { Size } from "./viewport.js";

interface Box {
  readonly label: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
}

/** Something that can be drawn over an image of a given size at a given scale. */
export interface Overlay {
  readonly legend: readonly LegendEntry[];
  render(image: Size, scale: number): TemplateResult;
}

type Raw = Record<string, Record<string, unknown> | undefined>;

/** The overlay an attribute's value describes, or undefined when it describes none. */
export function overlayOf(value: unknown): Overlay | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { boundingBox, semanticSegmentation, instanceSegmentation } = value as Raw;
  if (boundingBox) return boxes(list<Box>(boundingBox.value), list<string>(boundingBox.labels));
  if (semanticSegmentation) {
    const mappings = (semanticSegmentation.labelMappings ?? {}) as Record<string, { color: string }>;
    return mask(`${semanticSegmentation.src}`, Object.entries(mappings).map(([label, { color }]) => ({ label, colour: color })));
  }
  if (instanceSegmentation) {
    const instances = list<{ label: string; color: string }>(instanceSegmentation.instances);
    return mask(`${instanceSegmentation.src}`, instances.map(({ label, color }) => ({ label, colour: color })));
  }
  return undefined;
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}

function boxes(drawn: readonly Box[], labels: readonly string[]): Overlay {
  const names = [...new Set([...labels, ...drawn.map((box) => box.label)])];
  const colourOf = (label: string) => labelColour(names.indexOf(label));
  return {
    legend: names.map((label) => ({ label, colour: colourOf(label) })),
    render: ({ width, height }, scale) => html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label=${describe(drawn)}>
      ${drawn.map((box) => {
        const colour = colourOf(box.label);
        const size = 13 / scale;
        const wide = (box.label.length * 0.62 + 0.9) * size;
        return svg`<rect x=${box.left} y=${box.top} width=${box.width} height=${box.height} fill=${colour} fill-opacity=".12"
          stroke=${colour} stroke-width="2.5" vector-effect="non-scaling-stroke"/>
          <rect x=${box.left} y=${box.top - size * 1.5} width=${wide} height=${size * 1.5} fill=${colour}/>
          <text x=${box.left + size * 0.4} y=${box.top - size * 0.42} font-size=${size} font-family="sans-serif" fill=${ink(colour)}>${box.label}</text>`;
      })}</svg>`,
  };
}

function describe(drawn: readonly Box[]): string {
  return drawn.length === 0 ? "No boxes" : `${drawn.length} boxes: ${drawn.map((box) => box.label).join(", ")}`;
}

/** Black or white, whichever reads better on a colour. */
function ink(colour: string): string {
  if (!colour.startsWith("#")) return "#fff";
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
  return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? "#000" : "#fff";
}

// Ground Truth paints the background white: only the legend's colours stay, the rest becomes transparent. Where the
// pixels may not be read (another origin without CORS) multiplying leaves white as if transparent.
function mask(src: string, legend: readonly LegendEntry[]): Overlay {
  const cleared = new Map<string, string>();
  return {
    legend,
    render: () => html`<img class="mask" alt="Mask: ${legend.map((entry) => entry.label).join(", ")}" crossorigin="anonymous"
      src=${cleared.get(src) ?? src} style="opacity:.6;${cleared.has(src) ? "" : "mix-blend-mode:multiply"}"
      @load=${(event: Event) => clear(event.target as HTMLImageElement, src, legend, cleared)} @error=${withoutCors} />`,
  };
}

function withoutCors(event: Event): void {
  const image = event.target as HTMLImageElement;
  if (!image.crossOrigin) return;
  image.crossOrigin = null;
  image.src = image.getAttribute("src") ?? "";
}

function clear(image: HTMLImageElement, src: string, legend: readonly LegendEntry[], cleared: Map<string, string>): void {
  if (cleared.has(src)) return;
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return;
  context.drawImage(image, 0, 0);
  try {
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    const words = new Uint32Array(pixels.data.buffer);
    const kept = new Set(legend.map((entry) => parseInt(entry.colour.replace("#", ""), 16)));
    for (let i = 0; i < words.length; i += 1) {
      const word = words[i]!; // ABGR on little-endian machines, which all browsers' machines are
      const rgb = ((word & 0xff) << 16) | (word & 0xff00) | ((word >> 16) & 0xff);
      if (!kept.has(rgb)) words[i] = 0;
    }
    context.putImageData(pixels, 0, 0);
    cleared.set(src, canvas.toDataURL());
    image.style.mixBlendMode = "normal";
    image.src = cleared.get(src)!;
  } catch {
    /* the pixels may not be read: the blend mode stays */
  }
}
