/** Icons, drawn here as 20-pixel outlines; the names are those that templates of Ground Truth use, and our own. */
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";

const PATHS: Record<string, string> = {
  "zoom-in": "M9 3a6 6 0 100 12A6 6 0 009 3zm5 11l4 4M6.5 9h5M9 6.5v5",
  "zoom-out": "M9 3a6 6 0 100 12A6 6 0 009 3zm5 11l4 4M6.5 9h5",
  fit: "M3 7V3h4M17 7V3h-4M3 13v4h4M17 13v4h-4",
  "actual-size": "M4 6l2-1v10M14 6l2-1v10M10 8v.5M10 12v.5",
  pan: "M10 2v16M2 10h16M10 2L7.5 4.5M10 2l2.5 2.5M10 18l-2.5-2.5M10 18l2.5-2.5M2 10l2.5-2.5M2 10l2.5 2.5M18 10l-2.5-2.5M18 10l-2.5 2.5",
  undo: "M7 5L3 9l4 4M3 9h9a5 5 0 010 10",
  redo: "M13 5l4 4-4 4M17 9H8a5 5 0 000 10",
  close: "M5 5l10 10M15 5L5 15",
  check: "M4 10.5l4 4 8-9",
  keyboard: "M2 5h16v10H2zM5 8h.5M8 8h.5M11 8h.5M14.500 8h.5M6 12h8",
  help: "M10 18a8 8 0 100-16 8 8 0 000 16zM7.800 7.800a2.200 2.200 0 114 1.200c-.8.9-1.800 1.200-1.800 2.500M10 14.300v.2",
  info: "M10 18a8 8 0 100-16 8 8 0 000 16zM10 9v5M10 6.200v.2",
  warning: "M10 3l8 14H2zM10 8v4M10 14.300v.2",
  error: "M10 18a8 8 0 100-16 8 8 0 000 16zM7 7l6 6M13 7l-6 6",
  success: "M10 18a8 8 0 100-16 8 8 0 000 16zM6.500 10.200l2.500 2.500 4.500-5",
  eye: "M2 10s3-5.500 8-5.500S18 10 18 10s-3 5.500-8 5.500S2 10 2 10zM10 7.500a2.500 2.500 0 100 5 2.500 2.500 0 000-5z",
  "eye-off": "M3 3l14 14M6 6C3.500 7.500 2 10 2 10s3 5.500 8 5.500c1.500 0 2.800-.5 4-1.200M9 4.600c.3 0 .6-.1 1-.1 5 0 8 5.500 8 5.500s-.6 1.200-1.800 2.500",
  add: "M10 4v12M4 10h12",
  remove: "M4 10h12",
  delete: "M4 6h12M8 6V4h4v2M6 6l.7 11h6.600L14 6",
  copy: "M7 7V3h10v10h-4M3 7h10v10H3z",
  edit: "M4 16l1-4 8-8 3 3-8 8z",
  search: "M9 3a6 6 0 100 12A6 6 0 009 3zm5 11l4 4",
  settings: "M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4",
  "arrow-up": "M10 16V4M5 9l5-5 5 5",
  "arrow-down": "M10 4v12M5 11l5 5 5-5",
  "arrow-back": "M16 10H4M9 5l-5 5 5 5",
  "arrow-forward": "M4 10h12M11 5l5 5-5 5",
  menu: "M3 5h14M3 10h14M3 15h14",
  "more-vert": "M10 4v.5M10 10v.5M10 16v.5",
  refresh: "M16 10a6 6 0 11-2-4.500L16 7M16 3v4h-4",
  star: "M10 3l2.200 4.600 5 .7-3.600 3.500.9 5L10 14.400 5.500 16.800l.9-5L2.800 8.300l5-.7z",
  favorite: "M10 16.500S3 12.500 3 7.800A3.600 3.600 0 0110 6a3.600 3.600 0 017 1.800c0 4.700-7 8.700-7 8.700z",
  flag: "M5 18V3h10l-2 3.500L15 10H5",
  grip: "M7 5v.5M7 10v.5M7 15v.5M13 5v.5M13 10v.5M13 15v.5",
  image: "M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 4M13 7.500v.2",
  play: "M6 4l10 6-10 6z",
  home: "M3 10l7-7 7 7M5 9v8h10V9",
  person: "M10 3a3.500 3.500 0 100 7 3.500 3.500 0 000-7zM3 18c.5-4 3-6 7-6s6.500 2 7 6",
  link: "M8 12l4-4M7 9l-3 3a3 3 0 004 4l3-3M13 11l3-3a3 3 0 00-4-4L9 7",
};
const ALIASES: Record<string, string> = {
  clear: "close", done: "check", create: "edit", "check-circle": "success", "info-outline": "info", "help-outline": "help",
  "error-outline": "error", "report-problem": "warning", "zoom-fit": "fit", "open-in-new": "arrow-forward", "thumb-up": "success",
  visibility: "eye", "visibility-off": "eye-off", "drag-handle": "grip", "keyboard-arrow-up": "arrow-up", "expand-less": "arrow-up",
  "keyboard-arrow-down": "arrow-down", "expand-more": "arrow-down", "favorite-border": "favorite", "star-border": "star",
  "status-positive": "success", "status-negative": "error", "status-warning": "warning", "status-info": "info", edit: "edit",
};

/** The icon of a name (with or without an icon-set prefix such as `icons:`), or of an image URL; nothing if unknown. */
export function icon(name: string, size = 20): TemplateResult | SVGTemplateResult | typeof nothing {
  if (/[/.]/.test(name) && !/^[\w-]+:[\w-]+$/.test(name)) return html`<img src=${name} width=${size} height=${size} alt="" />`;
  const plain = name.replace(/^[\w-]+:/, "");
  const path = PATHS[plain] ?? PATHS[ALIASES[plain] ?? ""];
  if (!path) return nothing;
  return svg`<svg width=${size} height=${size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${path} /></svg>`;
}

/** Whether a name is one of ours, or an image's address. */
export function hasIcon(name: string): boolean {
  return icon(name) !== nothing;
}
