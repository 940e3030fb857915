import { expect, test } from "vitest";

interface Results {
  skippedLines(results: object, root: string): readonly string[];
  failedLines(results: object, root: string): readonly string[];
  fileSeconds(results: object, root: string): readonly { readonly file: string; readonly seconds: number }[];
}

// Tasks are plain JavaScript, which runs before anything is built; only their test knows what they give.
const load = async (): Promise<Results> =>
  (await import(new URL("../tasks/run-results.mjs", import.meta.url).href)) as Results;

test("skipped tests are counted and named, file by file", async () => {
  const { skippedLines } = await load();
  const result = (status: string, fullName: string): object => ({ status, fullName });
  const results = {
    testResults: [
      { name: "/repo/packages/b/b.test.ts", assertionResults: [result("passed", "works")] },
      {
        name: "/repo/packages/a/a.test.ts",
        assertionResults: ["one", "two", "three", "four"].map((name) => result("skipped", name)),
      },
      { name: "/repo/packages/c/c.test.ts", assertionResults: [result("todo", "later"), result("failed", "broken")] },
    ],
  };

  expect(skippedLines(results, "/repo")).toEqual([
    "skipped 4 in packages/a/a.test.ts: one; two; three; and 1 more",
    "skipped 1 in packages/c/c.test.ts: later",
  ]);
});

test("failed tests, and files that could not be run, are named with the reason", async () => {
  const { failedLines, fileSeconds } = await load();
  const results = {
    testResults: [
      {
        name: "/repo/b.test.ts",
        status: "failed",
        startTime: 1000,
        endTime: 3500,
        assertionResults: [
          { status: "passed", fullName: "works" },
          { status: "failed", fullName: "holds", failureMessages: ["Error: expected 1\n    at b.test.ts:3"] },
        ],
      },
      {
        name: "/repo/a.test.ts",
        status: "failed",
        startTime: 0,
        endTime: 0,
        message: "Cannot find module",
        assertionResults: [],
      },
    ],
  };

  expect(failedLines(results, "/repo")).toEqual([
    "failed a.test.ts: Cannot find module",
    "failed b.test.ts: holds: Error: expected 1",
  ]);
  expect(fileSeconds(results, "/repo")).toEqual([
    { file: "a.test.ts", seconds: 0 },
    { file: "b.test.ts", seconds: 2.5 },
  ]);
});
