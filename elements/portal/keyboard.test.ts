// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keyboard } from "../../src/groundswell/server/static/portal/keyboard.js";

const task = { ready: true, shown: true, pressed: [] as string[], focused: 0, press: ({ key }: { key: string }) => void task.pressed.push(key), heard: () => Promise.resolve(), focus: () => void task.focused++ };
let current: typeof task | null;
let keyboard: Keyboard;

beforeEach(() => {
  document.body.innerHTML = `<h1>Title</h1><button>More</button><a href="#x">link</a><input><dialog></dialog>`;
  [task.pressed, task.focused, task.ready, current] = [[], 0, true, task];
  keyboard = new Keyboard(() => current);
});
afterEach(() => (document.body.innerHTML = ""));

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

const press = (on: string, key: string, more: KeyboardEventInit = {}): boolean => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  Object.defineProperty(event, "target", { value: document.querySelector(on) });
  keyboard.key(event);
  return event.defaultPrevented;
};

test.each([
  ["h1", "4", {}],
  ["button", "4", {}],
  ["a", "x", {}],
  ["body", "Enter", {}],
  ["body", "z", { ctrlKey: true }],
])("on %s, %s reaches the task, and the focus stays where it is", async (on, key, more) => {
  expect(press(on, key, more)).toBe(true);
  await settled();
  expect([task.pressed, task.focused]).toEqual([[key], 0]);
});

test.each(["ArrowDown", "PageDown", " ", "Tab"])("%s takes the way into the task's own page", async (key) => {
  expect(press("body", key)).toBe(true);
  await vi.waitFor(() => expect(task.focused).toBe(1));
  expect(task.pressed).toEqual(key === "Tab" ? [] : [key]);
});

test("only the first task gets the focus by itself", async () => {
  await keyboard.replay(task);
  await vi.waitFor(() => expect(task.focused).toBe(1));
  await keyboard.replay(task);
  await settled();
  expect(task.focused).toBe(1);
});

test.each([
  ["input", "4", {}],
  ["button", "Enter", {}],
  ["a", " ", {}],
  ["button", "Tab", {}],
  ["body", "Tab", { shiftKey: true }],
  ["body", "r", { ctrlKey: true }],
  ["body", "s", { altKey: true }],
  ["body", "4", { repeat: true }],
])("on %s, %s is not the task's", (on, key, more) => {
  expect(press(on, key, more)).toBe(false);
  expect(task.pressed).toEqual([]);
});

test("an open dialog has the keys", () => {
  document.querySelector("dialog")?.setAttribute("open", "");
  press("body", "4");
  expect(task.pressed).toEqual([]);
});

test("what is pressed between two tasks waits for the next one, in order", async () => {
  current = null;
  press("body", "4");
  keyboard.keep({ key: "Enter", code: "Enter", ctrlKey: false, altKey: false, metaKey: false, shiftKey: false });
  current = task;
  task.ready = false;
  press("body", "5"); // it is there, but its page is not
  task.ready = true;
  await keyboard.replay(task);
  await keyboard.replay(task);
  expect(task.pressed).toEqual(["4", "Enter", "5"]);
});

test("a cat on the keyboard is not kept for ever", () => {
  current = null;
  for (let n = 0; n < 500; n++) press("body", "4");
  expect(keyboard.kept.length).toBe(40);
});

test("a task gets the focus only when it has heard everything passed on", async () => {
  const order: string[] = [];
  const slow = { ...task, press: ({ key }: { key: string }) => void order.push(key), focus: () => void order.push("focus"), heard: async () => void order.push("heard") };
  current = slow;
  press("body", "4");
  press("body", "Enter");
  keyboard.giveBack();
  await vi.waitFor(() => expect(order.at(-1)).toBe("focus"));
  expect(order.lastIndexOf("heard")).toBeGreaterThan(order.indexOf("Enter"));
});

test("what a task that is done passes on comes before what the page heard after it", async () => {
  let hear: () => void = () => undefined;
  const done = { ...task, heard: () => new Promise<void>((resolve) => (hear = resolve)) };
  current = null;
  keyboard.takeFrom(done);
  await Promise.resolve();
  press("body", "Enter");
  keyboard.keep({ key: "2", code: "Digit2", ctrlKey: false, altKey: false, metaKey: false, shiftKey: false }); // from the task
  current = task;
  const replayed = keyboard.replay(task);
  hear();
  await replayed;
  expect(task.pressed).toEqual(["2", "Enter"]);
});
