// @ts-check
/**
 * Keeps what a worker has so far, so that neither a reload nor a killed browser nor another machine loses more than a moment.
 *
 * Each change is written where a page that is torn down at once still finds it (localStorage, while it is small), then to disk
 * (IndexedDB), and every two seconds to the server. Somebody who never pauses is saved all the same.
 */
import { request } from "./api.js";
import { drafts } from "./storage.js";

const SERVER_EVERY_MS = 2_000;
const FIRST_WAIT_MS = 300;
const LARGEST_AT_ONCE = 1_000_000; // characters; browsers give a site about five million
const LARGEST_LEAVING = 60_000; // characters that a page may still send while it is left
const FORGOTTEN_AFTER_MS = 14 * 86_400_000;
const PREFIX = "groundswell-draft:";

/** @typedef {import("./storage.js").Draft} Draft */

/** The newest draft of an assignment that this browser has. @param {string} id @returns {Promise<Draft | undefined>} */
export async function findDraft(id) {
  const [kept, quick] = [await drafts.get(id).catch(() => undefined), quickly(id)];
  return quick && quick.at >= (kept?.at ?? 0) ? quick : kept;
}

/** Nothing more is wanted of an assignment. @param {string} id */
export async function forgetDraft(id) {
  withStorage((storage) => storage.removeItem(PREFIX + id));
  await drafts.remove(id).catch(() => undefined);
}

/** Removes what was never answered and is too old to be asked for. */
export function forgetOldDrafts(now = Date.now()) {
  withStorage((storage) => {
    for (const key of Object.keys(storage).filter((name) => name.startsWith(PREFIX))) {
      const at = quickly(key.slice(PREFIX.length))?.at ?? 0;
      if (now - at > FORGOTTEN_AFTER_MS) storage.removeItem(key);
    }
  });
}

/** The draft of one task. Says `saved` with `{at, server}`. */
export class DraftKeeper extends EventTarget {
  /** @type {Draft | null} */
  latest = null;
  /** @type {Draft | null} */
  written = null;
  /** @type {Draft | null} */
  sent = null;
  /** @type {Draft | null} */
  leftWith = null;
  /** Whether the latest is where a reload finds it. */
  safe = true;
  writing = false;
  sentAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;
  ended = false;

  /** @param {string} id the assignment @param {string} worker */
  constructor(id, worker) {
    super();
    this.id = id;
    this.worker = worker;
  }

  /** Whether leaving the page now would lose something. */
  get unsaved() {
    return !this.safe;
  }

  /** @param {unknown} draft */
  keep(draft) {
    if (this.ended) return;
    this.latest = { id: this.id, worker: this.worker, draft, at: Date.now() };
    this.safe = writeQuickly(this.latest);
    void this.write();
    this.plan();
  }

  /** To disk; one write at a time, and what came meanwhile after it. */
  async write() {
    if (this.writing) return;
    this.writing = true;
    try {
      while (this.latest && this.latest !== this.written && !this.ended) {
        const now = this.latest;
        await drafts.put(now);
        this.written = now;
        this.tell(now.at, false);
        if (now === this.latest) this.safe = true;
      }
    } catch {
      // The disk is full, or this browser keeps nothing: the server's copy is on its way, and leaving asks first.
    } finally {
      this.writing = false;
    }
    if (this.ended) await forgetDraft(this.id);
  }

  plan() {
    if (this.timer !== undefined || this.ended) return;
    const wait = Math.max(FIRST_WAIT_MS, this.sentAt + SERVER_EVERY_MS - Date.now());
    this.timer = setTimeout(() => void this.send(), wait);
  }

  /** To the server. @param {boolean} [leaving] */
  async send(leaving = false) {
    clearTimeout(this.timer);
    this.timer = undefined;
    const now = this.latest;
    if (!now || now === this.sent || this.ended) return;
    if (leaving && JSON.stringify(now.draft).length > LARGEST_LEAVING) return;
    this.sentAt = Date.now();
    try {
      await request("PUT", `/api/v1/assignments/${this.id}/draft`, { draft: now.draft }, { keepalive: leaving });
      this.sent = now;
      if (now === this.latest) this.safe = true;
      this.tell(now.at, true);
    } catch {
      // It is kept in this browser; the next change tries again.
    }
    if (this.latest !== now) this.plan();
  }

  /** The page is hidden or left; both are said when a tab is closed. */
  leave() {
    if (!this.latest || this.latest === this.sent || this.latest === this.leftWith) return;
    this.leftWith = this.latest;
    void this.send(true);
  }

  /** The task is answered or given up. */
  end() {
    this.ended = true;
    this.safe = true;
    clearTimeout(this.timer);
    void forgetDraft(this.id);
  }

  /** @param {number} at @param {boolean} server */
  tell(at, server) {
    this.dispatchEvent(new CustomEvent("saved", { detail: { at, server } }));
  }
}

/** @param {string} id @returns {Draft | undefined} */
function quickly(id) {
  return withStorage((storage) => JSON.parse(storage.getItem(PREFIX + id) ?? "null") ?? undefined);
}

/** Whether it is written: too large a draft, a full or a refused storage is none. @param {Draft} draft */
function writeQuickly(draft) {
  return (
    withStorage((storage) => {
      const text = JSON.stringify(draft);
      if (text.length > LARGEST_AT_ONCE) {
        storage.removeItem(PREFIX + draft.id); // an older one would be taken for the newest
        return false;
      }
      storage.setItem(PREFIX + draft.id, text);
      return true;
    }) ?? false
  );
}

/**
 * @template T
 * @param {(storage: Storage) => T} work
 * @returns {T | undefined} undefined where the browser refuses storage, or it is full
 */
function withStorage(work) {
  try {
    return work(localStorage);
  } catch {
    return undefined;
  }
}
