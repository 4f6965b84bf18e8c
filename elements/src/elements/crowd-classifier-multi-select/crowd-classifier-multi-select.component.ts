import { property } from "lit/decorators.js";
import { lenient } from "../../chrome/base.js";
import { CrowdClassifier } from "../crowd-classifier/crowd-classifier.component.js";

/**
 * Sorts any content into one or more categories.
 *
 * Answer: `{"labels": ["a", "b"]}`, at least one of them, in the order of the categories.
 */
export class CrowdClassifierMultiSelect extends CrowdClassifier {
  protected override readonly several = true;

  /** `{ text: 'None of these' }`: a choice that clears the others. */
  @property({ attribute: "exclusion-category", converter: lenient }) exclusionCategory: { text?: string } | undefined;

  /** The answer: several categories have no one text. */
  override get value(): unknown {
    return this.answer;
  }

  override get answer(): unknown {
    return this.chosen.length === 0 ? undefined : { labels: [...this.chosen], ...this.answerExtras };
  }

  protected override get exclusion(): string | undefined {
    return this.exclusionCategory?.text;
  }
}
