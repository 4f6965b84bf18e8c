import { html, nothing, type TemplateResult } from "lit";
import { property, query } from "lit/decorators.js";
import { lenient } from "../../chrome/base.js";
import { IMAGE_MISSING } from "../../chrome/failed-image.js";
import type { ImageViewer } from "../../chrome/image-viewer.js";
import "../../chrome/image-viewer.js";
import { overlayOf, type Overlay } from "../../chrome/overlay.js";
import type { KeyAction } from "../../keys/registry.js";
import { Classifier } from "../classifier/classifier.js";

/**
 * Sorts an image into one of several categories; also used to verify what others drew (`overlay`).
 *
 * Answer: `{"label": "owl", "workerComment": "..."}`, the comment only where one was typed.
 */
export class CrowdImageClassifier extends Classifier {
  protected override readonly several: boolean = false;

  /** The image's address. */
  @property() src = "";

  /** Earlier marks to show over the image: `{boundingBox}`, `{semanticSegmentation}` or `{instanceSegmentation}`. */
  @property({ attribute: "overlay", converter: lenient }) overlay: unknown;

  @query("gs-image-viewer") private viewer?: ImageViewer;
  private drawn: Overlay | undefined;
  private drawnFrom: unknown;

  override get submitProblem(): string | null {
    return this.viewer?.failed ? IMAGE_MISSING : super.submitProblem;
  }

  /** The chosen category. */
  override get value(): unknown {
    return this.chosen[0];
  }

  override get answer(): unknown {
    return this.chosen.length === 0 ? undefined : { label: this.chosen[0], ...this.answerExtras };
  }

  protected override keyActions(): readonly KeyAction[] {
    return [...super.keyActions(), ...(this.viewer?.keyActions ?? [])];
  }

  private get marks(): Overlay | undefined {
    if (this.drawnFrom !== this.overlay) this.drawn = overlayOf(this.overlay);
    this.drawnFrom = this.overlay;
    return this.drawn;
  }

  protected override renderStage(): TemplateResult {
    return html`<gs-image-viewer .src=${this.src} .overlay=${this.marks} .top=${this.header ? 36 : 0} alt=${this.header ? `The image to judge: ${this.header}` : "The image to judge"}></gs-image-viewer>`;
  }

  protected override renderSide(): TemplateResult {
    const legend = this.marks?.legend ?? [];
    return html`${super.renderSide()}
      ${legend.length === 0 ? nothing : html`<div><h2>Marked</h2><ul class="legend">
        ${legend.map(({ label, colour }) => html`<li style="--c:${colour}"><i></i>${label}</li>`)}</ul></div>`}`;
  }
}
