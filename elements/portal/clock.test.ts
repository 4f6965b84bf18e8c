import { afterEach, describe, expect, test, vi } from "vitest";
import { ago, left, span, usd } from "../../src/groundswell/server/static/portal/clock.js";

afterEach(() => vi.useRealTimers());

describe("time for people", () => {
  test.each([
    [0, "0:00"],
    [-3, "0:00"],
    [59.9, "0:59"],
    [252, "4:12"],
    [3_599, "59:59"],
    [3_900, "1 h 05"],
  ])("%d seconds left are %s", (seconds, text) => expect(left(seconds)).toBe(text));

  test.each([
    [0, "just now"],
    [2_400, "just now"],
    [30_000, "30 s ago"],
    [300_000, "5 min ago"],
  ])("%d ms ago is %s", (ms, text) => {
    vi.useFakeTimers({ now: 1_000_000_000 });
    expect(ago(Date.now() - ms)).toBe(text);
  });

  test.each([
    [45, "45 s"],
    [300, "5 min"],
    [7_200, "2 h"],
    [259_200, "3 days"],
  ])("%d seconds are %s", (seconds, text) => expect(span(seconds)).toBe(text));

  test.each([
    [0, "$0.00"],
    [36_000, "$0.036"],
    [40_000, "$0.04"],
    [1_250_000, "$1.25"],
  ])("%d micro-dollars are %s", (micros, text) => expect(usd(micros)).toBe(text));
});
