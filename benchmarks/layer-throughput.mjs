// How fast are layers read, and every package database found? As ratios to `gzip -dc` and `igzip -dc` of the same layers,
// in the same run, interleaved, medians of some rounds; by the clock, and in processor time, which other work on the
// machine disturbs less. `node benchmarks/layer-throughput.mjs [folder [rounds]]`; the folder keeps the image between runs.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openAsBlob, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianImage, missingTool } from "./debian-image.mjs";

const here = fileURLToPath(import.meta.url);
const [mode, ...rest] = process.argv.slice(2);
if (mode === "--measure") await measure(...rest);
else if (mode === "--nothing") console.log(peakMebibytes());
else await compare(mode, Number(rest[0] ?? 5));

/**
 * One measurement in a fresh process: milliseconds, and the peak of its memory. `databases` leaves out the analyzers that
 * look into programs: those have to hold a program to read it, however large it is.
 */
async function measure(what, which, layout, cacheDirectory) {
  const { takeInventory } = await import("@plimsoll/inventory");
  const { everyEcosystem } = await import("@plimsoll/ecosystems");
  const { directoryCache, imageFile, layerThreads } = await import("@plimsoll/node");
  const ecosystems = which === "everything" ? everyEcosystem : everyEcosystem.map(databasesOf);
  const [only, how] = what.match(/^layer-(\d)(.*)$/)?.slice(1) ?? [];
  const source =
    how === " of a page"
      ? await imageOfPage(layout)
      : imageFile(layout, {
          verify: what === "verified",
          ...(how === " without threads" ? { readLayer: layerThreads({ maxThreads: 0 }) } : {}),
        });
  const chosen =
    only === undefined
      ? source
      : { ...source, open: async (options) => pick(await source.open(options), Number(only)) };
  const cache = cacheDirectory === undefined ? undefined : directoryCache(cacheDirectory);
  const run = async () => {
    const started = performance.now();
    const cpuBefore = process.cpuUsage();
    const { packages } = await takeInventory(chosen, { ecosystems, cache });
    const { user, system } = process.cpuUsage(cpuBefore);
    return { ms: performance.now() - started, cpu: (user + system) / 1000, packages: packages.length };
  };
  // The first warm scan in a process pays for loading code; a service pays once.
  if (cache !== undefined) await run();
  console.log(JSON.stringify({ ...(await run()), rss: peakMebibytes() }));
}

/** The image as a page has it: files that are blobs, read by the core that knows no Node, in one thread. */
async function imageOfPage(layout) {
  const { ociLayout } = await import("plimsoll/neutral");
  const get = async (path) => {
    const file = join(layout, path);
    if (!existsSync(file)) return undefined;
    const blob = await openAsBlob(file);
    const bytes = {
      size: blob.size,
      async *read(start, end) {
        for (let at = start; at < end; at += 262_144)
          yield new Uint8Array(await blob.slice(at, Math.min(end, at + 262_144)).arrayBuffer());
      },
    };
    return { size: blob.size, stream: () => bytes.read(0, blob.size), range: { bytes, start: 0, end: blob.size } };
  };
  return ociLayout({ label: layout, get });
}

function databasesOf(ecosystem) {
  const analyzers = ecosystem.analyzers.filter(
    ({ matches, unownedOnly }) => unownedOnly !== true && !matches.some((matcher) => "magic" in matcher),
  );
  return { ...ecosystem, analyzers };
}

/** Of this process alone: what `resourceUsage` says begins with what the parent had. */
function peakMebibytes() {
  if (!existsSync("/proc/self/status")) return process.resourceUsage().maxRSS / 1024;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
}

function pick(image, index) {
  const layers = image.layers.filter((layer) => layer.index === index).map((layer) => ({ ...layer, index: 0 }));
  return { ...image, layers };
}

