/**
 * The one registry of keys. Elements register actions; the worker may remap them; conflicts are named; keys typed into
 * a field, a control that needs them, or an open dialog never trigger an action.
 */
import { chordsOf, type KeyPress } from "./chords.js";

/** One thing a key can do. */
export interface KeyAction {
  readonly id: string; // stable, for example "box.draw"; the worker's remapping is kept under it
  readonly title: string; // shown in the keys dialog
  readonly group: string; // heading in the keys dialog: "Labels", "View", "Form", ...
  readonly keys: readonly string[]; // default chords
  readonly also?: readonly string[]; // further chords, too many to name and not to be remapped
  readonly run: (event: KeyboardEvent) => void | false; // false: not handled, try the next action
  readonly when?: () => boolean; // default: always
  readonly repeats?: boolean; // may run again while the key is held; default false
  readonly inFields?: "line" | "all"; // also from one-line fields, or from every field; default: from none
  readonly inDialogs?: boolean; // also while a dialog is open
  readonly up?: (event: KeyboardEvent) => void; // when the key is let go (hold Space to pan)
}

/** Remapped chords by action id; an empty list switches the action's keys off. */
export type Keymap = Readonly<Record<string, readonly string[]>>;

/** Two actions of one element that answer to the same chord. */
export interface KeyConflict {
  readonly chord: string;
  readonly actions: readonly [KeyAction, KeyAction];
}

interface Registration {
  readonly owner: HTMLElement;
  readonly actions: () => readonly KeyAction[];
}

export class KeyRegistry extends EventTarget {
  private readonly registrations = new Set<Registration>();
  private readonly held = new Map<string, KeyAction>();
  private map: Keymap = {};
  private lastUsed: HTMLElement | undefined;

  /** Adds an element's actions, read anew at each key press so that they may change; returns the removal. */
  register(owner: HTMLElement, actions: readonly KeyAction[] | (() => readonly KeyAction[])): () => void {
    const registration = { owner, actions: typeof actions === "function" ? actions : () => actions };
    this.registrations.add(registration);
    this.announce();
    return () => {
      this.registrations.delete(registration);
      if (this.lastUsed === owner) this.lastUsed = undefined;
      this.announce();
    };
  }

  get keymap(): Keymap {
    return this.map;
  }

  /** Replaces the worker's remapping, as saved earlier. */
  set keymap(map: Keymap) {
    this.map = Object.fromEntries(Object.entries(map ?? {}).filter(([, keys]) => Array.isArray(keys)));
    this.announce();
  }

  /** Gives an action other chords; without chords it gets its defaults back. Says `remap`, so that hosts can save it. */
  remap(id: string, chords?: readonly string[]): void {
    const others = Object.entries(this.map).filter(([other]) => other !== id);
    this.map = Object.fromEntries(chords ? [...others, [id, chords]] : others);
    this.announce();
    this.dispatchEvent(new Event("remap"));
  }

  /** The chords an action answers to now. */
  keysOf(action: Pick<KeyAction, "id" | "keys">): readonly string[] {
    return this.map[action.id] ?? action.keys;
  }

  /** Every action that can be triggered now, once per id, in the order of registration. */
  actions(): KeyAction[] {
    const seen = new Map<string, KeyAction>();
    for (const { actions } of this.registrations) for (const action of actions()) if (!seen.has(action.id)) seen.set(action.id, action);
    return [...seen.values()];
  }

  /** Pairs of actions that share a chord and can be wanted at the same time. */
  conflicts(): KeyConflict[] {
    const found: KeyConflict[] = [];
    const byChord = new Map<string, KeyAction>();
    for (const action of this.actions()) {
      for (const chord of this.keysOf(action)) {
        const other = byChord.get(chord);
        if (other && !other.when && !action.when) found.push({ chord, actions: [other, action] });
        else byChord.set(chord, action);
      }
    }
    return found;
  }

  /** Notes which element the worker used last: of several on a page it gets the keys. */
  use(owner: HTMLElement): void {
    this.lastUsed = owner;
  }

