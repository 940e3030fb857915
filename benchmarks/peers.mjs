// How long do other scanners take for the same images, how much memory, and do they find the same packages?
//
//   node benchmarks/peers.mjs [folder of images]           the images of ../shared/data/images, when they are there
//
// Measured are those of syft, trivy, osv-scanner and snyk-docker-plugin that are here: commands on PATH; the plugin in
// node_modules of the folder that PLIMSOLL_PEERS names. Each lists packages and matches nothing, so that no database and no
// network counts (matching.mjs has that). Cold: without a cache; warm: the run after it. Time includes the start of the process.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isOnPath, measured } from "./measured-process.mjs";
import { imagesIn } from "./peer-images.mjs";

const here = fileURLToPath(import.meta.url);
const cli = fileURLToPath(new URL("../packages/plimsoll/bin/plimsoll.js", import.meta.url));

/** Peers, each with how it is told to list the packages of an archive as purls. */
const peers = [
  {
    name: "plimsoll",
    command: process.execPath,
    args: (image, work) => [
      cli,
      "image",
      "--input",
      image.given,
      "--format",
      "cyclonedx",
      "--cache-dir",
      join(work, "cache"),
      "--offline",
    ],
    purls: cyclonedxPurls,
  },
  {
    name: "syft",
    command: "syft",
    args: (image) => [
      "scan",
      "--quiet",
      `${image.layout ? "oci-archive" : "docker-archive"}:${image.plain}`,
      "-o",
      "cyclonedx-json",
    ],
    env: { SYFT_CHECK_FOR_APP_UPDATE: "false" },
    purls: cyclonedxPurls,
  },
  {
    name: "trivy",
    command: "trivy",
    args: (image, work) => [
      "image",
      "--quiet",
      "--input",
      // It takes a layout as a directory only.
      image.folder ?? image.plain,
      "--format",
      "cyclonedx",
      "--cache-dir",
      join(work, "cache"),
    ],
    purls: cyclonedxPurls,
  },
  {
    name: "osv-scanner",
    command: "osv-scanner",
    args: (image) => [
      "scan",
      "image",
      "--archive",
      image.plain,
      "--all-packages",
      "--format",
      "cyclonedx-1-5",
      "--offline",
    ],
    // 1: it has findings, 127 and 128: it has no database or found nothing.
    purls: cyclonedxPurls,
  },
  {
    name: "snyk-docker-plugin",
    command: process.execPath,
    args: (image) => [here, "--snyk", `${image.layout ? "oci-archive" : "docker-archive"}:${image.plain}`],
    here: () => snykPlugin() !== undefined,
    purls: (text) => JSON.parse(text),
  },
];

function cyclonedxPurls(text) {
  const { components = [] } = JSON.parse(text);
  return components.flatMap(({ purl, type }) => (purl === undefined || type === "operating-system" ? [] : [purl]));
}

function snykPlugin() {
  const folder = process.env.PLIMSOLL_PEERS;
  if (folder === undefined) return undefined;
  try {
    return createRequire(join(folder, "package.json")).resolve("snyk-docker-plugin");
  } catch {
    return undefined;
  }
}

/** The plugin is a library: this is what a program around it would do. */
async function runSnyk(target) {
  const { scan } = createRequire(here)(snykPlugin());
  const { scanResults } = await scan({ path: target, "app-vulns": true });
  const purls = scanResults.flatMap(({ facts }) =>
    facts.flatMap(({ type, data }) => {
      if (type === "depGraph") return data.getDepPkgs().map(({ name, version, purl }) => purl ?? `${name}@${version}`);
      return type === "jarFingerprints" ? data.fingerprints.map(({ location }) => location) : [];
    }),
  );
  console.log(JSON.stringify(purls));
}

