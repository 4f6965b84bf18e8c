/** A key press as a message: from one frame to the page around it, or to the next task's frame. */

export interface Press {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

const OF_ITSELF = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "Tab", "Dead", "Process", "Unidentified"]);

/** The press, or null for what means nothing by itself or belongs to the browser. */
export function pressOf(event: KeyboardEvent): Press | null {
  if (event.repeat || event.isComposing || OF_ITSELF.has(event.key)) return null;
  const { key, code, ctrlKey, altKey, metaKey, shiftKey } = event;
  return { key, code, ctrlKey, altKey, metaKey, shiftKey };
}

/** Does what the press would have done here: the page hears it, and a text field that has the focus gets its letter. */
export function pressAgain(press: Press): void {
  const target = document.activeElement ?? document.body;
  const unhandled = target.dispatchEvent(new KeyboardEvent("keydown", { ...press, bubbles: true, cancelable: true, composed: true }));
  target.dispatchEvent(new KeyboardEvent("keyup", { ...press, bubbles: true, composed: true }));
  if (unhandled && [...press.key].length === 1 && !press.ctrlKey && !press.altKey && !press.metaKey) type(press.key);
}

function type(text: string): void {
  let field: Element | null = document.activeElement;
  while (field?.shadowRoot?.activeElement) field = field.shadowRoot.activeElement;
  if (!(field instanceof HTMLTextAreaElement) && !(field instanceof HTMLInputElement && field.selectionStart !== null)) return;
  field.setRangeText(text, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
  field.dispatchEvent(new InputEvent("input", { data: text, inputType: "insertText", bubbles: true, composed: true }));
}
