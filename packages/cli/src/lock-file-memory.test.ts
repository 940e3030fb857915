import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** What the real program takes for the lock file that makes most of its bytes: the shortest entries, as many as the limit lets in. */

const program = fileURLToPath(new URL("../bin/plimsoll.js", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../dist/main.js", import.meta.url)));

const MiB = 1024 * 1024;
/** MiB of memory that a scan may hold. */
const mostMemory = 300;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-lock-memory-"));
  writeFileSync(
    join(folder, "peak.cjs"),
    `const { readFileSync } = require("node:fs");
    process.on("exit", () => {
      const [, kibibytes] = /VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
      process._rawDebug("peak " + kibibytes / 1024);
    });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** MiB that a run of Node held at most. `maxRSS` would be no less than what the process held that began it: Linux hands that on. */
function peak(args: readonly string[]): number {
  const { stderr } = spawnSync(process.execPath, ["--require", join(folder, "peak.cjs"), ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "" },
  });
  return Number(/peak ([\d.]+)/.exec(stderr)?.[1]);
}

/** The most entries that the limit of values lets in, as short as they can be. */
function densest(): string {
  const entries = Array.from({ length: 79_980 }, (_, at) => `  p${at.toString(36)}@1.0.0: {}\n`);
  return `lockfileVersion: '9.0'\npackages:\n${entries.join("")}`;
}

const isLinux = existsSync("/proc/self/status");

describe.skipIf(!built || !isLinux)("a dense lock file just below its limit is read within 300 MiB", () => {
  test("as that of pnpm is, which takes most", () => {
    const report = join(folder, "report.json");
    writeFileSync(join(folder, "pnpm-lock.yaml"), densest());

    const options = ["--scanners", "license", "--no-cache", "--offline", "--quiet", "--format", "json"];
    const held = peak([program, "fs", folder, ...options, "--output", report]);

    const { packages } = JSON.parse(readFileSync(report, "utf8")) as { readonly packages: readonly unknown[] };
    expect(packages).toHaveLength(25_000);
    expect(held).toBeLessThan(mostMemory);
  });

  test("whatever the process holds that begins it", () => {
    const held = Buffer.alloc(2 * mostMemory * MiB, 1);

    expect(peak(["-e", ""])).toBeLessThan(mostMemory);
    expect(held).toHaveLength(2 * mostMemory * MiB);
  });

  test("and a program that holds more is found out", () => {
    expect(peak(["-e", `Buffer.alloc(${mostMemory * MiB}, 1)`])).toBeGreaterThan(mostMemory);
  });
});
