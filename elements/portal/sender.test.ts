// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Sender } from "../../src/groundswell/server/static/portal/sender.js";
import { outbox } from "../../src/groundswell/server/static/portal/storage.js";

const answer = (id: string, worker = "ada") => ({ id, worker, job: "birds", answer: { bird: "robin" }, time_spent_s: 2, at: Number(id.slice(1)) });
const refusal = (status: number): Response => new Response(JSON.stringify({ error: { code: "conflict", message: "no more" } }), { status });
const kept = (): Response => new Response("{}", { status: 200 });

let answers: (() => Response | Promise<Response>)[];
let sent: string[];

beforeEach(() => {
  [answers, sent] = [[], []];
  vi.stubGlobal("fetch", async (path: string) => {
    sent.push(path.split("/").at(-2) ?? "");
    return (answers.shift() ?? kept)();
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const one of await outbox.all()) await outbox.remove(one.id);
});

const settled = async (sender: Sender): Promise<void> => vi.waitFor(async () => expect([sender.running, (await sender.waiting()).length]).toEqual([false, 0]));

test("answers leave in the order in which they were given, and the outbox is empty after", async () => {
  await outbox.put(answer("a2"));
  await outbox.put(answer("a1"));
  const sender = new Sender("ada", async () => undefined);
  await sender.keep(answer("a3"));
  await settled(sender);
  expect(sent).toEqual(["a1", "a2", "a3"]);
});

test("an answer is in this browser before it is sent", async () => {
  let seen = 0;
  answers = [async () => ((seen = (await outbox.all()).length), kept())];
  const sender = new Sender("ada", async () => undefined);
  await sender.keep(answer("a1"));
  await settled(sender);
  expect(seen).toBe(1);
});

test("an outage is waited out, and the same answer sent again", async () => {
  answers = [() => Promise.reject(new TypeError("Failed to fetch")), () => refusal(503)];
  const sender = new Sender("ada", async () => undefined);
  sender.addEventListener("offline", () => setTimeout(() => sender.wake()));
  await sender.keep(answer("a1"));
  await settled(sender);
  expect(sent).toEqual(["a1", "a1", "a1"]);
});

test("a sign-in that ran out is asked for, then the answer goes", async () => {
  answers = [() => refusal(401)];
  const signIn = vi.fn(async () => undefined);
  const sender = new Sender("ada", signIn);
  await sender.keep(answer("a1"));
  await settled(sender);
  expect([signIn.mock.calls.length, sent]).toEqual([1, ["a1", "a1"]]);
});

test("a refused answer is told, kept aside, and does not stop the next", async () => {
  answers = [() => refusal(409)];
  const told: string[] = [];
  await outbox.put(answer("a1"));
  const sender = new Sender("ada", async () => undefined);
  sender.addEventListener("refused", (event) => told.push((event as CustomEvent).detail.error.message));
  await sender.keep(answer("a2"));
  await settled(sender);
  expect([sent, told]).toEqual([["a1", "a2"], ["no more"]]);
  expect(await outbox.get("a1")).toMatchObject({ refused: "no more" });
});

test("another person's answers on this browser wait for them", async () => {
  await outbox.put(answer("a1", "bob"));
  const sender = new Sender("ada", async () => undefined);
  await sender.send();
  expect([sent, (await outbox.all()).length]).toEqual([[], 1]);
});
