import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The README's code type-checks in a project of its own, however its compiler looks for packages. */

const root = fileURLToPath(new URL("../../../", import.meta.url));
const umbrella = join(root, "packages", "plimsoll");
const built = existsSync(join(umbrella, "dist", "node.d.ts"));
if (!built)
  console.warn("the packages are not built: nothing is type-checked against them (npm run setup builds them)");

let folder = "";
const names: string[] = [];

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
  }
  writeFileSync(
    join(folder, "required.cts"),
    'import { scanImage } from "plimsoll";\nexport const scan = async (): Promise<number> => (await scanImage("a.tar")).vulnerabilities.length;\n',
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
    ["node16", "node16", []],
    ["nodenext", "nodenext", ["required.cts"]],
    ["esnext", "bundler", []],
    ["preserve", "bundler", ["required.cts"]],
  ])("with module %s and moduleResolution %s", (module, resolution, more) => {
    expect(names.length).toBeGreaterThan(0);
    const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2023", "--types", "node"];
    const args = [...strict, "--module", module, "--moduleResolution", resolution, ...names, "neutral.mts", ...more];
    const { status, stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], {
      cwd: folder,
      encoding: "utf8",
    });

    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});
