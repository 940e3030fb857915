// `npm run runtimes`: fetches Bun and Deno from the npm registry (94 MB, Linux on x64 only) into a folder that is removed again, and
// runs the tests of examples/other-runtimes with them, which `npm test` skips where the programs are not on PATH.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build, install, run, say } from "./steps.mjs";

/** Where each package holds its program. */
const programs = {
  bun: { package: "@oven/bun-linux-x64", path: "bin/bun" },
  deno: { package: "@deno/linux-x64-glibc", path: "deno" },
};

if (process.platform !== "linux" || process.arch !== "x64") {
  say("Skipped: the packages of Bun and Deno that are fetched hold programs for Linux on x64.");
} else if (install() || build()) process.exitCode = 1;
else {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-engines-"));
  try {
    process.exitCode = runWith(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runWith(folder) {
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const names = Object.values(programs).map((program) => program.package);
  // Nothing of theirs runs while they are installed.
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", ...names];
  if (spawnSync("npm", args, { cwd: folder, stdio: ["ignore", 2, 2] }).status !== 0) return 1;
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const [name, { package: from, path }] of Object.entries(programs)) {
    const program = join(folder, "node_modules", from, path);
    chmodSync(program, 0o755);
    symlinkSync(program, join(bin, name));
  }
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, PLIMSOLL_ENGINES: "all" };
  const tests = ["run", "--config", "packages/testkit/vitest.config.mjs", "examples/other-runtimes"];
  return run(process.execPath, ["node_modules/vitest/vitest.mjs", ...tests], { env });
}
