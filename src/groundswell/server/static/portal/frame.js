// @ts-check
/**
 * One task in its sandboxed frame, spoken to by messages only (docs/reference/worker-frame.md). The frame's origin is
 * opaque: it sees no cookie, no token and no other frame.
 */

const SANDBOX = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads allow-pointer-lock";

export class TaskFrame extends EventTarget {
  /**
   * @param {any} taken what the server answered to taking the task (TakenTask)
   * @param {{draft: unknown, keymap: unknown, actions: unknown[]}} start
   */
  constructor(taken, start) {
    super();
    this.taken = taken;
    this.start = start;
    this.spent_ms = 0;
    this.shown = false;
    this.ready = false;
    this.element = document.createElement("iframe");
    this.element.className = "task";
    this.element.setAttribute("sandbox", SANDBOX);
    this.element.setAttribute("allow", "fullscreen; autoplay; clipboard-write");
    this.element.title = "Task";
    this.element.src = taken.task.frame_url;
    this.element.inert = true;
    this.receive = this.receive.bind(this);
    addEventListener("message", this.receive);
  }

  get id() {
    return this.taken.assignment_id;
  }

  /** Puts the task on screen and gives it the keyboard. */
  show() {
    this.shown = true;
    this.element.inert = false;
    this.element.classList.add("shown");
    this.focus();
  }

  /** A frame that had the focus before its page was there has to lose it first: focus it already has reaches nothing. */
  focus() {
    this.element.blur();
    this.element.focus();
    this.post("focus", {});
  }

  remove() {
    removeEventListener("message", this.receive);
    this.element.remove();
  }

  /**
   * @param {string} name
   * @param {object} body
   */
  post(name, body) {
    this.element.contentWindow?.postMessage({ type: `groundswell:${name}`, ...body }, "*");
  }

  /** @param {MessageEvent} event */
  receive(event) {
    if (event.source !== this.element.contentWindow) return;
    const type = event.data?.type;
    if (typeof type !== "string" || !type.startsWith("groundswell:")) return;
    const name = type.slice("groundswell:".length);
    if (name === "ready") {
      this.ready = true;
      this.post("init", { ...this.start, theme: "auto" });
      if (this.shown) this.focus();
    }
    this.dispatchEvent(new CustomEvent(name, { detail: event.data }));
  }
}
