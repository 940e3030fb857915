// How fast are layers read, and every package database found? As ratios to `gzip -dc` and `igzip -dc` of the same layers,
// in the same run, interleaved. `node benchmarks/layer-throughput.mjs [folder]`; the folder keeps the image between runs.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianImage, missingTool } from "./debian-image.mjs";

const here = fileURLToPath(import.meta.url);
const [mode, ...rest] = process.argv.slice(2);
if (mode === "--measure") await measure(...rest);
else await compare(mode);

/** One measurement in a fresh process: milliseconds, and how much memory it took above Node's own. */
async function measure(what, layout, cacheDirectory) {
  const { analyzeImage } = await import("@plimsoll/inventory");
  const { everyEcosystem } = await import("@plimsoll/ecosystems");
  const { directoryCache, imageFile } = await import("@plimsoll/node");
  const verify = what !== "unverified";
  const [only] = what.match(/^layer-(\d)$/)?.slice(1) ?? [];
  const source = imageFile(layout, { verify: only === undefined && verify });
  const chosen =
    only === undefined
      ? source
      : { ...source, open: async (options) => pick(await source.open(options), Number(only)) };
  const cache = cacheDirectory === undefined ? undefined : directoryCache(cacheDirectory);
  const before = process.resourceUsage().maxRSS;
  const run = async () => {
    const started = performance.now();
    const { packages } = await analyzeImage(chosen, { ecosystems: everyEcosystem, cache });
    return { ms: performance.now() - started, packages: packages.length };
  };
  // The first warm scan in a process pays for loading code; a service pays once.
  if (cache !== undefined) await run();
  const { ms, packages } = await run();
  console.log(JSON.stringify({ ms, packages, rss: (process.resourceUsage().maxRSS - before) / 1024 }));
}

function pick(image, index) {
  const layers = image.layers.filter((layer) => layer.index === index).map((layer) => ({ ...layer, index: 0 }));
  return { ...image, layers };
}

async function compare(given) {
  const missing = missingTool();
  if (missing !== undefined) return console.log(`layer throughput: skipped, ${missing} is not here`);
  const folder = given ?? mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
  try {
    report(...(await collect(folder)));
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function collect(folder) {
  const { layout, layers } = await debianImage(folder);
  const hasIgzip = spawnSync("igzip", ["--version"]).error === undefined;
  const own = (what, ...more) =>
    JSON.parse(execFileSync(process.execPath, [here, "--measure", what, layout, ...more], { encoding: "utf8" }));
  const tool = (name, file) => {
    const started = performance.now();
    execFileSync("sh", ["-c", `${name} -dc < "${file}" > /dev/null`]);
    return { ms: performance.now() - started };
  };
  const cache = join(folder, "cache");
  const cases = {
    ...Object.fromEntries(layers.map((file, index) => [`gzip ${index}`, () => tool("gzip", file)])),
    ...(hasIgzip ? Object.fromEntries(layers.map((file, index) => [`igzip ${index}`, () => tool("igzip", file)])) : {}),
    // Blobs are in the order of their digests, layers in the order of the image: both are only summed.
    "layer 0": () => own("layer-0"),
    "layer 1": () => own("layer-1"),
    "both layers": () => own("unverified"),
    "both layers, verified": () => own("verified"),
    warm: () => own("verified", cache),
  };
  const results = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round < 5; round++) for (const [name, run] of Object.entries(cases)) results[name].push(run());
  return [results, layers.length];
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function report(results, count) {
  const ms = (name) => median(results[name].map((result) => result.ms));
  const sum = (tool) => Array.from({ length: count }, (_, index) => ms(`${tool} ${index}`)).reduce((a, b) => a + b, 0);
  for (const name of Object.keys(results)) console.log(`${name.padEnd(24)} ${ms(name).toFixed(0).padStart(6)} ms`);
  const single = ms("layer 0") + ms("layer 1");
  const line = (text, value, wanted) =>
    console.log(`${text.padEnd(52)} ${value.toFixed(2)}${wanted === undefined ? "" : ` (wanted: ${wanted})`}`);
  line("one layer at a time / gzip -dc", single / sum("gzip"), "0.50");
  if (results["igzip 0"] !== undefined) line("one layer at a time / igzip -dc", single / sum("igzip"));
  line("both layers in parallel / their sum", ms("both layers") / single, "0.65");
  line("both layers, verified / gzip -dc", ms("both layers, verified") / sum("gzip"));
  console.log(`warm scan in process: ${ms("warm").toFixed(0)} ms (wanted: 100)`);
  console.log(
    `memory above Node's own: ${median(results["both layers, verified"].map(({ rss }) => rss)).toFixed(0)} MiB (wanted: 150)`,
  );
  console.log(`${results["both layers"][0].packages} packages found`);
}
