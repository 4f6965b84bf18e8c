// @ts-check
/**
 * Sends what is in the outbox, one answer after the other, until the server has said that it is kept. The assignment's
 * id is the idempotency key: sending the same answer twice makes one annotation.
 */
import { ApiError, request } from "./api.js";
import { outbox } from "./storage.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

export class Sender extends EventTarget {
  /**
   * @param {string} worker whose answers are sent; another person's on this browser wait for them
   * @param {() => Promise<void>} signIn asks the worker to sign in again; resolves once they have
   */
  constructor(worker, signIn) {
    super();
    this.worker = worker;
    this.signIn = signIn;
    this.running = false;
    this.wait = FIRST_WAIT_MS;
    addEventListener("online", () => this.wake());
  }

  /** Puts an answer into the outbox; resolves once this browser has it on disk. @param {import("./storage.js").Waiting} answer */
  async keep(answer) {
    await outbox.put(answer);
    this.tell("waiting");
    void this.send();
  }

  /** @returns {Promise<import("./storage.js").Waiting[]>} */
  async waiting() {
    return (await outbox.all()).filter((answer) => answer.worker === this.worker && !answer.refused);
  }

  /** Try now instead of after the pause. */
  wake() {
    this.wait = FIRST_WAIT_MS;
    this.interrupt?.();
    void this.send();
  }

  /** Works the outbox off; one run at a time. */
  async send() {
    if (this.running) return;
    this.running = true;
    try {
      for (let next = (await this.waiting())[0]; next; next = (await this.waiting())[0]) await this.sendOne(next);
    } finally {
      this.running = false;
      this.tell("waiting");
    }
  }

  /** @param {import("./storage.js").Waiting} answer */
  async sendOne(answer) {
    const { id, time_spent_s } = answer;
    try {
      const kept = await request("PUT", `/api/v1/assignments/${id}/annotation`, { answer: answer.answer, time_spent_s });
      await outbox.remove(id);
      this.wait = FIRST_WAIT_MS;
      this.tell("sent", { ...answer, ...kept });
    } catch (error) {
      await this.failed(answer, /** @type {ApiError} */ (error));
    }
    this.tell("waiting");
  }

  /**
   * @param {import("./storage.js").Waiting} answer
   * @param {ApiError} error
   */
  async failed(answer, error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return this.signIn();
    if (error.passing) {
      this.tell("offline", { message: error.message });
      await new Promise((resolve) => {
        this.interrupt = () => resolve(undefined);
        setTimeout(resolve, this.wait);
      });
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
      return;
    }
    await outbox.put({ ...answer, refused: error.message });
    this.tell("refused", { answer, error });
  }

  /**
   * @param {string} name
   * @param {unknown} [detail]
   */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
