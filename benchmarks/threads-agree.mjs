// Is what is found in an image the same, to the byte, whether its layers are read in threads or not? All four scanners, every kind of evidence,
// with the processor time of both. `node benchmarks/threads-agree.mjs IMAGE…` with archives or layouts; the first differences are told,
// and the command fails.
import { imageFile, layerThreads } from "@plimsoll/node";
import { analyzeImage, memoryStore, scanInventory } from "plimsoll";

const images = process.argv.slice(2);
if (images.length === 0) console.log("threads agree: skipped, no image was named");
for (const image of images) {
  const threads = await found(image, { minLayerBytes: 0, maxThreads: 64 });
  const without = await found(image, { maxThreads: 0 });
  const differences = [...differencesOf(without.parts, threads.parts)];
  const figures = `${threads.seconds} s with threads, ${without.seconds} s without; ${countsOf(without.inventory)}`;
  console.log(`${image}: ${differences.length === 0 ? "the same" : "NOT THE SAME"} (${figures})`);
  for (const difference of differences.slice(0, 10)) console.log(`  ${difference}`);
  if (differences.length > 0) process.exitCode = 1;
}

/** What is found in an image and reported of it, as text by its parts. */
async function found(image, options) {
  const before = process.cpuUsage();
  const scanners = ["vuln", "secret", "license", "misconfig"];
  const evidence = ["installed", "declared", "requested"];
  const source = imageFile(image, { readLayer: layerThreads(options) });
  const inventory = await analyzeImage(source, { scanners, evidence, cache: false });
  const { user, system } = process.cpuUsage(before);
  const report = await scanInventory(inventory, {
    scanners,
    advisories: memoryStore([]),
    createdAt: "2020-01-01T00:00:00Z",
  });
  return {
    inventory,
    parts: { ...prefixed("inventory", inventory), ...prefixed("report", report) },
    seconds: ((user + system) / 1e6).toFixed(1),
  };
}

function prefixed(name, document) {
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [`${name}.${key}`, value]));
}

function countsOf(inventory) {
  return Object.entries(inventory)
    .filter(([, value]) => Array.isArray(value))
    .map(([key, value]) => `${value.length} ${key}`)
    .join(", ");
}

function* differencesOf(without, threads) {
  for (const key of new Set([...Object.keys(without), ...Object.keys(threads)])) {
    const [a, b] = [without[key], threads[key]];
    if (JSON.stringify(a) === JSON.stringify(b)) continue;
    if (!Array.isArray(a) || !Array.isArray(b)) yield `${key}: ${shown(a)} without, ${shown(b)} with`;
    else
      for (let at = 0; at < Math.max(a.length, b.length); at++)
        if (JSON.stringify(a[at]) !== JSON.stringify(b[at]))
          yield `${key}[${at}]: ${shown(a[at])} without, ${shown(b[at])} with`;
  }
}

function shown(value) {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}
