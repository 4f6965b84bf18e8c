/**
 * The view: which part of the image is on the screen and how large.
 *
 * screen = image * scale + offset, in CSS pixels of the stage. Device pixels are the renderer's business.
 */
import type { Box } from "./box.js";
import { clamp, type Point, type Size } from "./point.js";

export interface View {
  /** CSS pixels per natural pixel. */
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const MIN_SHOWN_PX = 48;
const MAX_SCALE = 64;

export const toScreen = (view: View, p: Point): Point => ({ x: p.x * view.scale + view.x, y: p.y * view.scale + view.y });
export const toImage = (view: View, p: Point): Point => ({ x: (p.x - view.x) / view.scale, y: (p.y - view.y) / view.scale });

/** The part of the image plane that a stage of this size shows; it may reach beyond the image. */
export const visibleBox = (view: View, stage: Size): Box => ({
  left: -view.x / view.scale,
  top: -view.y / view.scale,
  width: stage.width / view.scale,
  height: stage.height / view.scale,
});

export interface Insets {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

const NO_INSETS: Insets = { top: 0, right: 0, bottom: 0, left: 0 };
const LARGEST_FIT = 8;

/** The largest scale at which the image fits into the stage less its insets. */
export const fitScale = (image: Size, stage: Size, insets = NO_INSETS): number => {
  const across = (stage.width - insets.left - insets.right) / image.width;
  const down = (stage.height - insets.top - insets.bottom) / image.height;
  return Math.max(Math.min(across, down), 1e-3);
};

/** The whole image, centred between the insets, at most 8 times its natural size. */
export function fit(image: Size, stage: Size, insets = NO_INSETS): View {
  const scale = Math.min(fitScale(image, stage, insets), LARGEST_FIT);
  return {
    scale,
    x: insets.left + (stage.width - insets.left - insets.right - image.width * scale) / 2,
    y: insets.top + (stage.height - insets.top - insets.bottom - image.height * scale) / 2,
  };
}

/** Keeps at least a strip of the image on the stage, so that it cannot be lost. */
export function keepInSight(view: View, image: Size, stage: Size): View {
  const hold = (offset: number, length: number, room: number): number => {
    const strip = Math.min(MIN_SHOWN_PX, length, room);
    return clamp(offset, strip - length, room - strip);
  };
  return {
    scale: view.scale,
    x: hold(view.x, image.width * view.scale, stage.width),
    y: hold(view.y, image.height * view.scale, stage.height),
  };
}

export const pan = (view: View, dx: number, dy: number): View => ({ scale: view.scale, x: view.x + dx, y: view.y + dy });

/** Sets the scale so that the image point under the screen point `at` stays under it. */
export function zoomTo(view: View, scale: number, at: Point, image: Size, stage: Size): View {
  const low = Math.min(fitScale(image, stage) / 4, 1);
  const next = clamp(scale, low, MAX_SCALE);
  const held = toImage(view, at);
  return { scale: next, x: at.x - held.x * next, y: at.y - held.y * next };
}

/** The view at `scale` with the image point `p` in the middle of the stage. */
export const centreOn = (view: View, p: Point, stage: Size): View => ({
  scale: view.scale,
  x: stage.width / 2 - p.x * view.scale,
  y: stage.height / 2 - p.y * view.scale,
});
