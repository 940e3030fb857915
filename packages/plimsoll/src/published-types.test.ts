import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The README's code type-checks in a project of its own, however its compiler looks for packages. */

const root = fileURLToPath(new URL("../../../", import.meta.url));
const umbrella = join(root, "packages", "plimsoll");
const built = existsSync(join(umbrella, "dist", "node.d.cts"));
if (!built)
  console.warn("the packages are not built: nothing is type-checked against them (npm run setup builds them)");

let folder = "";
const names: string[] = [];
const required: string[] = [];

/** The same code in a file of CommonJS, where nothing is awaited outside of a function. */
function asCommonJs(code: string): string {
  const imports = code.match(/^import [^]*?;$/gm) ?? [];
  const rest = imports.reduce((text, line) => text.replace(line, ""), code);
  return `${imports.join("\n")}\nexport async function main(): Promise<void> {\n${rest}\n}\n`;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-types-"));
  mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
  symlinkSync(umbrella, join(folder, "node_modules", "plimsoll"));
  symlinkSync(
    join(root, "packages", "cli", "node_modules", "@types", "node"),
    join(folder, "node_modules", "@types", "node"),
  );
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const [at, [, code = ""]] of [...readme.matchAll(/^```ts\n([^]*?)^```/gm)].entries()) {
    names.push(`sample-${at}.mts`);
    writeFileSync(join(folder, `sample-${at}.mts`), code);
    required.push(`sample-${at}.cts`);
    writeFileSync(join(folder, `sample-${at}.cts`), asCommonJs(code));
  }
  required.push("required.cts");
  writeFileSync(
    join(folder, "required.cts"),
    [
      'import plimsoll = require("plimsoll");',
      'import { ScanError, scanImage } from "plimsoll";',
      'import { scanImage as neutral } from "plimsoll/neutral";',
      'import { apk, npm } from "plimsoll/ecosystems";',
      'import type { Report, ScanOptions, Vulnerability } from "plimsoll";',
      "const options: ScanOptions = { ecosystems: [apk, npm] };",
      "export const neutralScan: typeof neutral = neutral;",
      "export const scan = async (): Promise<number> => (await plimsoll.scanImage('a.tar', options)).vulnerabilities.length;",
      "export const first = async (): Promise<Vulnerability | undefined> => (await scanImage('a.tar')).vulnerabilities[0];",
      "export const failure = (error: unknown): string => (error instanceof ScanError ? error.failure.kind : 'other');",
      "export const verdictOf = (report: Report): string => report.coverage.verdict;",
      "// @ts-expect-error an image is no number",
      "void scanImage(1);",
      "",
    ].join("\n"),
  );
  // A source of one's own, as outside of Node.
  writeFileSync(
    join(folder, "neutral.mts"),
    'import { imageArchive, memoryStore, scanImage } from "plimsoll";\nexport const scan = (bytes: Uint8Array) => scanImage(imageArchive(bytes), { advisories: memoryStore([]) });\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!built)("the README's code type-checks", () => {
  test.each([
    ["node16", "node16", "ES modules"],
    ["node16", "node16", "CommonJS"],
    ["nodenext", "nodenext", "ES modules"],
    ["nodenext", "nodenext", "CommonJS"],
    ["esnext", "bundler", "ES modules"],
    ["preserve", "bundler", "ES modules"],
    ["preserve", "bundler", "CommonJS"],
  ])("with module %s and moduleResolution %s, in %s", (module, resolution, form) => {
    expect(names.length).toBeGreaterThan(0);
    const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2023", "--types", "node"];
    const args = [
      ...strict,
      "--module",
      module,
      "--moduleResolution",
      resolution,
      ...(form === "CommonJS" ? required : [...names, "neutral.mts"]),
    ];
    const { status, stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], {
      cwd: folder,
      encoding: "utf8",
    });

    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});
