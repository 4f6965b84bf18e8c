/**
 * Talks to the page that embeds a worker task, by `postMessage` only (docs/reference/worker-frame.md).
 *
 * Embedded in a frame, messages go to the parent. On a page of its own, submitting says `groundswell-submit` on the
 * document with the answer as `detail`, and the keymap is remembered in the browser.
 */
import { pressAgain, pressOf, type Press } from "./keys/presses.js";
import { keys, type Keymap } from "./keys/registry.js";

export interface InitMessage {
  readonly draft?: { answer?: unknown; state?: unknown } | null; // as the last `groundswell:draft` carried it
  readonly keymap?: Keymap | null;
  readonly theme?: "light" | "dark" | "auto";
  readonly deadline?: string; // ISO 8601, the end of the assignment
  readonly actions?: readonly PortalAction[]; // the portal's own keys, so that they work while the frame has the focus
}

export interface PortalAction {
  readonly name: string;
  readonly title: string;
  readonly keys: readonly string[];
}

type Handler = (message: Record<string, unknown>) => void;

const KEYMAP_STORE = "groundswell-keymap";

export class Host {
  readonly embedded = typeof window !== "undefined" && window.parent !== window;
  private readonly handlers = new Map<string, Set<Handler>>();
  private port: MessagePort | undefined;
  private answered = false; // this task is done: what is pressed now is meant for the next one

  constructor() {
    if (typeof window === "undefined") return;
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || !this.embedded) return;
      if (event.ports[0] && isOurs(event.data)) this.adopt(event.ports[0]);
      this.receive(event.data);
    });
    this.on("init", (message) => this.init(message as unknown as InitMessage));
    this.on("focus", () => window.focus());
    this.on("hear", () => this.post("heard", {}));
    this.on("key", ({ press }) => (this.answered ? this.post("key", { press }) : pressAgain(press as Press)));
    for (const settled of ["submitted", "refused"]) this.on(settled, () => (this.answered = false));
    window.addEventListener("keydown", (event) => this.passOn(event), { capture: true });
    this.on("perform", ({ action }) => keys.perform(String(action)));
    this.on("keymap", ({ keymap }) => (keys.keymap = (keymap as Keymap | null) ?? {}));
    keys.addEventListener("remap", () => this.keymapChanged());
  }

  /** Calls the handler for each message `groundswell:<name>`; returns the removal. */
  on(name: string, handler: Handler): () => void {
    const handlers = this.handlers.get(name) ?? new Set();
    this.handlers.set(name, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /** The elements are on the screen: says so, and starts reporting height and keys. */
  ready(): void {
    if (!this.embedded) this.loadKeymap();
    this.post("ready", {});
    this.keysChanged();
    keys.addEventListener("change", () => this.keysChanged());
    new ResizeObserver(() => this.post("height", { height: document.documentElement.scrollHeight })).observe(document.documentElement);
  }

  submit(answer: unknown): void {
    this.answered = this.embedded;
    this.post("submit", { answer });
    if (this.embedded) return;
    document.dispatchEvent(new CustomEvent("groundswell-submit", { detail: answer, bubbles: true }));
  }

  draft(answer: unknown, state: unknown): void {
    this.post("draft", { answer, state });
  }

  action(name: string): void {
    this.post("action", { name });
  }

  /** The task cannot be answered: the portal tells the requester why and gives the worker another. */
  report(reason: string): void {
    this.post("report", { reason });
  }

  busy(busy: boolean): void {
    this.post("busy", { busy });
  }

  private passOn(event: KeyboardEvent): void {
    const press = this.answered && event.isTrusted ? pressOf(event) : null;
    if (!press) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.post("key", { press });
  }

  private init(message: InitMessage): void {
    if (message.keymap) keys.keymap = message.keymap;
    if (message.theme) applyTheme(message.theme);
    if (message.actions) this.registerPortalKeys(message.actions);
  }

  private registerPortalKeys(actions: readonly PortalAction[]): void {
    const portal = actions.map((action) => ({
      id: `portal.${action.name}`, title: action.title, group: "Task", keys: action.keys, run: () => this.action(action.name),
    }));
    keys.register(document.body, portal);
  }

  private keysChanged = oncePerTurn(() => {
    const actions = keys.actions().map((action) => ({
      id: action.id, title: action.title, group: action.group, keys: [...keys.keysOf(action)],
    }));
    this.post("keys", { bindings: keys.keymap, actions });
  });

  private keymapChanged(): void {
    if (this.embedded) return;
    try {
      localStorage.setItem(KEYMAP_STORE, JSON.stringify(keys.keymap));
    } catch {
      /* no storage here: the mapping lasts as long as the page */
    }
  }

  private loadKeymap(): void {
    try {
      keys.keymap = JSON.parse(localStorage.getItem(KEYMAP_STORE) ?? "{}") as Keymap;
    } catch {
      /* no storage, or another's text in it: the default keys stay */
    }
  }

  private adopt(port: MessagePort): void {
    this.port = port;
    port.onmessage = (event) => this.receive(event.data);
  }

  private receive(data: unknown): void {
    if (!isOurs(data)) return;
    for (const handler of this.handlers.get(data.type.slice("groundswell:".length)) ?? []) handler(data);
  }

  // The frame's origin is opaque and the parent's is not known to it: "*", and nothing secret is ever sent.
  private post(name: string, body: object): void {
    if (!this.embedded) return;
    const message = { type: `groundswell:${name}`, ...body };
    if (this.port) this.port.postMessage(message);
    else window.parent.postMessage(message, "*");
  }
}

function isOurs(data: unknown): data is { type: string } & Record<string, unknown> {
  const type = (data as { type?: unknown } | null)?.type;
  return typeof type === "string" && type.startsWith("groundswell:");
}

function oncePerTurn(run: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      run();
    });
  };
}

const OWN_STYLES = "style:not([data-groundswell]), link[rel~=stylesheet]:not([href*='crowd-html-elements']), body[style], body [style]";
let paintsItself: boolean | undefined; // asked once, before elements or scripts set styles

function templatePaintsItself(): boolean {
  return !document.querySelector('meta[name="color-scheme"]') && document.querySelector(OWN_STYLES) !== null;
}

/** Follows light or dark only where the template does not paint its own colours, so that its text stays readable. */
export function applyTheme(theme: "light" | "dark" | "auto"): void {
  paintsItself ??= templatePaintsItself();
  if (paintsItself) return;
  document.documentElement.style.colorScheme = theme === "auto" ? "light dark" : theme;
}

/** The page's host. */
export const host = new Host();
