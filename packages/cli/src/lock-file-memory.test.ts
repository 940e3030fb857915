import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** The most entries that the limits let in, as short as they can be: 160,000 of what is read entry by entry, else as many as may have values. */
const densest: Readonly<Record<string, () => string>> = {
  "pnpm-lock.yaml": () => `lockfileVersion: '9.0'\npackages:\n${entries(159_900, (name) => `  ${name}@1.0.0: {}\n`)}`,
  "yarn.lock": () => `# yarn lockfile v1\n\n${entries(159_900, (name) => `${name}@1:\n  version "1"\n\n`)}`,
  "Cargo.lock": () => entries(127_900, (name) => `[[package]]\nname="${name}"\nversion="1"\n`),
  "composer.lock": () => `{"packages":[${entries(159_900, (name) => `{"name":"${name}","version":"1"},`)}{}]}`,
  "verification-metadata.xml": () =>
    `<verification-metadata><components>${entries(25_000, (name) => `<component group="g" name="${name}" version="1"/>`)}${"<a/>".repeat(1_179_900)}</components></verification-metadata>`,
  "package-lock.json": () =>
    `{"lockfileVersion":3,"packages":{"":{}${entries(25_000, (name) => `,"node_modules/${name}":{"version":"1"}`)}${entries(134_900, (name) => `,"${name}":{}`)}}}`,
};

function entries(count: number, entry: (name: string) => string): string {
  return Array.from({ length: count }, (_, at) => entry(`p${at.toString(36)}`)).join("");
}

const isLinux = existsSync("/proc/self/status");

describe.skipIf(!built || !isLinux)("a dense lock file just below its limit is read within 300 MiB", () => {
  test.each(Object.entries(densest))("%s", (name, make) => {
    const root = join(folder, `dense-${name}`);
    mkdirSync(root);
    const report = join(folder, "report.json");
    writeFileSync(join(root, name), make());

    const options = ["--scanners", "license", "--no-cache", "--offline", "--quiet", "--format", "json"];
    const held = peak([program, "fs", root, ...options, "--output", report]);

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
