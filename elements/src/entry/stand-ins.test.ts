import { expect, test } from "vitest";
import { cookieJar, memoryStorage } from "./stand-ins.js";

test("items are there by method, by member and by name", () => {
  const storage = memoryStorage();
  storage.setItem("a", "1");
  storage.b = 2;
  expect([storage.getItem("a"), storage.getItem("b"), storage.b, storage.length]).toEqual(["1", "2", "2", 2]);
  expect([Object.keys(storage), storage.key(1), storage.key(9), "a" in storage]).toEqual([["a", "b"], "b", null, true]);
  delete storage.a;
  storage.removeItem("b");
  expect([storage.length, storage.getItem("a"), storage.a]).toEqual([0, null, undefined]);
});

test("an item named like a method is an item", () => {
  const storage = memoryStorage();
  storage.setItem("getItem", "x");
  expect([storage.getItem("getItem"), storage.length]).toEqual(["x", 1]);
});

test.each([
  ["a=b; path=/", "a=b"],
  ["a=b; max-age=0", ""],
  ["a=b; max-age=60", "a=b"],
  ["a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT", ""],
  ["a=b=c", "a=b=c"],
  ["plain", "plain"],
  ["a=b; expires=soon", "a=b"],
])("the cookie %s reads %j", (written, read) => {
  const jar = cookieJar(() => 1_000_000);
  jar.write(written);
  expect(jar.read()).toBe(read);
});

test("a cookie ends when its time is over", () => {
  let now = 0;
  const jar = cookieJar(() => now);
  jar.write("a=b; max-age=10");
  jar.write("c=d");
  now = 10_000;
  expect(jar.read()).toBe("c=d");
});