/** A purl without qualifiers, spelled one way: tools differ in where a Debian epoch stands and in what they encode. */
function plainPurl(purl) {
  const [path = "", qualifiers = ""] = purl.replace(/#.*/, "").split("?");
  const epoch = /(?:^|&)epoch=(\d+)/.exec(qualifiers)?.[1];
  const text = decodeURIComponent(path).toLowerCase();
  return epoch === undefined ? text : text.replace(/@(?=[^@]*$)/, `@${epoch}:`);
}

function isHere({ command, here: found }) {
  return found === undefined ? isOnPath(command) : found();
}

async function compare(folder) {
  if (!existsSync(folder)) return console.log(`peers: skipped, ${folder} is not here`);
  const work = mkdtempSync(join(tmpdir(), "plimsoll-peers-"));
  const present = peers.filter(isHere);
  for (const { name } of peers.filter((peer) => !present.includes(peer))) console.log(`${name}: not here`);
  const totals = new Map(present.map(({ name }) => [name, { cold: 0, warm: 0, processor: 0, mebibytes: 0 }]));
  try {
    for (const image of await imagesIn(folder, work)) {
      console.log(`\n${image.name}`);
      let ours;
      for (const peer of present) {
        const own = join(work, `${peer.name}-${image.name}`);
        mkdirSync(own);
        const cold = await measured(peer.command, peer.args(image, own), peer);
        const warm = await measured(peer.command, peer.args(image, own), peer);
        const total = totals.get(peer.name);
        total.cold += cold.ms;
        total.warm += warm.ms;
        total.processor += cold.processorMs;
        total.mebibytes = Math.max(total.mebibytes, cold.mebibytes, warm.mebibytes);
        const found = packagesOf(peer, cold);
        const times = `${cold.ms.toFixed(0).padStart(7)} ms cold ${warm.ms.toFixed(0).padStart(7)} ms warm ${cold.processorMs.toFixed(0).padStart(7)} ms of the processor cold ${cold.mebibytes.toFixed(0).padStart(5)} MiB`;
        if (found === undefined) {
          console.log(`  ${peer.name.padEnd(19)}${times}   failed: ${cold.stderr.trim().split("\n").at(-1)}`);
          continue;
        }
        console.log(`  ${peer.name.padEnd(19)}${times} ${String(found.size).padStart(5)} packages`);
        ours ??= found;
        if (ours !== found) tellDifference(ours, found);
      }
    }
    summarize(totals);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function packagesOf({ purls }, { stdout }) {
  try {
    return new Set(purls(stdout).map(plainPurl));
  } catch {
    return undefined;
  }
}

function tellDifference(all, found) {
  // A tool that does not speak in purls is compared by name and version alone; it puts the source before a slash.
  const short = [...found].some((purl) => !purl.startsWith("pkg:"));
  const spelled = (purls) => new Set(short ? [...purls].map((purl) => purl.replace(/^.*\//, "")) : purls);
  const [ours, theirs] = [spelled(all), spelled(found)];
  const tell = (what, list) => {
    if (list.length > 0)
      console.log(`    ${what} (${list.length}): ${list.slice(0, 8).join(", ")}${list.length > 8 ? " …" : ""}`);
  };
  tell("not ours", [...theirs].filter((purl) => !ours.has(purl)).sort());
  tell("only ours", [...ours].filter((purl) => !theirs.has(purl)).sort());
}

function summarize(totals) {
  const own = totals.get("plimsoll");
  console.log("\nall images, as ratios to plimsoll");
  for (const [name, { cold, warm, processor, mebibytes }] of totals)
    console.log(
      `ratio: ${name.padEnd(19)} cold ${(cold / own.cold).toFixed(2)}, warm ${(warm / own.warm).toFixed(2)}, processor ${(processor / own.processor).toFixed(2)}, memory ${(mebibytes / own.mebibytes).toFixed(2)}`,
    );
}

const [argument, target] = process.argv.slice(2);
if (argument === "--snyk") await runSnyk(target);
else await compare(argument ?? fileURLToPath(new URL("../../shared/data/images", import.meta.url)));
