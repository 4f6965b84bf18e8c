import { beforeEach, describe, expect, test, vi } from "vitest";
import { KeyRegistry, type KeyAction } from "./registry.js";

// Node has no elements; the registry only asks what a target is.
vi.stubGlobal("HTMLElement", class {});
vi.stubGlobal("HTMLDialogElement", class {});

const owner = (name: string) => name as unknown as HTMLElement;

function press(registry: KeyRegistry, key: string, more: Partial<KeyboardEvent> & { path?: unknown[] } = {}) {
  const event = { key, code: "", composedPath: () => more.path ?? [], preventDefault: vi.fn(), ...more };
  return { handled: registry.press(event as unknown as KeyboardEvent), event };
}

function action(id: string, keys: string[], more: Partial<KeyAction> = {}): KeyAction & { run: ReturnType<typeof vi.fn> } {
  return { id, title: id, group: "Test", keys, run: vi.fn(), ...more } as KeyAction & { run: ReturnType<typeof vi.fn> };
}

describe("the key registry", () => {
  let registry: KeyRegistry;
  beforeEach(() => {
    registry = new KeyRegistry();
  });

  test("runs the action of a chord and says whether it did", () => {
    const one = action("one", ["a"]);
    registry.register(owner("x"), [one]);
    expect(press(registry, "a").event.preventDefault).toHaveBeenCalledOnce();
    expect(press(registry, "b").handled).toBe(false);
    expect(one.run).toHaveBeenCalledOnce();
  });

  test("prefers the element with the focus, then the one used last, then the first", () => {
    const [first, second] = [action("first", ["1"]), action("second", ["1"])];
    registry.register(owner("one"), [first]);
    registry.register(owner("two"), [second]);
    press(registry, "1");
    expect(first.run).toHaveBeenCalledTimes(1);
    registry.use(owner("two"));
    press(registry, "1");
    expect(second.run).toHaveBeenCalledTimes(1);
    press(registry, "1", { path: ["one"] });
    expect(first.run).toHaveBeenCalledTimes(2);
  });

  test("an action that does not handle a press leaves it to the next", () => {
    const [refuses, takes] = [action("refuses", ["a"], { run: vi.fn(() => false) as never }), action("takes", ["a"])];
    registry.register(owner("x"), [refuses, takes]);
    expect(press(registry, "a").handled).toBe(true);
    expect(takes.run).toHaveBeenCalledOnce();
  });

  test("a held key repeats only what may repeat", () => {
    const [once, often] = [action("once", ["a"]), action("often", ["b"], { repeats: true })];
    registry.register(owner("x"), [once, often]);
    press(registry, "a", { repeat: true });
    press(registry, "b", { repeat: true });
    expect([once.run.mock.calls.length, often.run.mock.calls.length]).toEqual([0, 1]);
  });

  test("letting a key go ends what it began", () => {
    const up = vi.fn();
    registry.register(owner("x"), [action("hold", ["Space"], { up })]);
    press(registry, " ", { code: "Space" });
    registry.release({ code: "Space" } as KeyboardEvent);
    registry.release({ code: "Space" } as KeyboardEvent);
    expect(up).toHaveBeenCalledOnce();
  });

  test("remapped keys replace the defaults, and are told once for saving", () => {
    const one = action("one", ["a"]);
    const saved = vi.fn();
    registry.register(owner("x"), [one]);
    registry.addEventListener("remap", saved);
    registry.remap("one", ["j"]);
    press(registry, "a");
    press(registry, "j");
    expect(one.run).toHaveBeenCalledOnce();
    expect([registry.keymap, saved.mock.calls.length]).toEqual([{ one: ["j"] }, 1]);
    registry.remap("one");
    expect(registry.keymap).toEqual({});
  });

  test("a keymap that is not one is passed over", () => {
    registry.keymap = { good: ["a"], bad: "b" } as never;
    expect(registry.keymap).toEqual({ good: ["a"] });
    registry.keymap = null as never;
    expect(registry.keymap).toEqual({});
  });

  test("names two actions that answer to one chord, unless they are never wanted together", () => {
    registry.register(owner("x"), [action("one", ["a"]), action("two", ["b"]), action("sometimes", ["a"], { when: () => false })]);
    expect(registry.conflicts()).toEqual([]);
    registry.remap("two", ["a"]);
    expect(registry.conflicts().map(({ chord, actions }) => [chord, ...actions.map(({ id }) => id)])).toEqual([["a", "one", "two"]]);
  });

  test("what is removed no longer answers", () => {
    const one = action("one", ["a"]);
    registry.register(owner("x"), [one])();
    expect(press(registry, "a").handled).toBe(false);
  });
});
