import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "@plimsoll/report";
import { everyKindReport } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "./command-line.ts";
import { runHere } from "./fixtures/run-here.ts";
import type { Ran } from "./fixtures/run-here.ts";

/** Every command that reports writes its result in several formats at once. */

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-targets-"));
  mkdirSync(at("node/etc"), { recursive: true });
  writeFileSync(at("node/etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
  writeFileSync(at("report.json"), [...json().render(everyKindReport)].join(""));
  writeFileSync(
    at("pod.yaml"),
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n",
  );
  writeFileSync(
    at("kubelet.yaml"),
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nreadOnlyPort: 10255\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[]): Promise<Ran> {
  return runHere(args);
}

/** What is run, another of its formats than json, and how each begins. */
const commands: Readonly<Record<string, readonly [() => readonly string[], string, RegExp, RegExp]>> = {
  audit: [() => [at("pod.yaml")], "pretty", /web/, /"misconfigurations"/],
  "cis run": [
    () => ["--facts", `rootfs:${at("node")}`, "--kubernetes-version", "1.31", "--targets", "node"],
    "text",
    /\[INFO\]/,
    /"misconfigurations"/,
  ],
  config: [() => [at("pod.yaml")], "table", /KSV/, /"misconfigurations"/],
  convert: [() => [at("report.json")], "markdown", /\|/, /"vulnerabilities"/],
  diff: [() => [at("report.json"), at("report.json")], "table", /shop:1\.0/, /"findings"/],
  explain: [() => [at("report.json"), "CVE-2099-1", "--cache-dir", at("cache")], "text", /CVE-2099-1/, /"not-found"/],
  "policy expand": [() => [at("pod.yaml")], "yaml", /^$/, /^\[\]/],
  "policy test": [() => [at("pod.yaml")], "csv", /^/, /"misconfigurations"/],
  probe: [() => ["--predict", at("kubelet.yaml")], "text", /KHV/, /"misconfigurations"/],
};

describe.each(Object.entries(commands))("plimsoll %s", (name, [given, shown, onStdout, inFile]) => {
  const command = (): readonly string[] => [...name.split(" "), ...given()];

  test("writes two formats at once", async () => {
    const { stdout, stderr } = await run([...command(), "--format", shown, "--format", `json=${at("out.json")}`]);

    expect(stderr).not.toContain("error:");
    expect(stdout).toMatch(onStdout);
    expect(stdout).not.toMatch(inFile);
    expect(readFileSync(at("out.json"), "utf8")).toMatch(inFile);
    JSON.parse(readFileSync(at("out.json"), "utf8"));
  });

  test.each([
    [["--format", shown, "--format", "json"], "only one report can go to stdout"],
    [["--format", "json=a", "--format", `${shown}=a`], "two reports would be written to a"],
    [["--format", "json="], 'there is no file behind the "="'],
    [["--format", "nonsense"], "nonsense"],
  ])("%s is refused", async (flags, message) => {
    const { code, stderr } = await run([...command(), ...flags]);

    expect(stderr).toContain(message);
    expect([exitCodes.usage, exitCodes.failed]).toContain(code);
  });
});
