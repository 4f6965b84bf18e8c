// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DraftKeeper, findDraft, forgetDraft, forgetOldDrafts } from "../../src/groundswell/server/static/portal/drafts.js";
import { drafts } from "../../src/groundswell/server/static/portal/storage.js";

let bodies: { draft: unknown }[];
const keepers: DraftKeeper[] = [];
const keeper = (id: string): DraftKeeper => {
  const made = new DraftKeeper(id, "ada");
  keepers.push(made);
  return made;
};

beforeEach(() => {
  bodies = [];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    bodies.push(JSON.parse(String(init.body)) as { draft: unknown });
    return new Response(null, { status: 204 });
  });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const one of keepers.splice(0)) one.end();
  localStorage.clear();
  vi.unstubAllGlobals();
});

test("a change can be found again at once, before any timer has run", async () => {
  keeper("a1").keep({ boxes: 5 });
  expect((await findDraft("a1"))?.draft).toEqual({ boxes: 5 });
});

test("a killed browser finds it on disk", async () => {
  keeper("a2").keep({ boxes: 1 });
  await vi.waitFor(async () => expect((await drafts.get("a2"))?.draft).toEqual({ boxes: 1 }));
});

test("somebody who never pauses is saved on the server all the same", async () => {
  const one = keeper("a3");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  for (let n = 1; n <= 29; n++) {
    one.keep({ boxes: n });
    await vi.advanceTimersByTimeAsync(500);
  }
  await vi.advanceTimersByTimeAsync(2_500);
  expect(bodies.length).toBeGreaterThan(5);
  expect(bodies.length).toBeLessThan(12);
  expect(bodies.at(-1)).toEqual({ draft: { boxes: 29 } });
});

test("leaving sends what the server has not, once", async () => {
  const one = keeper("a4");
  one.keep({ boxes: 2 });
  one.leave();
  await vi.waitFor(() => expect(bodies).toEqual([{ draft: { boxes: 2 } }]));
  one.leave();
  expect(bodies.length).toBe(1);
});

test("only what no storage holds yet is asked about before the page is left", async () => {
  const one = keeper("a5");
  one.keep({ mask: "x".repeat(1_000_001) }); // too large to be written at once
  expect(one.unsaved).toBe(true);
  await vi.waitFor(() => expect(one.unsaved).toBe(false)); // on disk
  one.keep({ mask: "small" });
  expect(one.unsaved).toBe(false);
});

test("a large draft does not leave an older small one behind", async () => {
  const one = keeper("a6");
  one.keep({ mask: "old" });
  one.keep({ mask: "y".repeat(1_000_001) });
  await vi.waitFor(async () => expect(String(((await findDraft("a6"))?.draft as { mask: string }).mask).length).toBe(1_000_001));
});

test("an answered task keeps no draft, also when a write was under way", async () => {
  const one = keeper("a7");
  one.keep({ boxes: 1 });
  one.end();
  one.keep({ boxes: 2 });
  await vi.waitFor(async () => expect(await findDraft("a7")).toBeUndefined());
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await findDraft("a7")).toBeUndefined();
});

test("a server that does not take it loses nothing", async () => {
  vi.stubGlobal("fetch", async () => new Response("{}", { status: 503 }));
  const one = keeper("a8");
  one.keep({ boxes: 3 });
  await one.send();
  expect((await findDraft("a8"))?.draft).toEqual({ boxes: 3 });
});

test("drafts that nobody came back for are forgotten", async () => {
  keeper("a9").keep({ boxes: 1 });
  forgetOldDrafts(Date.now() + 15 * 86_400_000);
  expect(localStorage.length).toBe(0);
  await forgetDraft("a9");
});
