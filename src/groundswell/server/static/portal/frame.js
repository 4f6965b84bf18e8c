// @ts-check
/**
 * One task in its sandboxed frame, spoken to by messages only (docs/reference/worker-frame.md). The frame's origin is
 * opaque: it sees no cookie, no token and no other frame.
 */

const SANDBOX = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads allow-pointer-lock";

const LONGEST_HEARING_MS = 500;

export class TaskFrame extends EventTarget {
  /**
   * @param {any} taken what the server answered to taking the task (TakenTask)
   * @param {{draft: unknown, keymap: unknown, actions: unknown[]}} start
   * @param {import("./drafts.js").DraftKeeper} keeper
   */
  constructor(taken, start, keeper) {
    super();
    this.taken = taken;
    this.start = start;
    this.keeper = keeper;
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

  /** Puts the task on screen. */
  show() {
    this.shown = true;
    this.element.inert = false;
    this.element.classList.add("shown");
  }

  /** Out of sight, but with the keyboard and an ear for it until the next task has both: nothing pressed meanwhile is lost. */
  retire() {
    this.shown = false;
    this.element.classList.remove("shown");
    this.element.setAttribute("aria-hidden", "true");
  }

  /** A frame that had the focus before its page was there has to lose it first: focus it already has reaches nothing. */
  focus() {
    this.element.blur();
    this.element.focus();
    this.post("focus", {});
  }

  /** What the worker had of this task when its time ran out. @param {unknown} draft */
  restore(draft) {
    this.start.draft = draft;
    if (this.ready) this.post("restore", { draft });
  }

  /** @param {import("./keyboard.js").Press} press */
  press(press) {
    this.post("key", { press });
  }

  /** Resolves once the task has done what was posted to it so far; not waited for longer than a moment. @returns {Promise<void>} */
  heard() {
    return new Promise((resolve) => {
      const done = () => {
        this.removeEventListener("heard", done);
        resolve();
      };
      this.addEventListener("heard", done);
      setTimeout(done, LONGEST_HEARING_MS);
      this.post("hear", {});
    });
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
      this.element.dataset.ready = "";
      this.post("init", { ...this.start, theme: "auto" });
    }
    this.dispatchEvent(new CustomEvent(name, { detail: event.data }));
  }
}
