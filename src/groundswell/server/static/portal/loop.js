// @ts-check
/**
 * The work loop: one task on screen, the next one fetched ahead and already drawn, so that nobody waits between them.
 * Says `shown`, `empty`, `kept`, `draft`, `refused`, `fault` and `action`; it never touches the page but for the frames' place.
 */
import { ApiError, request } from "./api.js";
import { TaskFrame } from "./frame.js";
import { drafts, outbox } from "./storage.js";

const DRAFT_PAUSE_MS = 1_500;
const EMPTY_WAIT_MS = [2_000, 4_000, 8_000, 15_000];

/**
 * Takes a task of a job; answers that wait in the outbox are not taken again.
 * @param {string} job
 * @param {(string | undefined)[]} onScreen
 */
export async function takeTask(job, onScreen = []) {
  const kept = (await outbox.all()).map((answer) => answer.id);
  const holding = [...kept, ...onScreen].filter(Boolean).slice(-8);
  return request("POST", `/api/v1/jobs/${encodeURIComponent(job)}/assignments`, { holding });
}

export class WorkLoop extends EventTarget {
  /**
   * @param {{job: string, place: HTMLElement, sender: import("./sender.js").Sender, worker: any, actions: unknown[]}} given
   */
  constructor({ job, place, sender, worker, actions }) {
    super();
    this.job = job;
    this.place = place;
    this.sender = sender;
    this.worker = worker;
    this.actions = actions;
    /** @type {TaskFrame | null} */
    this.current = null;
    /** @type {TaskFrame | null} */
    this.ahead = null;
    this.empty = 0;
    this.ended = false;
    this.visibleSince = Date.now();
    document.addEventListener("visibilitychange", () => this.countTime());
    addEventListener("pagehide", () => this.release(true));
  }

  /** Begins with a task that was taken already, if there was one. @param {any} taken */
  async begin(taken) {
    if (taken) this.ahead = await this.frame(taken);
    await this.next();
  }

  /** Goes on: with the task fetched ahead, or another. */
  async next() {
    if (this.ended || this.current) return;
    try {
      const frame = this.ahead ?? (await this.take());
      this.ahead = null;
      if (!frame) return this.waitForWork();
      this.empty = 0;
      await this.show(frame);
      void this.fetchAhead();
    } catch (error) {
      await this.fault(/** @type {ApiError} */ (error));
    }
  }

  /** @param {TaskFrame} frame */
  async show(frame) {
    this.current = frame;
    this.countTime();
    frame.show();
    this.tell("shown", frame);
    try {
      Object.assign(frame.taken, await request("POST", `/api/v1/assignments/${frame.id}/begin`));
      this.tell("clock", frame);
    } catch {
      // The task's own end, from when it was taken, stands.
    }
  }

  /** A frame with the next task for this worker, or null when there is none now. */
  async take() {
    const taken = await takeTask(this.job, [this.current?.id, this.ahead?.id]);
    return taken && (await this.frame(taken));
  }

  /** @param {any} taken */
  async frame(taken) {
    const mine = await drafts.get(taken.assignment_id);
    const start = {
      draft: mine?.draft ?? taken.draft ?? null,
      keymap: this.worker.preferences?.keymap ?? null,
      actions: this.actions,
      deadline: taken.expires_at,
    };
    const frame = new TaskFrame(taken, start);
    frame.addEventListener("submit", (event) => void this.submitted(frame, /** @type {CustomEvent} */ (event).detail.answer));
    frame.addEventListener("draft", (event) => this.drafted(frame, /** @type {CustomEvent} */ (event).detail));
    frame.addEventListener("action", (event) => this.tell("action", /** @type {CustomEvent} */ (event).detail.name));
    frame.addEventListener("keys", (event) => this.tell("keys", /** @type {CustomEvent} */ (event).detail));
    this.place.append(frame.element);
    return frame;
  }

  async fetchAhead() {
    if (this.ahead || this.ended) return;
    try {
      const frame = await this.take();
      if (frame && (this.ended || this.ahead)) return frame.remove();
      this.ahead = frame;
    } catch {
      // Nothing ahead: the next task is asked for when this one is done.
    }
  }

