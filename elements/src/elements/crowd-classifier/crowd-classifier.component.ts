import { html, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { Classifier } from "../classifier/classifier.js";

/**
 * Sorts any content (text, audio, video, HTML) into one of several categories.
 *
 * Answer: `{"label": "positive"}`.
 * @slot classification-target - what is to be classified
 */
export class CrowdClassifier extends Classifier {
  protected override readonly several: boolean = false;

  /** The chosen category. */
  override get value(): unknown {
    return this.chosen[0];
  }

  override get answer(): unknown {
    return this.chosen.length === 0 ? undefined : { label: this.chosen[0], ...this.answerExtras };
  }

  protected override get paper(): boolean {
    return true;
  }

  @state() private hasTarget = true;

  private targetChanged(event: Event): void {
    this.hasTarget = (event.target as HTMLSlotElement).assignedElements().length > 0;
  }

  override firstUpdated(): void {
    this.hasTarget = this.querySelector(":scope > classification-target") !== null;
  }

  protected override renderStage(): TemplateResult {
    return html`<div class="target" part="target" ?hidden=${!this.hasTarget}><slot name="classification-target" @slotchange=${this.targetChanged}></slot></div>`;
  }
}
