import { defineConfig } from "vitest/config";

// The engine, geometry and pure parts run in Node; elements are tested in real Chromium by tests/browser/elements.
export default defineConfig({
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "portal/**/*.test.ts"],
    setupFiles: ["src/testing/random-examples.ts"],
    testTimeout: 30_000,
  },
});
