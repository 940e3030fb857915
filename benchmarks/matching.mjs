// How long does a scan with matching take beside Trivy and Grype over the same advisories, and does it find the same?
//
//   node benchmarks/matching.mjs [folder of images]        the images of ../shared/data/images, when they are there
//
// Held beside us is each of the two that is on PATH and whose database lies in its cache directory (TRIVY_CACHE_DIR,
// GRYPE_DB_CACHE_DIR or their usual places); ours reads that same database. Nothing is fetched. Cold: without a cache of
// layers; warm: the run after it.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isOnPath, measured } from "./measured-process.mjs";
import { imagesIn } from "./peer-images.mjs";

const cli = fileURLToPath(new URL("../packages/plimsoll/bin/plimsoll.js", import.meta.url));
const trivyCache = process.env.TRIVY_CACHE_DIR ?? join(homedir(), ".cache", "trivy");
const grypeCache = process.env.GRYPE_DB_CACHE_DIR ?? join(homedir(), ".cache", "grype", "db");

/** Peers, each with the database that it uses and what it found, as `id package`. */
const peers = [
  {
    name: "trivy",
    database: join(trivyCache, "db", "trivy.db"),
    // Its cache directory holds its database too, so that only what it knows of layers is let go between images.
    prepare: () => measured("trivy", ["clean", "--scan-cache", "--cache-dir", trivyCache]),
    args: (image) => [
      "image",
      "--quiet",
      "--input",
      image.folder ?? image.plain,
      "--scanners",
      "vuln",
      "--format",
      "json",
      "--cache-dir",
      trivyCache,
      "--offline-scan",
      "--skip-db-update",
      "--skip-java-db-update",
    ],
    found: ({ Results = [] }) =>
      Results.flatMap(({ Vulnerabilities = [] }) =>
        Vulnerabilities.map(({ VulnerabilityID, PkgName }) => `${VulnerabilityID} ${PkgName}`),
      ),
  },
  {
    name: "grype",
    database: join(grypeCache, "6", "vulnerability.db"),
    args: (image) => [
      `${image.layout ? "oci-archive" : "docker-archive"}:${image.plain}`,
      "--quiet",
      "--output",
      "json",
    ],
    env: {
      GRYPE_DB_CACHE_DIR: grypeCache,
      GRYPE_DB_AUTO_UPDATE: "false",
      GRYPE_DB_VALIDATE_AGE: "false",
      GRYPE_CHECK_FOR_APP_UPDATE: "false",
    },
    found: ({ matches = [] }) => matches.map(({ vulnerability, artifact }) => `${vulnerability.id} ${artifact.name}`),
  },
];

/** How we scan with a peer's database: what it found is what we would have found, under the same names. */
function plimsollOver(database) {
  return {
    args: (image, work) => [
      cli,
      "image",
      "--input",
      image.given,
      "--scanners",
      "vuln",
      "--format",
      "json",
      "--quiet",
      "--db",
      database,
      "--cache-dir",
      join(work, "cache"),
      "--offline",
      "--no-config",
      "--no-ignore",
    ],
    found: ({ vulnerabilities = [] }) => vulnerabilities.map((each) => `${each.id} ${each.package.name}`),
  };
}

async function scanned(tool, command, image, work) {
  await tool.prepare?.();
  const cold = await measured(command, tool.args(image, work), tool);
  const warm = await measured(command, tool.args(image, work), tool);
  try {
    return { cold, warm, found: new Set(tool.found(JSON.parse(cold.stdout))) };
  } catch {
    throw new Error(`${command} failed: ${cold.stderr.trim().split("\n").at(-1)}`);
  }
}

async function beside(peer, images, work) {
  const ours = plimsollOver(peer.database);
  // Our first use of a foreign database may convert it; that is not part of a scan.
  const [first] = images;
  if (first !== undefined) await scanned(ours, process.execPath, first, work);
  const totals = { ours: emptyTotal(), theirs: emptyTotal() };
  for (const image of images) {
    const own = join(work, `${peer.name}-${image.name}`);
    mkdirSync(own);
    const theirs = await scanned(peer, peer.name, image, own);
    const mine = await scanned(ours, process.execPath, image, own);
    add(totals.theirs, theirs);
    add(totals.ours, mine);
    const missed = [...theirs.found].filter((each) => !mine.found.has(each)).sort();
    const alone = [...mine.found].filter((each) => !theirs.found.has(each)).sort();
    console.log(`${image.name}: ${peer.name} ${theirs.found.size}, plimsoll ${mine.found.size} findings`);
    tell(`only ${peer.name}`, missed);
    tell("only plimsoll", alone);
  }
  const ratios = Object.keys(totals.ours)
    .map((kind) => `${kind} ${(totals.ours[kind] / totals.theirs[kind]).toFixed(2)}`)
    .join(", ");
  console.log(`plimsoll / ${peer.name}, all images: ${ratios}`);
}

const emptyTotal = () => ({ cold: 0, warm: 0, "processor cold": 0, "processor warm": 0, memory: 0 });

function add(total, { cold, warm }) {
  total.cold += cold.ms;
  total.warm += warm.ms;
  total["processor cold"] += cold.processorMs;
  total["processor warm"] += warm.processorMs;
  total.memory = Math.max(total.memory, cold.mebibytes, warm.mebibytes);
}

function tell(what, list) {
  if (list.length === 0) return;
  console.log(`    ${what} (${list.length}): ${list.slice(0, 8).join(", ")}${list.length > 8 ? " …" : ""}`);
}

const folder = process.argv[2] ?? fileURLToPath(new URL("../../shared/data/images", import.meta.url));
const present = peers.filter(({ name, database }) => {
  const lack = !isOnPath(name) ? "is not here" : existsSync(database) ? undefined : `has no database at ${database}`;
  if (lack !== undefined) console.log(`${name}: skipped, it ${lack}`);
  return lack === undefined;
});
if (!existsSync(folder)) console.log(`matching: skipped, ${folder} is not here`);
else if (present.length > 0) {
  const work = mkdtempSync(join(tmpdir(), "plimsoll-matching-"));
  try {
    const images = await imagesIn(folder, work);
    for (const peer of present) await beside(peer, images, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
