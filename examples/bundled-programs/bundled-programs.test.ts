import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** One file of every bundler finds what the program finds, in an image whose layer is large enough for a thread of its own. */

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const built = existsSync(here("../../packages/plimsoll/dist/node.js"));
if (!built) console.warn("the packages are not built: nothing is bundled (npm run setup builds them)");

let folder = "";
let expected = "";

function run(program: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const args = [program, join(folder, "app.tar"), join(folder, "advisories.plimsoll")];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: folder });
  return { status, stdout, stderr };
}

describe.skipIf(!built)("a bundle", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-bundled-"));
    const layer = {
      "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.4"}',
      "opt/model.bin": new Uint8Array(64 * 1024 * 1024),
      "srv/node_modules/ms/package.json": '{"name":"ms","version":"0.7.0"}',
    };
    writeFileSync(join(folder, "app.tar"), await dockerArchive({ name: "app", layers: [layer] }));
    const output = join(folder, "advisories.plimsoll");
    const build = ["db", "build", "--from", here("../first-scan/advisories"), "--output", output];
    expect(spawnSync(process.execPath, [here("../../packages/plimsoll/bin/plimsoll.js"), ...build]).status).toBe(0);
    const whole = run(here("scan.mjs"));
    expect(whole).toMatchObject({ status: 0, stderr: "" });
    expect(whole.stdout).toMatch(/^CVE-2019-10744 pkg:npm\/lodash@4\.17\.4\n[^]*2 packages, coverage is complete\n$/);
    expected = whole.stdout;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["esbuild-esm.mjs", "esbuild-cjs.cjs", "webpack.cjs", "rollup.mjs", "rolldown.mjs"])(
    "%s runs where nothing else is installed",
    async (name) => {
      const file = join(folder, name);
      // In a process of its own: this one resolves packages to their sources.
      const make = `const { bundlers } = await import(${JSON.stringify(here("bundle.mjs"))}); await bundlers[${JSON.stringify(name)}](${JSON.stringify(file)});`;
      const made = spawnSync(process.execPath, ["--input-type=module", "--eval", make], { encoding: "utf8" });

      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect(run(file)).toEqual({ status: 0, stdout: expected, stderr: "" });
    },
    600_000,
  );
});
