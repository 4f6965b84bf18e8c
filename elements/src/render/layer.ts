/**
 * A layer of the stage: one canvas, stacked by the stage, asked to draw once a frame while something is out of date.
 * Another layer (masks, heat maps) is another implementation of this interface handed to the stage.
 */
import type { Size } from "../geometry/point.js";
import type { View } from "../geometry/view.js";

/** What a frame shows, in device pixels: device = image * scale + (x, y). */
export interface Frame {
  readonly view: View;
  /** Size of every layer's canvas in device pixels. */
  readonly size: Size;
  /** Device pixels per CSS pixel, for line widths and handles. */
  readonly ratio: number;
  /** Milliseconds this layer may spend before it has to put the rest off to the next frame. */
  readonly budget: number;
}

export interface Layer {
  readonly canvas: HTMLCanvasElement;
  /** Draws what has changed. True: there is work left for the next frame. */
  draw(frame: Frame): boolean;
}

export function makeCanvas(className: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = className;
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

/** Gives the canvas this size; true if that cleared it. */
export function fitCanvas(canvas: HTMLCanvasElement | OffscreenCanvas, size: Size): boolean {
  if (canvas.width === size.width && canvas.height === size.height) return false;
  canvas.width = size.width;
  canvas.height = size.height;
  return true;
}
