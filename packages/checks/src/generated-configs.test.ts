import { readConfigs } from "@plimsoll/configs";
import { generatedConfig, randomFrom } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { everyCheck } from "./every-check.ts";
import { runChecks } from "./run-checks.ts";

/** Files that are made; with them every check is seen to fail and to pass. */
const files = 1600;

test("every check fails on two made files or more, and passes on two or more of those that it asks about", () => {
  const failed = new Map<string, number>();
  const passed = new Map<string, number>();
  const random = randomFrom(24);
  for (let index = 0; index < files; index++) {
    const { documents, diagnostics } = readConfigs([generatedConfig(index, random)]);
    const { findings } = runChecks(documents, { includePasses: true });

    expect(findings.filter(({ status }) => status === "unknown")).toEqual([]);
    expect(documents.length + diagnostics.length).toBeGreaterThan(0);
    for (const [counted, status] of [
      [failed, "fail"],
      [passed, "pass"],
    ] as const)
      for (const id of new Set(findings.filter((finding) => finding.status === status).map((finding) => finding.id)))
        counted.set(id, (counted.get(id) ?? 0) + 1);
  }

  expect(everyCheck.map(({ id }) => id).filter((id) => (failed.get(id) ?? 0) < 2)).toEqual([]);
  expect(everyCheck.map(({ id }) => id).filter((id) => (passed.get(id) ?? 0) < 2)).toEqual([]);
});
