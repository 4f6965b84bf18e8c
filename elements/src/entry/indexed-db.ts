/** `indexedDB` in memory, for pages that browsers give none; loaded only where a template may ask for it. */
import * as standIns from "fake-indexeddb";

const names = Object.keys(standIns).filter((name) => /^(indexedDB|IDB)/.test(name));

function refused(): boolean {
  return window.origin === "null" || self.indexedDB === undefined;
}

if (refused()) {
  for (const name of names) {
    const value = (standIns as unknown as Record<string, unknown>)[name];
    Object.defineProperty(window, name, { configurable: true, writable: true, value });
  }
}
