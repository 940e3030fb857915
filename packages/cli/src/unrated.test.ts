// What nobody has rated may be as bad as anything: a choice of severities leaves it out, and says so.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { everyReporter } from "@plimsoll/report";
import type { Report } from "@plimsoll/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHere } from "./fixtures/run-here.ts";
import type { Ran } from "./fixtures/run-here.ts";

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-unrated-"));
  const advisory = (id: string, severity?: string): string =>
    JSON.stringify({
      id,
      modified: "2024-01-01T00:00:00Z",
      affected: [
        {
          package: { ecosystem: "npm", name: "left" },
          ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "9.0.0" }] }],
        },
      ],
      ...(severity === undefined ? {} : { database_specific: { severity } }),
    });
  put("osv/npm/GHSA-1.json", advisory("GHSA-1"));
  put("osv/npm/GHSA-2.json", advisory("GHSA-2"));
  put("osv/npm/GHSA-3.json", advisory("GHSA-3", "LOW"));
  put("app/node_modules/left/package.json", '{"name":"left","version":"1.0.0"}');
  await run("db", "build", "--from", join(folder, "osv"), "--output", join(folder, "db"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function run(...args: readonly string[]): Promise<Ran> {
  return runHere(args, { now: "2024-02-01T00:00:00Z" });
}

function scan(...flags: readonly string[]): ReturnType<typeof run> {
  return run("rootfs", join(folder, "app"), "--db", join(folder, "db"), "--scanners", "vuln", ...flags);
}

describe("findings that nobody has rated", () => {
  test.each(
    [...everyReporter].filter(
      ([id, make]) => make({ template: "" }).shows.includes("vulnerability") && id !== "template",
    ),
  )("are told in the format %s when a choice of severities leaves them out", async (format) => {
    const { code, stdout, stderr } = await scan("--severity", "CRITICAL", "--format", format);

    expect(code).toBe(0);
    expect(stdout).toContain("2 unrated findings left out");
    expect(stdout).not.toMatch(/No vulnerabilities found|suppressed by rules/i);
    expect(stderr.includes("2 unrated findings left out")).toBe(format !== "table");
  });

  test("are not listed where they were not asked for, and are where they were", async () => {
    const ids = async (severity: string): Promise<readonly string[]> =>
      (JSON.parse((await scan("--severity", severity, "--format", "json")).stdout) as Report).vulnerabilities?.map(
        ({ id }) => id,
      ) ?? [];

    expect(await ids("CRITICAL")).toEqual([]);
    expect(await ids("LOW")).toEqual(["GHSA-3"]);
    expect(await ids("CRITICAL,UNKNOWN")).toEqual(["GHSA-1", "GHSA-2"]);
  });

  test.each([
    [["--severity", "CRITICAL", "--exit-code", "5"], 0],
    [["--severity", "CRITICAL", "--exit-code", "5", "--unrated", "report"], 0],
    [["--severity", "CRITICAL", "--exit-code", "5", "--unrated", "fail"], 5],
    [["--severity", "CRITICAL", "--unrated", "fail"], 1],
    [["--severity", "CRITICAL,UNKNOWN", "--exit-code", "5"], 5],
    [["--severity", "CRITICAL,UNKNOWN", "--exit-code", "5", "--unrated", "ignore"], 0],
    [["--severity", "LOW", "--exit-code", "5", "--unrated", "ignore"], 5],
  ])("lead to the exit code as --unrated says: %j", async (flags, expected) => {
    expect((await scan(...flags, "--format", "json")).code).toBe(expected);
  });

  test("lead to no exit code where a rule has judged them", async () => {
    put("ignore/.trivyignore", "GHSA-1\nGHSA-2\n");
    const flags = ["--severity", "CRITICAL", "--unrated", "fail", "--ignorefile", join(folder, "ignore/.trivyignore")];

    expect((await scan(...flags)).code).toBe(0);
  });

  test("a mode that is none is refused by name", async () => {
    const { code, stderr } = await scan("--unrated", "shout");

    expect(code).toBe(2);
    expect(stderr).toContain('--unrated: "shout" is none of report, fail, ignore');
  });
});
