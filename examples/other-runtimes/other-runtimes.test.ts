import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The same bytes from every engine: with the neutral entry, and with Node's under the command. */

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cli = here("../../packages/plimsoll/bin/plimsoll.js");
const files = [here("../first-scan/dist/app.tar"), here("../first-scan/dist/advisories.plimsoll")];
const built = existsSync(here("../../packages/cli/dist/main.js"));

/** Engines beside Node, by their command on PATH. `npm run runtimes` brings them. */
const everyEngine: readonly (readonly [string, readonly string[]])[] = [
  ["bun", []],
  ["deno", ["run", "--allow-all"]],
];
const engines = everyEngine.filter(([command]) => {
  const found = spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
  // Whoever asks for all of them wants to know when one is missing.
  if (!found && process.env["PLIMSOLL_ENGINES"] === "all") throw new Error(`${command} is not on PATH`);
  if (!found) console.warn(`${command} is not on PATH: the scan in it is skipped`);
  return found;
});

let folder = "";
let expected = "";

function run(command: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, PLIMSOLL_CACHE_DIR: folder, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 });
  // The age of the advisories is the one thing that differs from one second to the next.
  return { status, stdout: stdout.replaceAll(/\d+ days ago/g, "some days ago"), stderr };
}

function scanWith(command: string, before: readonly string[] = []) {
  const [image = "", db = ""] = files;
  const args = ["image", "--input", image, "--db", db, "--offline", "--no-cache", "--quiet", "--format", "json"];
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

  // Layers of this size are read in a thread, if the engine has one that can read them.
  test.skipIf(engines.length === 0).each(engines.length === 0 ? everyEngine : engines)(
    "in %s, of a layer of 64 MiB",
    async (command, before) => {
      const large = join(folder, "large.tar");
      writeFileSync(large, await dockerArchive({ name: "large", layers: [largeLayer] }));
      const args = [here("../bundled-programs/scan.mjs"), large, files[1] ?? ""];
      const inNode = run(process.execPath, args);

      expect(inNode.stdout).toContain("2 packages, coverage is complete");
      expect(run(command, [...before, ...args])).toMatchObject({ status: 0, stdout: inNode.stdout });
      if (command !== "bun") return;
      const compiled = join(folder, "scan");
      const compile = ["build", "--compile", args[0] ?? "", "--outfile", compiled];
      expect(run(command, compile).status).toBe(0);
      expect(run(compiled, args.slice(1))).toMatchObject({ status: 0, stdout: inNode.stdout });
    },
    600_000,
  );
});

const largeLayer = {
  "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.4"}',
  "opt/model.bin": new Uint8Array(64 * 1024 * 1024),
  "srv/node_modules/ms/package.json": '{"name":"ms","version":"0.7.0"}',
};
