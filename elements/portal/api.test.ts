import { afterEach, expect, test, vi } from "vitest";
import { ApiError, request } from "../../src/groundswell/server/static/portal/api.js";

afterEach(() => vi.unstubAllGlobals());

const answering = (status: number, body: string): ReturnType<typeof vi.fn> => {
  const fetch = vi.fn(async () => new Response(status === 204 ? null : body, { status }));
  vi.stubGlobal("fetch", fetch);
  return fetch;
};

test("a body is sent as JSON and the answer read as JSON", async () => {
  const fetch = answering(200, '{"kept": true}');
  expect(await request("PUT", "/api/v1/x", { a: 1 })).toEqual({ kept: true });
  const init = fetch.mock.calls[0]?.[1] as RequestInit;
  expect([init.body, (init.headers as Record<string, string>)["Content-Type"]]).toEqual(['{"a":1}', "application/json"]);
});

test("no content is null", async () => {
  answering(204, "");
  expect(await request("POST", "/api/v1/x")).toBeNull();
});

test("a refusal carries the server's code, message and field", async () => {
  answering(422, '{"error": {"code": "invalid_annotation", "message": "expected a box", "field": "boxes"}}');
  const error = (await request("PUT", "/x").catch((caught: unknown) => caught)) as ApiError;
  expect([error.status, error.code, error.message, error.field, error.passing]).toEqual([422, "invalid_annotation", "expected a box", "boxes", false]);
});

test.each([429, 500, 503])("%d may pass", async (status) => {
  answering(status, "<html>proxy</html>");
  const error = (await request("GET", "/x").catch((caught: unknown) => caught)) as ApiError;
  expect([error.passing, error.message]).toEqual([true, `The server answered ${status}.`]);
});

test("no answer at all may pass too", async () => {
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
  const error = (await request("GET", "/x").catch((caught: unknown) => caught)) as ApiError;
  expect([error.status, error.code, error.passing]).toEqual([0, "offline", true]);
});