async function compare(given, rounds) {
  const missing = missingTool();
  if (missing !== undefined) return console.log(`layer throughput: skipped, ${missing} is not here`);
  const folder = given ?? mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
  try {
    report(...(await collect(folder, rounds)));
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function collect(folder, rounds) {
  const { layout, layers } = await debianImage(folder);
  const hasIgzip = spawnSync("igzip", ["--version"]).error === undefined;
  const own = (what, which, ...more) =>
    JSON.parse(execFileSync(process.execPath, [here, "--measure", what, which, layout, ...more], { encoding: "utf8" }));
  const tool = (name, file) => {
    const started = performance.now();
    const times = execFileSync("sh", ["-c", `${name} -dc < "${file}" > /dev/null; times`], { encoding: "utf8" });
    return { ms: performance.now() - started, cpu: milliseconds(times) };
  };
  const nodeAlone = () => ({ rss: Number(execFileSync(process.execPath, [here, "--nothing"], { encoding: "utf8" })) });
  const cache = join(folder, "cache");
  const cases = {
    ...Object.fromEntries(layers.map((file, index) => [`gzip ${index}`, () => tool("gzip", file)])),
    ...(hasIgzip ? Object.fromEntries(layers.map((file, index) => [`igzip ${index}`, () => tool("igzip", file)])) : {}),
    // Blobs are in the order of their digests, layers in the order of the image: both are only summed.
    "layer 0": () => own("layer-0", "databases"),
    "layer 1": () => own("layer-1", "databases"),
    "layer 0, no threads": () => own("layer-0 without threads", "databases"),
    "layer 0, as in a page": () => own("layer-0 of a page", "databases"),
    "both layers": () => own("unverified", "databases"),
    "both, verified": () => own("verified", "databases"),
    "both, programs too": () => own("unverified", "everything"),
    warm: () => own("verified", "everything", cache),
    node: nodeAlone,
  };
  const results = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(cases)) results[name].push(run());
  return [results, layers.length];
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** What `times` of a shell says that its children took: minutes and seconds, user and system, in its second line. */
function milliseconds(times) {
  const [, children = ""] = times.trim().split("\n");
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

function report(results, count) {
  const of = (name, field) => median(results[name].map((result) => result[field]));
  const sum = (tool, field) =>
    Array.from({ length: count }, (_, index) => of(`${tool} ${index}`, field)).reduce((a, b) => a + b, 0);
  console.log(`${"".padEnd(24)} ${"clock".padStart(9)} ${"processor".padStart(12)}`);
  for (const name of Object.keys(results).filter((name) => name !== "node"))
    console.log(
      `${name.padEnd(24)} ${of(name, "ms").toFixed(0).padStart(6)} ms ${of(name, "cpu").toFixed(0).padStart(9)} ms`,
    );
  const line = (text, ratio, wanted) =>
    console.log(
      `${text.padEnd(40)} ${ratio("ms").toFixed(2)} by the clock, ${ratio("cpu").toFixed(2)} in processor time${wanted === undefined ? "" : ` (wanted: ${wanted})`}`,
    );
  const single = (field) => of("layer 0", field) + of("layer 1", field);
  line("one layer at a time / gzip -dc", (field) => single(field) / sum("gzip", field), "0.50");
  if (results["igzip 0"] !== undefined)
    line("one layer at a time / igzip -dc", (field) => single(field) / sum("igzip", field));
  line("a layer, no threads / with", (field) => of("layer 0, no threads", field) / of("layer 0", field), "2");
  line(
    "a layer, as in a page / with threads",
    (field) => of("layer 0, as in a page", field) / of("layer 0", field),
    "2",
  );
  line("both layers in parallel / their sum", (field) => of("both layers", field) / single(field), "0.65 by the clock");
  line("both layers, verified / gzip -dc", (field) => of("both, verified", field) / sum("gzip", field));
  line("both layers, programs too / gzip -dc", (field) => of("both, programs too", field) / sum("gzip", field));
  console.log(`warm scan in process: ${of("warm", "ms").toFixed(0)} ms (wanted: 100)`);
  const above = (name) => (of(name, "rss") - of("node", "rss")).toFixed(0);
  console.log(`peak memory above Node's own ${of("node", "rss").toFixed(0)} MiB (wanted: 150):`);
  for (const name of ["layer 0", "layer 1", "both layers", "both, verified", "both, programs too"])
    console.log(`  ${name.padEnd(22)} ${above(name).padStart(4)} MiB`);
  console.log(`${results["both, programs too"][0].packages} packages found`);
}
