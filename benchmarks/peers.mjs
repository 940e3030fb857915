// How long do other scanners take for the same images, how much memory, and do they find the same packages?
//
//   node benchmarks/peers.mjs [folder of images]           the images of ../shared/data/images, when they are there
//
// Measured are those of syft, trivy, osv-scanner and snyk-docker-plugin that are here: commands on PATH; the plugin in
// node_modules of the folder that PLIMSOLL_PEERS names. Each lists packages and matches nothing, so that no database and no
// network counts. Cold: without a cache; warm: the run after it. Time includes the start of the process.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { pipeline } from "node:stream/promises";

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

/** Runs a command; milliseconds, the most memory it held (Linux tells), its output. */
async function measured(command, args, env) {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let mebibytes = 0;
  const look = setInterval(() => {
    try {
      const [, peak = 0] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
      mebibytes = Math.max(mebibytes, Number(peak) / 1024);
    } catch {
      // Not Linux, or it has just ended.
    }
  }, 10);
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (part) => (text.stdout += part));
  child.stderr.setEncoding("utf8").on("data", (part) => (text.stderr += part));
  const code = await new Promise((resolve) => child.on("error", () => resolve(-1)).on("close", resolve));
  clearInterval(look);
  return { ms: performance.now() - started, mebibytes, code, ...text };
}

/** A purl without qualifiers, spelled one way: tools differ in where a Debian epoch stands and in what they encode. */
function plainPurl(purl) {
  const [path = "", qualifiers = ""] = purl.replace(/#.*/, "").split("?");
  const epoch = /(?:^|&)epoch=(\d+)/.exec(qualifiers)?.[1];
  const text = decodeURIComponent(path).toLowerCase();
  return epoch === undefined ? text : text.replace(/@(?=[^@]*$)/, `@${epoch}:`);
}

/** Tools other than ours want archives unpacked. */
async function imagesIn(folder, work) {
  const names = readdirSync(folder).filter((name) => /\.tar(\.gz)?$/.test(name));
  const images = [];
  for (const name of names.sort()) {
    const given = join(folder, name);
    const plain = name.endsWith(".gz") ? join(work, name.replace(/\.gz$/, "")) : given;
    if (plain !== given) await pipeline(createReadStream(given), createGunzip(), createWriteStream(plain));
    const layout = name.includes(".oci.");
    images.push({
      name,
      given,
      plain,
      layout,
      ...(layout ? { folder: unpacked(plain, join(work, `${name}.d`)) } : {}),
    });
  }
  return images;
}

function unpacked(archive, folder) {
  mkdirSync(folder);
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  return folder;
}

function isHere({ command, here: found }) {
  return found === undefined ? spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined : found();
}

async function compare(folder) {
  if (!existsSync(folder)) return console.log(`peers: skipped, ${folder} is not here`);
  const work = mkdtempSync(join(tmpdir(), "plimsoll-peers-"));
  const present = peers.filter(isHere);
  for (const { name } of peers.filter((peer) => !present.includes(peer))) console.log(`${name}: not here`);
  const totals = new Map(present.map(({ name }) => [name, { cold: 0, warm: 0, mebibytes: 0 }]));
  try {
    for (const image of await imagesIn(folder, work)) {
      console.log(`\n${image.name}`);
      let ours;
      for (const peer of present) {
        const own = join(work, `${peer.name}-${image.name}`);
        mkdirSync(own);
        const cold = await measured(peer.command, peer.args(image, own), peer.env);
        const warm = await measured(peer.command, peer.args(image, own), peer.env);
        const total = totals.get(peer.name);
        total.cold += cold.ms;
        total.warm += warm.ms;
        total.mebibytes = Math.max(total.mebibytes, cold.mebibytes, warm.mebibytes);
        const found = packagesOf(peer, cold);
        const times = `${cold.ms.toFixed(0).padStart(7)} ms cold ${warm.ms.toFixed(0).padStart(7)} ms warm ${cold.mebibytes.toFixed(0).padStart(5)} MiB`;
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
  for (const [name, { cold, warm, mebibytes }] of totals)
    console.log(
      `ratio: ${name.padEnd(19)} cold ${(cold / own.cold).toFixed(2)}, warm ${(warm / own.warm).toFixed(2)}, memory ${(mebibytes / own.mebibytes).toFixed(2)}`,
    );
}

const [argument, target] = process.argv.slice(2);
if (argument === "--snyk") await runSnyk(target);
else await compare(argument ?? fileURLToPath(new URL("../../shared/data/images", import.meta.url)));
