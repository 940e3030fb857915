// What `npm start` and `npm test` share: install when needed, build what changed. Plain JavaScript, because it runs
// before anything is installed. Progress goes to stderr, so that stdout belongs to the program.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const stamp = join(root, "node_modules", ".plimsoll-setup");

export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a command in the repository; stdout of the command becomes our stderr unless `stdio` says otherwise. */
export function run(command, args, { stdio = ["inherit", 2, 2], env = process.env } = {}) {
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio, env });
  if (error !== undefined) say(`${command}: ${error.message}`);
  return error !== undefined || signal !== null ? 1 : (status ?? 1);
}

/** Runs a script of an installed tool with the Node that runs us. */
export function runTool(script, args, options) {
  return run(process.execPath, [join(root, "node_modules", script), ...args], options);
}

/** Installs the workspace. */
export function install() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(`Plimsoll needs Node 20.19 or newer, this is ${process.versions.node}.`);
    return 1;
  }
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return 0;
  say("Installing dependencies …");
  const status = runPnpm(["install", "--frozen-lockfile", "--prefer-offline"]);
  if (status === 0) writeFileSync(stamp, wanted);
  else
    say(
      "The installation failed. It needs the npm registry once; a proxy or mirror goes into npm's own configuration.",
    );
  return status;
}

/** Runs pnpm in the version of the workspace through npm's own `npm exec`: nothing global is touched. */
export function runPnpm(args, options = {}) {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const all = ["exec", "--yes", `--package=${packageManager}`, "--", "pnpm", ...args];
  // pnpm must not ask before it replaces a node_modules folder that another tool made.
  const env = { ...process.env, CI: process.env.CI ?? "true" };
  const npm = npmScript();
  return npm === undefined
    ? run(process.platform === "win32" ? "npm.cmd" : "npm", all, { ...options, env })
    : run(process.execPath, [npm, ...all], { ...options, env });
}

/** npm's own program, so that no shell is needed to start it. */
function npmScript() {
  const running = process.env.npm_execpath;
  if (running?.endsWith("npm-cli.js") && existsSync(running)) return running;
  const beside = join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  return existsSync(beside) ? beside : undefined;
}

/** Changes when an installation would give something else. */
function fingerprint() {
  const hash = createHash("sha256").update(process.versions.modules);
  const manifests = ["packages", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json")),
  );
  for (const file of [
    "package.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    join("benchmarks", "package.json"),
    ...manifests.sort(),
  ]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(file).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/**
 * Compiles what changed, TypeScript's build mode keeps its own record of that, bundles each package for Node, makes what CommonJS
 * requires, and bundles the command and the service anew if need be.
 */
export function build() {
  return (
    runTool("typescript/bin/tsc", ["-b"]) ||
    bundleLibraries() ||
    run(process.execPath, ["packages/testkit/tasks/required.mjs"]) ||
    run(process.execPath, ["packages/cli/tasks/bundle.mjs"]) ||
    run(process.execPath, ["packages/server/tasks/bundle.mjs"])
  );
}

/** Bundles the packages that were compiled anew. */
export function bundleLibraries() {
  return run(process.execPath, ["packages/cli/tasks/libraries.mjs"]);
}
