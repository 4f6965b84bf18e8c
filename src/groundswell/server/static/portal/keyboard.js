// @ts-check
/**
 * The one owner of the keyboard on a task page. Keys reach the task on screen from wherever the focus is, unless somebody
 * types in a field of this page or a dialog is open; what is pressed between two tasks waits for the next one.
 */

/**
 * @typedef {{key: string, code: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean, shiftKey: boolean}} Press
 * @typedef {{ready: boolean, shown: boolean, press: (press: Press) => void, heard: () => Promise<void>, focus: () => void}} Task
 */

const MOST_KEPT = 40;
const OF_ITSELF = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "Dead", "Process", "Unidentified", "Escape"]);
/** Those that go through a page rather than answer: they do most in the task's own page, which has the focus from then on. */
const WALKING = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End", " "]);
const OF_BUTTONS = new Set(["Enter", " "]);
const FIELDS = "input, textarea, select, [contenteditable]";

export class Keyboard {
  /** @type {Press[]} */
  kept = [];
  passed = 0;
  /** What this page hears while a task that is done may still pass keys on that were pressed before. @type {Press[] | null} */
  held = null;
  /** @type {Promise<void>} */
  taken = Promise.resolve();
  first = true;

  /** @param {() => Task | null} task the one on screen, or null between two */
  constructor(task) {
    this.task = task;
  }

  /** Listens to this page: its keys, and whatever takes the focus away from the task. */
  listen() {
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerup", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (!target.closest(`${FIELDS}, button, a, dialog, [popover]`)) this.giveBack();
    });
    for (const menu of document.querySelectorAll("[popover]")) {
      menu.addEventListener("toggle", (event) => /** @type {ToggleEvent} */ (event).newState === "closed" && this.giveBack());
    }
  }

  /** Takes the keyboard from a task that is done; keys stay in the order in which they were pressed. @param {Task} task */
  takeFrom(task) {
    const active = document.activeElement;
    if (active instanceof HTMLElement) active.blur();
    this.held ??= [];
    this.taken = this.taken.then(() => task.heard()).then(() => {
      const own = this.held ?? [];
      this.held = null;
      for (const press of own) this.pass(press);
    });
  }

  /** The task has the keyboard again; one whose page is not there yet would swallow what is pressed. */
  giveBack() {
    const task = this.task();
    if (task?.ready && !document.querySelector("dialog[open]")) void this.focus(task);
  }

  /**
   * Gives the focus once the task has heard all that was passed on: a key that it got by itself would overtake them.
   * @param {Task} task
   */
  async focus(task) {
    for (let before = -1; before !== this.passed; ) {
      before = this.passed;
      if (before > 0) await task.heard();
    }
    if (task === this.task() && !document.querySelector("dialog[open]")) task.focus();
    this.passed = 0;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.repeat || event.isComposing || OF_ITSELF.has(event.key)) return;
    if (target.closest(FIELDS) || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Tab") return this.tab(event, target);
    if (target.closest("button, a") && OF_BUTTONS.has(event.key)) return;
    const { key, code, ctrlKey, altKey, metaKey, shiftKey } = event;
    // With Alt they are this page's, with Control the browser's (reload, find, close), but for undo and submit.
    if (altKey) return;
    if ((ctrlKey || metaKey) && !["z", "y", "Z", "Enter"].includes(key)) return;
    event.preventDefault();
    if (this.held) return void this.held.push({ key, code, ctrlKey, altKey, metaKey, shiftKey });
    this.pass({ key, code, ctrlKey, altKey, metaKey, shiftKey });
    if (WALKING.has(key)) this.giveBack();
  }

  /** From nowhere on this page the way goes into the task, not through the bar again. @param {KeyboardEvent} event @param {Element} target */
  tab(event, target) {
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || target.closest("button, a, [tabindex]")) return;
    if (!this.task()?.ready) return;
    event.preventDefault();
    this.giveBack();
  }

  /** To the task on screen, or kept for the next. @param {Press} press */
  pass(press) {
    const task = this.task();
    if (!task?.ready || !task.shown || this.held || this.kept.length > 0) return this.keep(press);
    this.passed += 1;
    task.press(press);
  }

  /** A press that came when the task before was answered already. @param {Press} press */
  keep(press) {
    if (this.kept.length < MOST_KEPT) this.kept.push(press);
  }

  /**
   * The task is on screen and can hear: what waited for it. Only the first is given the focus as well: a browser that moves
   * the focus mislays keys under way, so this page keeps it while somebody answers task after task.
   * @param {Task} task
   */
  async replay(task) {
    await this.taken;
    if (task !== this.task()) return;
    for (const press of this.kept.splice(0)) this.pass(press);
    if (this.first) void this.focus(task);
    this.first = false;
  }
}
