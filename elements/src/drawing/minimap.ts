/** A small picture of the whole image with a frame around what is in sight; press or drag on it to go there. */
import { centreOn } from "../geometry/view.js";
import type { Stage } from "./stage.js";

const LONG_SIDE_PX = 148;

export class Minimap {
  readonly canvas = document.createElement("canvas");
  #drawn = "";

  constructor(readonly stage: Stage) {
    this.canvas.className = "minimap";
    // A pointer's convenience: keys pan with arrows and zoom with + and -.
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.#go(event);
    });
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.#go(event));
  }

  /** Shown while a good part of the image is out of sight. */
  update(): void {
    const { stage } = this;
    const { width, height } = stage.editor.document.size;
    const { scale, x, y } = stage.view;
    const shown = stage.loaded !== null && (width * scale > stage.size.width * 1.05 || height * scale > stage.size.height * 1.05);
    this.canvas.hidden = !shown;
    const state = `${shown} ${width} ${height} ${scale} ${x} ${y} ${stage.size.width} ${stage.size.height} ${stage.ratio}`;
    if (!shown || state === this.#drawn) return;
    this.#drawn = state;
    const small = LONG_SIDE_PX / Math.max(width, height);
    const [w, h] = [Math.max(width * small, 8), Math.max(height * small, 8)];
    const { canvas } = this;
    canvas.style.width = `${w}px`;
    canvas.style.height = `${h}px`;
    canvas.width = Math.round(w * stage.ratio);
    canvas.height = Math.round(h * stage.ratio);
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    if (stage.loaded) context.drawImage(stage.loaded.at(small * stage.ratio), 0, 0, canvas.width, canvas.height);
    const unit = small * stage.ratio;
    const seen = [-x / scale, -y / scale, stage.size.width / scale, stage.size.height / scale].map((value) => value * unit);
    context.lineWidth = 2 * stage.ratio;
    context.strokeStyle = "rgb(0 0 0 / .6)";
    context.strokeRect(...(seen as [number, number, number, number]));
    context.lineWidth = stage.ratio;
    context.strokeStyle = "#ffffff";
    context.strokeRect(...(seen as [number, number, number, number]));
  }

  #go(event: PointerEvent): void {
    const { width } = this.canvas.getBoundingClientRect();
    const scale = this.stage.editor.document.size.width / width;
    this.stage.view = centreOn(this.stage.view, { x: event.offsetX * scale, y: event.offsetY * scale }, this.stage.size);
  }
}
