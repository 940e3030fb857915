// `npm run pack-check`: packs every published package as npm would get it and checks the tarballs: publint and "are the types
// wrong", then an empty project outside the workspace that installs them, runs the README's examples, and type-checks as
// consumers do. Needs the npm registry for the few dependencies from outside.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { dockerArchive, ociLayoutFiles } from "@plimsoll/testkit";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { build, install, root, runPnpm, say } from "./steps.mjs";

let failures = 0;

function check(name, problems) {
  say(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}`);
  for (const problem of problems) say(`       ${problem}`);
  failures += problems.length === 0 ? 0 : 1;
}

async function checkTarball(file) {
  const bytes = readFileSync(file);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  check(
    `publint ${pkg.name}`,
    messages.map((message) => formatMessage(message, pkg) ?? message.code),
  );
  const { problems = [] } = await checkPackage(createPackageFromTarballData(bytes));
  const wrong = problems.filter(({ resolutionKind }) => resolutionKind !== "node10");
  check(
    `types of ${pkg.name}`,
    wrong.map(({ kind, entrypoint = "", resolutionKind = "" }) => `${kind} ${entrypoint} ${resolutionKind}`),
  );
}

function write(folder, files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Output of a command in the project; undefined and a failed check when it fails. */
function runIn(project, name, command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, PLIMSOLL_CACHE_DIR: join(project, "cache"), ...env },
  });
  check(
    name,
    status === 0 ? [] : [error?.message ?? `exit code ${status}`, ...`${stdout}${stderr}`.trim().split("\n")],
  );
  return status === 0 ? stdout : undefined;
}

function expectText(name, text, wanted) {
  if (text !== undefined) check(name, text.includes(wanted) ? [] : [`"${wanted}" is not in: ${text.slice(0, 500)}`]);
}

const image = {
  name: "app",
  layers: [
    { "etc/os-release": "ID=alpine\nVERSION_ID=3.10.1\n" },
    {
      "srv/node_modules/lodash/package.json": '{"name":"lodash","version":"4.17.4"}',
      "srv/Chart.lock": "dependencies:\n- name: redis\n  repository: https://charts.example\n  version: 19.0.1\n",
    },
  ],
  createdBy: ["ADD rootfs", "RUN npm install"],
};

async function checkProject(tarballs, project) {
  const layout = await ociLayoutFiles(image);
  write(project, {
    "package.json": '{ "private": true, "name": "consumer" }\n',
    "app.tar": await dockerArchive(image),
    ...Object.fromEntries(Object.entries(layout).map(([path, bytes]) => [`layout/${path}`, bytes])),
  });
  const packages = [...tarballs, "typescript@5.9", "@types/node@20"];
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const installed = runIn(project, "npm install into an empty project", npm, [
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    ...packages,
  ]);
  if (installed === undefined) return;

  const feeds = join(root, "examples/first-scan/advisories");
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  runIn(project, "npx plimsoll db build", npx, ["--offline", "plimsoll", "db", "build", "--from", feeds]);
  const scan = ["--offline", "plimsoll", "image", "--input", "app.tar", "--offline", "--format", "json"];
  expectText("npx plimsoll finds", runIn(project, "npx plimsoll image", npx, scan), "CVE-2019-10744");

  const samples = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/^```ts\n([^]*?)^```/gm)].map(
    ([, code]) => code,
  );
  const shown = samples.map((code, index) => {
    write(project, { [`sample-${index}.mjs`]: code, [`typed/sample-${index}.mts`]: code });
    return runIn(project, `README sample ${index + 1} runs`, process.execPath, [`sample-${index}.mjs`]);
  });
  expectText("README sample 1 finds", shown[0], "CVE-2019-10744");
  expectText("the last README sample writes an SBOM", shown.at(-1), '"bomFormat"');

  write(project, {
    "required.cjs":
      'const { versionScheme } = require("plimsoll");\nconsole.log(versionScheme("npm").compare("1.0.0", "2.0.0"));\n',
    "typed/dynamic.cts":
      'export async function scan(): Promise<string> {\n  const { scanImage } = await import("plimsoll");\n  return (await scanImage("app.tar")).coverage.verdict;\n}\n',
    "typed/types.cts":
      'import type { Report } from "plimsoll" with { "resolution-mode": "import" };\nexport const verdictOf = (report: Report): string => report.coverage.verdict;\n',
    "typed/required.cts":
      'import { scanImage } from "plimsoll";\nexport const scan = async (): Promise<number> => (await scanImage("app.tar")).packages.length;\n',
  });
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19))
    expectText("require() works", runIn(project, "a CommonJS file", process.execPath, ["required.cjs"]), "-1");
  const tsc = join(project, "node_modules/typescript/bin/tsc");
  const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2023", "--types", "node"];
  const typed = (...names) => names.map((name) => `typed/${name}`);
  const modules = samples.map((_, index) => `sample-${index}.mts`);
  // The types are the same under every resolution; the Node entry has a name of its own, too.
  write(project, {
    "typed/bundled.ts":
      'import { scanImage } from "plimsoll/node";\nexport const scan = async (): Promise<number> => (await scanImage("app.tar")).packages.length;\n',
    "typed/neutral.ts":
      'import { imageArchive, memoryStore, scanImage } from "plimsoll";\nexport const scan = (bytes: Uint8Array) => scanImage(imageArchive(bytes), { advisories: memoryStore([]) });\n',
  });
  for (const [name, module, resolution, files, ...more] of [
    ["node16", "node16", "node16", typed(...modules, "dynamic.cts", "types.cts", "required.cts")],
    ["nodenext", "nodenext", "nodenext", typed(...modules, "dynamic.cts", "types.cts", "required.cts")],
    ["bundler", "esnext", "bundler", typed(...modules, "bundled.ts", "neutral.ts")],
    ["bundler, for Node", "esnext", "bundler", typed(...modules, "bundled.ts"), "--customConditions", "node"],
  ])
    runIn(project, `types under moduleResolution ${name}`, process.execPath, [
      tsc,
      ...strict,
      "--module",
      module,
      "--moduleResolution",
      resolution,
      ...more,
      ...files,
    ]);
}

const folder = mkdtempSync(join(tmpdir(), "plimsoll-pack-"));
try {
  if (install() || build()) throw new Error("the packages cannot be built");
  const packed = join(folder, "tarballs");
  mkdirSync(packed);
  // The command is published inside of the package that is named like it.
  const filters = ["--filter", "./packages/*", "--filter", "!@plimsoll/testkit", "--filter", "!@plimsoll/cli"];
  if (runPnpm(["-r", ...filters, "pack", "--pack-destination", packed], { stdio: ["ignore", "ignore", 2] }) !== 0)
    throw new Error("packing failed");
  const tarballs = readdirSync(packed)
    .sort()
    .map((name) => join(packed, name));
  for (const file of tarballs) await checkTarball(file);
  const project = join(folder, "consumer");
  mkdirSync(project);
  await checkProject(tarballs, project);
} catch (error) {
  check(error.message, [String(error.stack)]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
