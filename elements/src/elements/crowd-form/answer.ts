/**
 * Makes the answer of a form: the value of each crowd element under its name, and each plain HTML control under its.
 *
 * Plain controls answer with texts; a radio group with the chosen value; checkboxes like crowd-checkbox,
 * `{name: {value: true|false}}`; a multiple select with a list. Several objects of one name become one object.
 */
import { CrowdElement } from "../../chrome/base.js";

export type Answer = Record<string, unknown>;
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const CONTROLS = "input, select, textarea";
const NO_ANSWER = new Set(["submit", "button", "reset", "image"]);

/** Everything inside the roots that can answer, in document order; what belongs to a form of its own is not. */
export function answering(roots: readonly ParentNode[]): { elements: CrowdElement[]; controls: Control[] } {
  const elements: CrowdElement[] = [];
  const controls: Control[] = [];
  for (const root of roots) {
    for (const found of root.querySelectorAll("*")) {
      if (found instanceof CrowdElement) elements.push(found);
      else if (found.matches(CONTROLS)) controls.push(found as Control);
    }
  }
  return { elements, controls };
}

export function answerOf(elements: readonly CrowdElement[], controls: readonly Control[]): Answer {
  const answer: Answer = {};
  for (const control of controls) {
    if (!control.name || control.disabled || NO_ANSWER.has(control.type)) continue;
    add(answer, control.name, controlValue(control), { many: "list" });
  }
  for (const element of elements) {
    const value = element.answer;
    if (value === undefined || value === null || value === "" || isOff(element)) continue;
    if (element.spread) Object.assign(answer, value);
    else if (element.name) add(answer, element.name, value, { many: element.listed ? "list" : "last" });
  }
  return answer;
}

function isOff(element: CrowdElement): boolean {
  return (element as { disabled?: boolean }).disabled === true;
}

function controlValue(control: Control): unknown {
  if (control instanceof HTMLSelectElement) {
    return control.multiple ? [...control.selectedOptions].map((option) => option.value) : control.value;
  }
  if (control.type === "radio") return (control as HTMLInputElement).checked ? control.value : undefined;
  if (control.type === "checkbox") return { [control.value]: (control as HTMLInputElement).checked };
  return control.value;
}

function add(answer: Answer, name: string, value: unknown, { many }: { many: "list" | "last" }): void {
  const before = answer[name];
  if (value === undefined) return;
  if (isObject(before) && isObject(value)) answer[name] = { ...before, ...value };
  else if (before === undefined || many === "last") answer[name] = value;
  else answer[name] = Array.isArray(before) ? [...(before as unknown[]), value] : [before, value];
}

/** The answer with the names of nested members joined by points; lists stay whole. */
export function flattened(answer: Answer, before = ""): Answer {
  return Object.fromEntries(
    Object.entries(answer).flatMap(([name, value]) =>
      isObject(value) ? Object.entries(flattened(value, `${before}${name}.`)) : [[`${before}${name}`, value]],
    ),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What brings the form back as it is: drafts of elements and states of controls, by name and order. */
export function stateOf(elements: readonly CrowdElement[], controls: readonly Control[]): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  eachNamed(elements, (element, key) => (state[key] = element.draft));
  eachNamed(controls, (control, key) => (state[key] = controlState(control)));
  return state;
}

/** Puts a state back; what the page no longer has is passed over. */
export function restoreState(elements: readonly CrowdElement[], controls: readonly Control[], state: Record<string, unknown>): void {
  eachNamed(elements, (element, key) => {
    try {
      if (key in state && state[key] !== undefined) element.restore?.(state[key]);
    } catch (problem) {
      console.warn(`The draft of ${key} could not be put back`, problem);
    }
  });
  eachNamed(controls, (control, key) => key in state && restoreControl(control, state[key]));
}

function eachNamed<T extends { name: string; localName: string }>(items: readonly T[], visit: (item: T, key: string) => void): void {
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = item.name || `<${item.localName}>`;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    visit(item, count === 0 ? name : `${name}#${count}`);
  }
}

function controlState(control: Control): unknown {
  if (control instanceof HTMLSelectElement) return [...control.selectedOptions].map((option) => option.value);
  return isTicked(control) ? control.checked : control.type === "file" ? undefined : control.value;
}

function restoreControl(control: Control, state: unknown): void {
  if (control instanceof HTMLSelectElement) {
    for (const option of control.options) option.selected = Array.isArray(state) && state.includes(option.value);
  } else if (isTicked(control)) control.checked = state === true;
  else if (control.type !== "file" && typeof state === "string") control.value = state;
}

function isTicked(control: Control): control is HTMLInputElement {
  return control.type === "radio" || control.type === "checkbox";
}
