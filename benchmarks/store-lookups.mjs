// How large is an advisory store, what does building it take, and how fast do open and look-ups answer?
//
//   node benchmarks/store-lookups.mjs                      500 000 generated advisories
//   node benchmarks/store-lookups.mjs path/to/osv-mirror   the feeds of a directory
//
// Build the packages first (npm run setup). Everything generated comes from a seed, so runs are comparable.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAdvisories, openAdvisories } from "../packages/node/dist/index.js";

/** Each step in a process of its own, so that peak memory and cold starts are its own. */
function run(mirror) {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
  try {
    const file = join(folder, "bench.plimsoll");
    process.stdout.write(step("--build", file, mirror ?? ""));
    console.log(`size            ${(statSync(file).size / 1e6).toFixed(1)} MB`);
    const opens = Array.from({ length: 9 }, () => JSON.parse(step("--open", file)));
    const [elapsed, used] = ["elapsed", "used"].map((name) => opens.map((each) => each[name]));
    console.log(`open            ${median(elapsed)} ms, least ${Math.min(...elapsed).toFixed(1)} ms, of 9 processes`);
    console.log(`  processor     ${median(used)} ms, which other programs do not lengthen`);
    process.stdout.write(step("--read", file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function step(...parameters) {
  return execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...parameters], { encoding: "utf8" });
}

async function build(output, mirror) {
  const started = performance.now();
  const seed = join(output, "..", "generated.seed");
  writeFileSync(seed, "500000");
  const result = await buildAdvisories(
    mirror === "" ? { from: [seed], output, feeds: [generated] } : { from: [mirror], output },
  );
  const records = result.sources.reduce((sum, source) => sum + source.records, 0);
  console.log(`records         ${records}`);
  console.log(`build           ${((performance.now() - started) / 1000).toFixed(1)} s`);
  console.log(`peak RSS        ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}

/** Opening and one look-up, as a scan begins. */
async function open(file) {
  const before = process.cpuUsage();
  const started = performance.now();
  const opened = await openAdvisories(file);
  await opened.find([{ namespace: opened.namespaces[0], name: "openssl", version: "1" }]);
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ elapsed, used: (user + system) / 1000 }));
  await opened.close();
}

async function read(file) {
  const first = await openAdvisories(file);
  const keys = await sampleKeys(first);
  await lookUp("warm", first, keys, 5);
  await first.close();
  const cold = await openAdvisories(file, { cacheBytes: 0 });
  await lookUp("from blocks", cold, keys, 2);
  const all = performance.now();
  await cold.find(keys);
  console.log(`1000 at once    ${(performance.now() - all).toFixed(1)} ms`);
  await cold.close();
}

/** Names that are there, found through advisories of the generator or common names of real mirrors. */
async function sampleKeys(opened) {
  const random = generator(7);
  const names = ["openssl", "curl", "linux", "bash", "musl", "zlib", "glibc", "nginx", "django", "lodash", "rails"];
  const keys = [];
  while (keys.length < 1000) {
    const namespace = opened.namespaces[Math.floor(random() * opened.namespaces.length)];
    const name =
      random() < 0.5 ? `package-${Math.floor(random() * 90_000)}` : names[Math.floor(random() * names.length)];
    keys.push({ namespace, name, version: "1" });
  }
  return keys;
}

async function lookUp(label, opened, keys, rounds) {
  for (const key of keys) await opened.find([key]);
  const hits = [];
  const misses = [];
  for (let round = 0; round < rounds; round++) {
    for (const key of keys) {
      const started = performance.now();
      const [found] = await opened.find([key]);
      (found.length > 0 ? hits : misses).push((performance.now() - started) * 1000);
    }
  }
  const tenth = hits.sort((a, b) => a - b)[Math.floor(hits.length / 10)]?.toFixed(1) ?? "-";
  console.log(
    `${label.padEnd(15)} hit ${median(hits)} µs (${hits.length / rounds}), a tenth below ${tenth} µs, miss ${median(misses)} µs`,
  );
}

function median(values) {
  return values.length === 0 ? "-" : values.sort((a, b) => a - b)[Math.floor(values.length / 2)].toFixed(1);
}

/** mulberry32 */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const releases = [
  ...["12", "13"].map((release) => `Debian:${release}`),
  ...["22.04:LTS", "24.04:LTS"].map((release) => `Ubuntu:${release}`),
  ...["v3.19", "v3.20", "v3.21"].map((release) => `Alpine:${release}`),
  "npm",
  "PyPI",
  "Maven",
  "Go",
  "crates.io",
];
const words =
  "a an attacker remote crafted request buffer overflow heap stack parser in the of allows denial service before version header input validation missing function module could execute code arbitrary file path traversal through memory use after free integer user authentication bypass".split(
    " ",
  );

/** Three of four advisories are a distribution's, without texts, as in the public database; the rest have a description. */
const generated = {
  id: "generated",
  accepts: (name) => name.endsWith("generated.seed"),
  async *parse() {
    const random = generator(42);
    const pick = (list) => list[Math.floor(random() * list.length)];
    for (let at = 0; at < 500_000; at++) {
      const described = random() < 0.25;
      const namespace = described ? pick(releases.slice(7)) : pick(releases.slice(0, 7));
      const id = `${described ? "GHSA" : namespace.split(":")[0].toUpperCase()}-CVE-${2000 + (at % 26)}-${10_000 + at}`;
      const cve = id.slice(id.indexOf("CVE"));
      // Few packages have many advisories.
      const name = `package-${Math.floor(random() ** 2 * 90_000)}`;
      const version = () => `${Math.floor(random() * 20)}.${Math.floor(random() * 40)}.${Math.floor(random() * 60)}`;
      const text = (length) => Array.from({ length }, () => pick(words)).join(" ");
      yield {
        kind: "advisory",
        advisory: {
          id,
          source: `generated/${namespace.split(":")[0]}`,
          aliases: described ? [cve] : [],
          ...(described ? {} : { upstream: [cve] }),
          published: `20${10 + (at % 16)}-0${1 + (at % 9)}-1${at % 10}T0${at % 10}:00:00Z`,
          modified: `2025-0${1 + (at % 9)}-1${at % 10}T0${at % 10}:${10 + (at % 50)}:00Z`,
          ...(described ? { summary: text(8), details: text(60) } : {}),
          severities: described
            ? [
                {
                  system: "cvss-3.1",
                  value: `CVSS:3.1/AV:${pick([..."NALP"])}/AC:${pick([..."LH"])}/PR:${pick([..."NLH"])}/UI:${pick([..."NR"])}/S:U/C:${pick([..."NLH"])}/I:${pick([..."NLH"])}/A:${pick([..."NLH"])}`,
                  source: "ghsa",
                },
              ]
            : [],
          references: described
            ? [
                `https://github.com/${name}/${name}/security/advisories/${id}`,
                `https://nvd.nist.gov/vuln/detail/${cve}`,
              ]
            : [`https://security.example/${cve}`],
          affected: Array.from({ length: described ? 1 : 1 + Math.floor(random() * 3) }, (_, index) => ({
            advisory: id,
            namespace: index === 0 ? namespace : pick(releases.slice(0, 7)),
            name,
            ranges: [{ introduced: "0", end: { kind: "fixed", version: version() } }],
          })),
        },
      };
    }
  },
};

const [argument, store, ...rest] = process.argv.slice(2);
if (argument === "--build") await build(store, rest[0]);
else if (argument === "--open") await open(store);
else if (argument === "--read") await read(store);
else run(argument);
