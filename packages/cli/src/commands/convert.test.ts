import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "@plimsoll/report";
import { everyKindReport } from "@plimsoll/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exitCodes } from "../command-line.ts";
import { runHere } from "../fixtures/run-here.ts";
import type { Ran } from "../fixtures/run-here.ts";

let folder = "";
let file = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-convert-"));
  file = join(folder, "report.json");
  writeFileSync(file, [...json().render(everyKindReport)].join(""));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: readonly string[]): Promise<Ran> {
  return runHere(["convert", ...args]);
}

test("a report is written in several formats at once, and nothing is fetched", async () => {
  const sarif = join(folder, "report.sarif");
  const { code, stdout } = await run(file, "--format", `sarif=${sarif}`, "--format", "md");

  expect(code).toBe(exitCodes.done);
  expect(stdout).toMatch(/^\|/m);
  expect(readFileSync(sarif, "utf8")).toContain('"version": "2.1.0"');
});

test("JSON to JSON changes nothing", async () => {
  expect((await run(file, "--format", "json")).stdout).toBe(readFileSync(file, "utf8"));
});

test("filters take out what a scan would, say so, and end with the exit code for the rest", async () => {
  const all = JSON.parse((await run(file, "--format", "json")).stdout) as { readonly suppressed?: readonly unknown[] };
  const few = await run(file, "--format", "json", "--severity", "LOW", "--exit-code", "3");
  const report = JSON.parse(few.stdout) as typeof all &
    Readonly<Record<string, readonly { readonly severity: string }[]>>;

  for (const list of ["vulnerabilities", "secrets", "licenses", "misconfigurations"])
    expect(report[list]?.every(({ severity }) => severity === "LOW")).toBe(true);
  expect(report.suppressed?.length).toBeGreaterThan(all.suppressed?.length ?? 0);
  expect((await run(file, "--exit-code", "3")).code).toBe(3);
});

test("what is left out is said, and what is no report is refused", async () => {
  writeFileSync(join(folder, "other.json"), '{"a":1}');

  expect((await run(file, "--format", "gitlab")).stderr).toContain("gitlab has no place for");
  expect(await run(join(folder, "other.json"))).toMatchObject({ code: exitCodes.failed, stdout: "" });
});
