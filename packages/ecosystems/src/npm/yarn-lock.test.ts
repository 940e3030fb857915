import type { Observation, RetainedFiles } from "@plimsoll/model";
import { analyzedFile, countTurns } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { yarnLock } from "./yarn-lock.ts";

test("a large lock keeps nobody else waiting while it is read, and is read as ever", async () => {
  const entries = Array.from(
    { length: 9_000 },
    (_, at) => `p${at}@^1.0.0:\n  version "1.0.${at}"\n  dependencies:\n    p${at + 1} "^1.0.0"\n`,
  );
  const file = analyzedFile("yarn.lock", `# yarn lockfile v1\n\n${entries.join("\n")}`);
  const files: RetainedFiles = {
    get: (path) => (path === file.path ? file : undefined),
    [Symbol.iterator]: () => [file].values(),
  };
  const turns = countTurns();
  const all: Observation[] = [];
  let turnsToFirst = 0;
  for await (const one of yarnLock.analyze(files, [], {})) {
    if (all.push(one) === 1) turnsToFirst = turns.count;
  }
  turns.stop();

  expect(all).toHaveLength(9_000);
  expect(all[17]).toMatchObject({ package: { name: "p17", version: "1.0.17" } });
  // Half a megabyte, whose lines are eight times as much work to understand as to read.
  expect(turnsToFirst).toBeGreaterThanOrEqual(10);
});