  /**
   * First into the outbox, only then on to the next task.
   * @param {TaskFrame} frame
   * @param {unknown} answer
   */
  async submitted(frame, answer) {
    if (frame !== this.current) return;
    this.countTime();
    const time_spent_s = Math.round(frame.spent_ms) / 1_000;
    const waiting = { id: frame.id, worker: this.worker.id, job: this.job, answer, time_spent_s, at: Date.now() };
    try {
      await this.sender.keep(waiting);
    } catch {
      return frame.post("refused", { message: "This browser could not keep your answer. Free some space and submit again." });
    }
    this.tell("kept", frame);
    this.close(frame);
    await this.next();
  }

  /**
   * @param {TaskFrame} frame
   * @param {{answer: unknown, state: unknown}} message
   */
  drafted(frame, { answer, state }) {
    const draft = { answer, state };
    clearTimeout(this.draftTimer);
    void drafts.put({ id: frame.id, worker: this.worker.id, draft, at: Date.now() }).then(() => this.tell("draft", { at: Date.now(), server: false }));
    this.draftTimer = setTimeout(async () => {
      try {
        await request("PUT", `/api/v1/assignments/${frame.id}/draft`, { draft });
        this.tell("draft", { at: Date.now(), server: true });
      } catch {
        // It is kept in this browser; the next change tries again.
      }
    }, DRAFT_PAUSE_MS);
  }

  /** Gives the task on screen up: `decline` (never again) or `return` (others may take it). @param {"decline" | "return"} verb */
  async giveUp(verb) {
    const frame = this.current;
    if (!frame) return;
    try {
      await request("POST", `/api/v1/assignments/${frame.id}/${verb}`);
    } catch (error) {
      if (/** @type {ApiError} */ (error).passing) return this.fault(/** @type {ApiError} */ (error));
    }
    this.close(frame);
    await this.next();
  }

  /** Shows again an answer the server refused, with what was answered. @param {import("./storage.js").Waiting} answer @param {string} message */
  async reopen(answer, message) {
    const taken = await request("GET", `/api/v1/assignments/${answer.id}`);
    await outbox.remove(answer.id);
    taken.draft = { answer: answer.answer, state: null };
    const frame = await this.frame(taken);
    if (this.current) {
      this.current.element.classList.remove("shown");
      this.current.element.inert = true;
      this.current.shown = false;
      this.dropAhead();
      this.ahead = this.current;
    }
    frame.addEventListener("ready", () => frame.post("refused", { message }));
    await this.show(frame);
  }

  /** The task on screen ran out of time. */
  async expired() {
    const frame = this.current;
    if (!frame) return;
    this.close(frame);
    await this.next();
  }

  /** Leaves the job; the task on screen stays held and its draft kept, the one fetched ahead goes back. */
  stop() {
    this.ended = true;
    this.release(false);
  }

  /** @param {boolean} leaving */
  release(leaving) {
    const ahead = this.ahead;
    if (!ahead) return;
    this.ahead = null;
    void request("POST", `/api/v1/assignments/${ahead.id}/return`, undefined, { keepalive: leaving }).catch(() => undefined);
    if (!leaving) ahead.remove();
  }

  dropAhead() {
    this.release(false);
  }

  /** @param {TaskFrame} frame */
  close(frame) {
    clearTimeout(this.draftTimer);
    frame.remove();
    if (this.current === frame) this.current = null;
    void drafts.remove(frame.id);
  }

  waitForWork() {
    this.tell("empty");
    const wait = EMPTY_WAIT_MS[Math.min(this.empty++, EMPTY_WAIT_MS.length - 1)];
    setTimeout(() => void this.next(), wait);
  }

  /** @param {ApiError} error */
  async fault(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) {
      await this.sender.signIn();
      return this.next();
    }
    this.tell("fault", error);
    if (error.passing) setTimeout(() => void this.next(), 3_000);
  }

  /** Adds the time the page was in view to the task on screen. */
  countTime() {
    const now = Date.now();
    if (this.current && this.visibleSince) this.current.spent_ms += now - this.visibleSince;
    this.visibleSince = document.visibilityState === "visible" ? now : 0;
  }

  /**
   * @param {string} name
   * @param {unknown} [detail]
   */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
