import { expect, test } from "vitest";

interface Tasks {
  skippedLines(results: object, root: string): readonly string[];
}

test("skipped tests are counted and named, file by file", async () => {
  // Tasks are plain JavaScript, which runs before anything is built; only their test knows what they give.
  const { skippedLines } = (await import(new URL("../tasks/skipped-tests.mjs", import.meta.url).href)) as Tasks;
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
