import "fake-indexeddb/auto";
import { expect, test, vi } from "vitest";
import { Table } from "../../src/groundswell/server/static/portal/storage.js";

test("what one page put, the next page finds", async () => {
  await new Table("drafts").put({ id: "a1", at: 2 });
  await new Table("drafts").put({ id: "a2", at: 1 });
  const fresh = new Table("drafts");
  expect(await fresh.get("a1")).toEqual({ id: "a1", at: 2 });
  expect((await fresh.all()).map(({ id }) => id)).toEqual(["a2", "a1"]);
  await fresh.remove("a1");
  expect(await new Table("drafts").get("a1")).toBeUndefined();
});

test("a browser that refuses storage keeps it in memory", async () => {
  vi.spyOn(indexedDB, "open").mockImplementation(() => {
    throw new DOMException("refused", "SecurityError");
  });
  const table = new Table("drafts");
  await table.put({ id: "b1", at: 1 });
  expect([await table.get("b1"), (await table.all()).length]).toEqual([{ id: "b1", at: 1 }, 1]);
});
