// @ts-check
/**
 * What this browser keeps: answers that wait to be sent (the outbox) and drafts. In IndexedDB, so that a crash, a closed
 * tab or a dead network loses nothing; where the browser refuses it (some private windows), in memory for as long as the page lives.
 */

/**
 * @typedef {{id: string, worker: string, job: string, answer: unknown, time_spent_s: number, at: number, refused?: string}} Waiting
 * @typedef {{id: string, worker: string, draft: unknown, at: number}} Draft
 */

const STORES = ["outbox", "drafts"];

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("groundswell-work", 1);
    opening.onupgradeneeded = () => STORES.forEach((name) => opening.result.createObjectStore(name, { keyPath: "id" }));
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("storage is blocked by another tab"));
  });
}

/**
 * A keyed table with one value an id.
 * @template {{id: string, at: number}} Value
 */
export class Table {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    /** @type {Map<string, Value>} */
    this.memory = new Map();
    /** @type {Promise<IDBDatabase | null>} */
    this.database = open().catch(() => null);
  }

  /** Resolves once the value is on disk. @param {Value} value */
  async put(value) {
    this.memory.set(value.id, value);
    await this.run("readwrite", (store) => store.put(value));
  }

  /** @param {string} id */
  async remove(id) {
    this.memory.delete(id);
    await this.run("readwrite", (store) => store.delete(id));
  }

  /** @param {string} id @returns {Promise<Value | undefined>} */
  async get(id) {
    return (await this.run("readonly", (store) => store.get(id))) ?? this.memory.get(id);
  }

  /** Every value, oldest first. @returns {Promise<Value[]>} */
  async all() {
    /** @type {Value[]} */
    const kept = (await this.run("readonly", (store) => store.getAll())) ?? [...this.memory.values()];
    return kept.sort((a, b) => a.at - b.at);
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<T>} work
   * @returns {Promise<T | undefined>}
   */
  async run(mode, work) {
    const database = await this.database;
    if (!database) return undefined;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(this.name, mode, { durability: "strict" });
      const asked = work(transaction.objectStore(this.name));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

/** @type {Table<Waiting>} */
export const outbox = new Table("outbox");
/** @type {Table<Draft>} */
export const drafts = new Table("drafts");
