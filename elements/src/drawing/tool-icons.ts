/** Icons of the tools, by their names; a tool without one is shown by its first letter. */
import { html, svg, type TemplateResult } from "lit";

const PATHS: Record<string, string> = {
  box: "M3 4h14v12H3z",
  polygon: "M4 8l7-5 6 6-3 8H6z",
  polyline: "M3 15l5-8 4 6 5-9",
  line: "M4 16L16 4M2.500 16a1.500 1.500 0 103 0 1.500 1.500 0 10-3 0M14.500 4a1.500 1.500 0 103 0 1.500 1.500 0 10-3 0",
  keypoint: "M10 6a4 4 0 100 8 4 4 0 000-8zM10 1v5M10 14v5M1 10h5M14 10h5",
  brush: "M16.500 3.500c-4 2-7 5-8.500 8l1.500 1.500c3-1.500 6-4.500 8-8.500zM7 12.500c-2 0-3 1-3.200 4 2.500 0 4.200-1 4.700-2.500",
  eraser: "M8 16l-5-5 8-8 6 6-7 7zM6 8l6 6M8 16h9",
  "polygon-fill": "M4 8l7-5 6 6-3 8H6zM6 13l8-7M8 16l8-7",
  "flood-fill": "M9 3l7 7-6 6-7-7zM4 9h11M17 12s1.500 2.500 1.500 3.500a1.500 1.500 0 01-3 0c0-1 1.500-3.500 1.500-3.500z",
  wand: "M3 17l9-9M13 2v3M13 9v3M8 6h3M15 6h3M16 3l-1 1M16 9l-1-1",
};

export function toolIcon(name: string): TemplateResult {
  const path = PATHS[name];
  if (!path) return html`<span>${name.slice(0, 1).toUpperCase()}</span>`;
  return svg`<svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${path} /></svg>` as TemplateResult;
}
