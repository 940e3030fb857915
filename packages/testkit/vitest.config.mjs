import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  resolve: { conditions: ["@plimsoll/source", "node"] },
  // `import` and `default` hold by themselves; named here they would hold for `require` too.
  ssr: { resolve: { conditions: ["@plimsoll/source", "node"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "examples/*/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: new URL("tasks/compile-changed.mjs", import.meta.url).pathname,
    setupFiles: [new URL("src/property-seed.ts", import.meta.url).pathname],
    // Nothing in this house is global, so test files share a process: modules are loaded once, not 170 times.
    isolate: false,
    // Left to itself, the runner keeps one of two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // What hangs is found by these; nothing is measured by them, and no test has a shorter one of its own.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