  /** Runs the action a key press stands for; true when one ran. */
  press(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing) return false;
    const path = event.composedPath();
    for (const chord of chordsOf(event)) {
      for (const { action, owner } of this.candidates(chord, path)) {
        if (event.repeat && !action.repeats) {
          event.preventDefault();
          return true;
        }
        if (!reaches(action, event, path) || action.run(event) === false) continue;
        event.preventDefault();
        if (action.up) this.held.set(event.code, action);
        this.lastUsed = owner;
        return true;
      }
    }
    return false;
  }

  /** Runs an action by its id, as its key would: for buttons outside the page's elements. False when there is none now. */
  perform(id: string): boolean {
    const action = this.actions().find((one) => one.id === id && (one.when?.() ?? true));
    return action !== undefined && action.run(new KeyboardEvent("keydown")) !== false;
  }

  /** Ends what a held key began. */
  release(event: KeyboardEvent): void {
    const action = this.held.get(event.code);
    this.held.delete(event.code);
    action?.up?.(event);
  }

  /** Listens to a document's keys; returns the removal. */
  listen(target: EventTarget): () => void {
    const down = (event: Event) => void this.press(event as KeyboardEvent);
    const up = (event: Event) => this.release(event as KeyboardEvent);
    target.addEventListener("keydown", down);
    target.addEventListener("keyup", up);
    return () => {
      target.removeEventListener("keydown", down);
      target.removeEventListener("keyup", up);
    };
  }

  // The element that has the focus comes first, then the one used last, then the order of registration.
  private candidates(chord: string, path: readonly EventTarget[]): { action: KeyAction; owner: HTMLElement }[] {
    const found: { action: KeyAction; owner: HTMLElement; rank: number }[] = [];
    for (const { owner, actions } of this.registrations) {
      const depth = path.indexOf(owner);
      const rank = depth >= 0 ? depth : owner === this.lastUsed ? 1_000 : 2_000;
      for (const action of actions()) {
        const answers = this.keysOf(action).includes(chord) || action.also?.includes(chord);
        if (answers && (action.when?.() ?? true)) found.push({ action, owner, rank });
      }
    }
    return found.sort((a, b) => a.rank - b.rank);
  }

  private announce(): void {
    this.dispatchEvent(new Event("change"));
  }
}

function reaches(action: KeyAction, press: KeyPress, path: readonly EventTarget[]): boolean {
  if (!action.inDialogs && typeof document !== "undefined" && dialogIsOpen(path)) return false;
  for (const target of path) {
    const need = target instanceof HTMLElement ? keysNeededBy(target) : "none";
    if (need === "none") continue;
    if (need === "all") return action.inFields === "all";
    if (need === "line") return action.inFields !== undefined;
    return !need.includes(press.key);
  }
  return true;
}

const openDialogs = new Set<Element>();

/** Tells the registry that a modal dialog opened or closed: the page's keys rest meanwhile. */
export function dialogOpened(dialog: Element, open: boolean): void {
  if (open) openDialogs.add(dialog);
  else openDialogs.delete(dialog);
}

function dialogIsOpen(path: readonly EventTarget[]): boolean {
  for (const dialog of openDialogs) if (!dialog.isConnected) openDialogs.delete(dialog);
  return openDialogs.size > 0 || path.some((target) => target instanceof HTMLDialogElement && target.open);
}

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const LINE_TYPES = /^(?:text|search|url|tel|email|password|number|date|month|week|time|datetime-local|color|file)$/;

// Which keys a control wants for itself: all of them, all but Enter ("line"), a few, or none.
function keysNeededBy(element: HTMLElement): "none" | "line" | "all" | readonly string[] {
  if (element.isContentEditable || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return "all";
  if (element instanceof HTMLInputElement) {
    if (LINE_TYPES.test(element.type)) return "line";
    if (element.type === "range" || element.type === "radio") return [...ARROWS, " "];
    return element.type === "checkbox" ? [" "] : [" ", "Enter"];
  }
  const role = element.getAttribute("role");
  if (element.dataset.scrolls !== undefined) return [...ARROWS, " "];
  if (role === "radio") return [...ARROWS, " "];
  if (role === "checkbox" || role === "switch" || role === "option") return [" "];
  if (role === "tab" || role === "slider" || role === "menuitem") return [...ARROWS, " ", "Enter"];
  if (element instanceof HTMLMediaElement) return [...ARROWS, " "];
  if (element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement || element.localName === "summary") return [" ", "Enter"];
  return "none";
}

/** The page's registry. */
export const keys = new KeyRegistry();
