import { defaultLimits } from "@plimsoll/model";
import type { Analyzer } from "@plimsoll/model";
import { feedAnalyzers } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { npmPackageLock } from "./package-lock.ts";
import { pnpmLock } from "./pnpm-lock.ts";
import { tooManyValues } from "./value-limit.ts";
import { yarnLock } from "./yarn-lock.ts";

test("a lock file is judged by how many values it has, however short they are", () => {
  const path = "yarn.lock";
  const file = { path, limits: defaultLimits };

  expect(tooManyValues(file, "a\n".repeat(160_000))).toBeUndefined();
  for (const text of ["a\n", "a:", "a,"].map((value) => value.repeat(160_001)))
    expect(tooManyValues(file, text)).toMatchObject({ code: "limit-exceeded", location: { path } });
});

test("who scans decides how many values are too many", () => {
  const judge = (maxLockFileValues: number) =>
    tooManyValues({ path: "yarn.lock", limits: { ...defaultLimits, maxLockFileValues } }, "a\n".repeat(200_000));

  expect(judge(200_000)).toBeUndefined();
  expect(judge(199_999)).toMatchObject({ message: "yarn.lock was not read: it has more than 199999 values" });
});

test("of JSON twice as many are read, since they take less memory; ends of lines are none", async () => {
  const path = "package-lock.json";
  const start = '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"}';
  const feed = (entries: number, separator: string): Promise<readonly object[]> => {
    const text = `${start}${Array.from({ length: entries }, (_, at) => `,${separator}"${at}":{}`).join("")}}}`;
    return feedAnalyzers([npmPackageLock], new TextEncoder().encode(text), [path]);
  };

  expect(await feed(100_000, "\n\n")).toContainEqual(expect.objectContaining({ kind: "package" }));
  expect(await feed(160_000, "")).toMatchObject([
    { code: "limit-exceeded", message: "package-lock.json was not read: it has more than 320000 values" },
  ]);
});

test.each<readonly [string, Analyzer, string]>([
  ["yarn.lock", yarnLock, '# yarn lockfile v1\n\na@1:\n  version "1"\n\n'],
  ["pnpm-lock.yaml", pnpmLock, "lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {}\n"],
])("%s with more values than memory is given for is told and not read", async (path, analyzer, text) => {
  const feed = (tail: string): Promise<readonly object[]> =>
    feedAnalyzers([analyzer], new TextEncoder().encode(text + tail), [path]);

  expect(await feed("")).toContainEqual(expect.objectContaining({ kind: "package" }));
  expect(await feed("#\n".repeat(160_000))).toEqual([
    {
      kind: "diagnostic",
      code: "limit-exceeded",
      effect: "incomplete",
      message: `${path} was not read: it has more than 160000 values`,
      location: { path },
    },
  ]);
});
