import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The same bytes from every engine: with the neutral entry, and with Node's under the command. */

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cli = here("../../packages/cli/bin/plimsoll.js");
const files = [here("../first-scan/dist/app.tar"), here("../first-scan/dist/advisories.plimsoll")];
const built = existsSync(here("../../packages/cli/dist/main.js"));

/** Engines beside Node, by their command on PATH. `npm exec --package=bun --package=deno -- npm run unit -- examples` brings them. */
const everyEngine: readonly (readonly [string, readonly string[]])[] = [
  ["bun", []],
  ["deno", ["run", "--allow-all"]],
];
const engines = everyEngine.filter(([command]) => {
  const found = spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
  if (!found) console.warn(`${command} is not on PATH: the scan in it is skipped`);
  return found;
});

let folder = "";
let expected = "";

function run(command: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, PLIMSOLL_CACHE_DIR: folder, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 });
  return { status, stdout, stderr };
}

function scanWith(command: string, before: readonly string[] = []) {
  const [image = "", db = ""] = files;
  const args = ["image", "--input", image, "--db", db, "--offline", "--no-cache", "--format", "json"];
  return run(command, [...before, cli, ...args]);
}

describe.skipIf(!built)("a scan gives the same bytes", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-runtimes-"));
    expect(run(process.execPath, [here("../first-scan/first-scan.mjs")]).status).toBe(0);
    const inNode = scanWith(process.execPath);
    expect({ status: inNode.status, stderr: inNode.stderr }).toEqual({ status: 0, stderr: "" });
    expected = inNode.stdout;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("with the neutral entry in Node", () => {
    expect(run(process.execPath, [here("neutral-scan.mjs"), ...files])).toEqual({
      status: 0,
      stdout: expected,
      stderr: "",
    });
  });

  test("in a worker thread", async () => {
    // In a process of its own: this one resolves packages to their sources.
    const start = `
      const { Worker } = require("node:worker_threads");
      new Worker(${JSON.stringify(here("neutral-scan.mjs"))}, { workerData: { files: ${JSON.stringify(files)} } })
        .on("message", (text) => process.stdout.write(text));`;

    expect(run(process.execPath, ["--eval", start])).toEqual({ status: 0, stdout: expected, stderr: "" });
  });

  test.skipIf(engines.length === 0).each(engines.length === 0 ? everyEngine : engines)("in %s", (command, before) => {
    const neutral = run(command, [...before, here("neutral-scan.mjs"), ...files]);
    const whole = scanWith(command, before);

    expect(neutral).toMatchObject({ status: 0, stdout: expected });
    expect(whole).toMatchObject({ status: 0, stdout: expected });
  });
});
