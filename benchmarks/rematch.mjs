// How long does it take to match a stored inventory of 500 packages again?
//
//   node benchmarks/rematch.mjs                            the mirror of ../shared/data/osv, when it is there
//   node benchmarks/rematch.mjs path/to/osv-mirror         another directory laid out like the OSV bucket
//
// The packages are names that the mirror speaks of, so that none is cheap: every fourth is old enough to have whatever was
// ever found in it, the others are newer than every fix.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);
const shares = [
  { folder: "Debian", namespace: "Debian:11", ecosystem: "deb", purl: "pkg:deb/debian", newest: "99:1-1", count: 300 },
  { folder: "npm", namespace: "npm", ecosystem: "npm", purl: "pkg:npm", newest: "9999.0.0", count: 150 },
  { folder: "PyPI", namespace: "PyPI", ecosystem: "pypi", purl: "pkg:pypi", newest: "9999.0.0", count: 50 },
];

async function run(mirror) {
  if (!existsSync(mirror)) return console.log(`rematch: skipped, ${mirror} is not here`);
  const { buildAdvisories } = await import("plimsoll");
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
  try {
    const db = join(folder, "bench.plimsoll");
    const stored = join(folder, "inventory.json");
    const { sources } = await buildAdvisories({ from: [mirror], output: db });
    console.log(`advisories      ${sources.reduce((sum, { records }) => sum + records, 0)}`);
    writeFileSync(stored, JSON.stringify(await inventoryOf(mirror)));
    // Node reads the certificates that it names at every start.
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    process.stdout.write(execFileSync(process.execPath, [here, "--measure", db, stored], { encoding: "utf8", env }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Names that the mirror speaks of, evenly taken from all of them. */
async function inventoryOf(mirror) {
  const packages = [];
  for (const { folder, namespace, ecosystem, purl, newest, count } of shares) {
    const names = await namesIn(join(mirror, folder, "all.zip"), namespace);
    for (let at = 0; at < count; at++) {
      const name = names[Math.floor((at * names.length) / count)];
      const version = packages.length % 4 === 0 ? "0.0.1" : newest;
      const id = `${purl}/${name}@${version}`;
      const locations = [
        { path: `${name}/manifest`, layer: { index: 0, diffId: `sha256:${"0".repeat(64)}` }, evidence: "installed" },
      ];
      packages.push({ id, name, version, ecosystem, purl: id, locations });
    }
  }
  const distro = { id: "debian", versionId: "11" };
  return {
    schemaVersion: 2,
    artifact: { name: "bench", kind: "container-image", distro, layers: [] },
    packages,
    diagnostics: [],
  };
}

async function namesIn(file, namespace) {
  const { openZip } = await import("@plimsoll/formats");
  const { openFileBytes } = await import("@plimsoll/node");
  const bytes = openFileBytes(file);
  const names = new Set();
  const archive = await openZip(bytes);
  for (const entry of archive.entries) {
    const { affected = [] } = JSON.parse(new TextDecoder().decode(await archive.read(entry)));
    for (const { package: pkg } of affected) if (pkg?.ecosystem === namespace) names.add(pkg.name);
  }
  await bytes.close();
  return [...names].sort();
}

function middle(sorted) {
  return sorted[Math.floor(sorted.length / 2)];
}

/** Rounds until the engine has compiled what is hot; told apart, because a service passes them once. */
const warmUp = 20;

/** In a process of its own: the first match runs code for the first time and expands blocks, later ones are those of a service. */
async function measure(db, stored) {
  const asked = performance.now();
  const { openAdvisories, rematch } = await import("plimsoll");
  const loaded = performance.now();
  const inventory = JSON.parse(readFileSync(stored, "utf8"));
  const store = await openAdvisories(db);
  const times = [];
  const busy = [];
  let findings = 0;
  for (let round = 0; round < 81; round++) {
    const started = performance.now();
    const used = process.cpuUsage();
    findings = (await rematch(inventory, store)).vulnerabilities.length;
    const { user, system } = process.cpuUsage(used);
    times.push(performance.now() - started);
    busy.push((user + system) / 1000);
  }
  await store.close();
  const [first] = times;
  const early = times.slice(1, warmUp).sort((a, b) => a - b);
  const later = times.slice(warmUp).sort((a, b) => a - b);
  // On a busy machine the clock tells of the others.
  const processor = busy.slice(warmUp).sort((a, b) => a - b);
  console.log(`packages        ${inventory.packages.length}, findings ${findings}`);
  console.log(`import          ${(loaded - asked).toFixed(1)} ms`);
  console.log(`first           ${first.toFixed(1)} ms`);
  console.log(`next ${warmUp - 1}, median ${middle(early).toFixed(1)} ms`);
  console.log(`later, median   ${middle(later).toFixed(1)} ms (wanted: 20)`);
  console.log(`later, best     ${later[0].toFixed(1)} ms`);
  console.log(`processor time  ${processor[0].toFixed(1)} ms best, ${middle(processor).toFixed(1)} ms median`);
}

const [argument, ...rest] = process.argv.slice(2);
if (argument === "--measure") await measure(...rest);
else await run(argument ?? fileURLToPath(new URL("../../shared/data/osv", import.meta.url)));
