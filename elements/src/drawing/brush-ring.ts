/** The ring that shows where and how wide brush and eraser paint. */
import type { Overlay } from "../render/active-layer.js";
import type { Paint } from "../tools/painting.js";
import type { KeyboardBrush } from "./keyboard-brush.js";
import type { Stage } from "./stage.js";

const LEAST_PX = 2;

/** Dashed while the keyboard only moves it. */
export function brushRing(paint: Paint, stage: Stage, keyboard: KeyboardBrush): Overlay {
  return (context, { view, ratio }) => {
    const round = paint.editor.tool?.cursor === "none";
    const at = keyboard.at ?? (round ? stage.pointer : null);
    if (!at) return;
    const radius = round ? Math.max((paint.size / 2) * view.scale, LEAST_PX * ratio) : 5 * ratio;
    context.setLineDash(keyboard.at && !keyboard.down ? [4 * ratio, 3 * ratio] : []);
    for (const [color, width] of [["rgb(0 0 0 / .6)", 3.5], ["#fff", 1.5]] as const) {
      context.beginPath();
      context.arc(at.x * view.scale + view.x, at.y * view.scale + view.y, radius, 0, 2 * Math.PI);
      context.strokeStyle = color;
      context.lineWidth = width * ratio;
      context.stroke();
    }
    context.setLineDash([]);
  };
}
