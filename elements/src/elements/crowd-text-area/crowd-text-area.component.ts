import { css, html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { lenientBoolean } from "../../chrome/base.js";
import { TextField } from "../../chrome/text-field.js";

/** A field for several lines of text. Answer: the text with its line breaks; left out while empty. */
export class CrowdTextArea extends TextField {
  static override styles = [...TextField.styles, css`textarea { resize: vertical; field-sizing: content; display: block; }`];

  @property({ type: Number }) rows = 3;

  /** How many lines the field may grow to by itself; 0: as many as are typed. */
  @property({ type: Number, attribute: "max-rows" }) maxRows = 0;
  @property({ type: Boolean, converter: lenientBoolean, attribute: "char-counter" }) charCounter = false;

  protected override renderField(): TemplateResult {
    const tallest = this.maxRows > 0 ? `max-height:calc(${Math.max(this.maxRows, this.rows)}lh + 16px)` : "max-height:60vh";
    return html`<textarea class="field" rows=${this.rows} style="min-height:calc(${this.rows}lh + 16px);${tallest}" .value=${this.value}
      aria-label=${this.accessibleName} placeholder=${this.placeholder || nothing} maxlength=${this.maxLength ?? nothing} ?disabled=${this.disabled}
      aria-required=${this.required} aria-invalid=${this.invalid} aria-describedby=${this.invalid ? "problem" : nothing}
      @input=${this.typed} @change=${this.committed}></textarea>`;
  }

  protected override renderUnder(): TemplateResult | typeof nothing {
    if (!this.charCounter) return nothing;
    return html`<span>${this.value.length}${this.maxLength ? ` / ${this.maxLength}` : ""}</span>`;
  }
}
