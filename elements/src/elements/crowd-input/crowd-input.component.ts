import { html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { TextField } from "../../chrome/text-field.js";

/** A field for one line of text, a number, a date, ... Answer: the text; left out while empty. */
export class CrowdInput extends TextField {
  /** Any type of the HTML input element. */
  @property() type = "text";

  protected override renderField(): TemplateResult {
    return html`<input class="field" type=${this.type} .value=${this.type === "file" ? nothing : this.value} aria-label=${this.accessibleName}
      placeholder=${this.placeholder || nothing} maxlength=${this.maxLength ?? nothing} ?disabled=${this.disabled} aria-required=${this.required}
      aria-invalid=${this.invalid} aria-describedby=${this.invalid ? "problem" : nothing} @input=${this.typed} @change=${this.committed} />`;
  }
}
