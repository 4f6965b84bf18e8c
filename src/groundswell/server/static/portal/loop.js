// @ts-check
/**
 * The work loop: one task on screen, the next one fetched ahead and already drawn, so that nobody waits between them.
 * Says `shown`, `empty`, `kept`, `draft`, `refused`, `fault` and `action`; it never touches the page but for the frames' place.
 */
import { ApiError, request } from "./api.js";
import { DraftKeeper, findDraft, forgetOldDrafts } from "./drafts.js";
import { TaskFrame } from "./frame.js";
import { Keyboard } from "./keyboard.js";
import { outbox } from "./storage.js";

const HEARING_MS = 300;
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
    /** @type {TaskFrame[]} */
    this.retired = [];
    this.keyboard = new Keyboard(() => this.current);
    this.empty = 0;
    this.ended = false;
    this.visibleSince = Date.now();
    forgetOldDrafts();
    this.keyboard.listen();
    document.addEventListener("visibilitychange", () => {
      this.countTime();
      if (document.visibilityState === "hidden") this.current?.keeper.leave();
    });
    addEventListener("pagehide", () => {
      this.current?.keeper.leave();
      this.release(true);
    });
    addEventListener("beforeunload", (event) => this.current?.keeper.unsaved && event.preventDefault());
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
    if (frame.ready) this.handOver(frame);
    this.tell("shown", frame);
    try {
      const { draft, ...begun } = await request("POST", `/api/v1/assignments/${frame.id}/begin`);
      Object.assign(frame.taken, begun);
      if (draft && !frame.start.draft && !frame.keeper.latest) frame.restore(draft);
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
    const mine = await findDraft(taken.assignment_id);
    const start = {
      draft: mine?.draft ?? taken.draft ?? null,
      keymap: this.worker.preferences?.keymap ?? null,
      actions: this.actions,
      deadline: taken.expires_at,
    };
    const frame = new TaskFrame(taken, start, new DraftKeeper(taken.assignment_id, this.worker.id));
    frame.addEventListener("submit", (event) => void this.submitted(frame, /** @type {CustomEvent} */ (event).detail.answer));
    frame.addEventListener("draft", (event) => {
      const { answer, state } = /** @type {CustomEvent} */ (event).detail;
      frame.keeper.keep({ answer, state });
    });
    frame.keeper.addEventListener("saved", (event) => this.tell("draft", /** @type {CustomEvent} */ (event).detail));
    frame.addEventListener("ready", () => frame === this.current && this.handOver(frame));
    frame.addEventListener("key", (event) => {
      const { press } = /** @type {CustomEvent} */ (event).detail;
      if (frame === this.current) this.keyboard.keep(press);
      else this.keyboard.pass(press);
    });
    frame.addEventListener("report", (event) => frame === this.current && this.tell("report", /** @type {CustomEvent} */ (event).detail.reason));
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
   * Gives the task on screen up: `decline` (never again) or `return` (others may take it); the requester is told the reason.
   * @param {"decline" | "return"} verb
   * @param {string} [reason]
   */
  async giveUp(verb, reason) {
    const frame = this.current;
    if (!frame) return;
    try {
      await request("POST", `/api/v1/assignments/${frame.id}/${verb}`, reason ? { reason } : undefined);
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

  /** The task on screen ran out of time. What was done goes to the server, which gives it back if the task comes again. */
  async expired() {
    const frame = this.current;
    if (!frame) return;
    await frame.keeper.send();
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
    frame.keeper.end();
    frame.retire();
    this.keyboard.takeFrom(frame);
    this.retired.push(frame);
    if (this.current === frame) this.current = null;
  }

  /** The task on screen has the keyboard; the ones before may go, once what they still heard has been said. @param {TaskFrame} frame */
  handOver(frame) {
    void this.keyboard.replay(frame);
    const gone = this.retired.splice(0);
    setTimeout(() => gone.forEach((one) => one.remove()), HEARING_MS);
  }

  waitForWork() {
    this.retired.splice(0).forEach((one) => one.remove());
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
