// How long does the program take to start, beside Node itself?
//
//   node benchmarks/start.mjs [rounds]        9 unless told
//
// Everything takes turns, so that load hits all alike; told is the fastest and the median round of each, in processor time
// and by the clock, as multiples of `node -e 0`. The first round, which compiles, is not counted. Peers on PATH start, too.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isOnPath, measured } from "./measured-process.mjs";

const cli = fileURLToPath(new URL("../packages/cli/bin/plimsoll.js", import.meta.url));
const rounds = Number(process.argv[2] ?? 9);
const folder = mkdtempSync(join(tmpdir(), "plimsoll-start-bench-"));

const names = ["lodash", "minimist", "express", "qs", "axios", "ws", "debug", "ms", "semver", "tar"];
const components = names.map((name) => ({ type: "library", name, version: "1.0.0", purl: `pkg:npm/${name}@1.0.0` }));
const affected = [
  { package: { ecosystem: "npm", name: "qs" }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }] },
];
const installed = Array.from({ length: 14 }, (_, index) => `P:package-${index}\nV:1.0.${index}-r0\nA:x86_64\n\n`);
const files = { "etc/os-release": "ID=alpine\nVERSION_ID=3.10.9\n", "lib/apk/db/installed": installed.join("") };

try {
  mkdirSync(join(folder, "osv", "npm"), { recursive: true });
  const record = { id: "GHSA-1", modified: "2020-01-01T00:00:00Z", affected };
  writeFileSync(join(folder, "osv", "npm", "GHSA-1.json"), JSON.stringify(record));
  writeFileSync(join(folder, "bom.json"), JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", components }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, "root", dirname(path)), { recursive: true });
    writeFileSync(join(folder, "root", path), text);
  }
  const plimsoll = (...args) => [process.execPath, cli, ...args];
  const run = ([command, ...args]) => measured(command, args, { cwd: folder });
  await run(plimsoll("db", "build", "--from", "osv", "--output", "db.plimsoll"));
  const scan = ["--db", "db.plimsoll", "--offline", "--quiet", "--cache-dir", "cache"];
  const commands = [
    ["node -e 0", [process.execPath, "-e", "0"]],
    ["plimsoll --help", plimsoll("--help")],
    ["plimsoll --version", plimsoll("--version")],
    ["plimsoll sbom, ten components", plimsoll("sbom", "bom.json", ...scan)],
    ["plimsoll rootfs, fourteen packages", plimsoll("rootfs", "root", "--scanners", "vuln", ...scan)],
    ...["trivy", "grype", "syft", "osv-scanner"]
      .filter(isOnPath)
      .map((peer) => [`${peer} --version`, [peer, "--version"]]),
  ];
  const figures = commands.map(() => []);
  for (let round = 0; round <= rounds; round++)
    for (const [index, [, command]] of commands.entries()) {
      const one = await run(command);
      if (round > 0) figures[index]?.push(one);
    }
  const told = (index, kind) => {
    const sorted = figures[index].map((each) => each[kind]).sort((a, b) => a - b);
    return [sorted[0], sorted[Math.floor(sorted.length / 2)]];
  };
  commands.forEach(([name], index) => {
    const columns = Object.entries({ processor: "processorMs", clock: "ms" }).map(([label, kind]) => {
      const [best, median] = told(index, kind).map((value, at) => value / told(0, kind)[at]);
      return `${label} ratio ${best.toFixed(2)} (median ${median.toFixed(2)})`;
    });
    const [best] = told(index, "processorMs");
    console.log(`${name.padEnd(42)} ${columns.join(", ")}, ${best.toFixed(0)} ms`);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
