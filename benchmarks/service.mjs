// The service at scale, simulated: `node benchmarks/service.mjs --database postgres://… [--inventories 100000]`.
// Inventories of 300 packages stand on 200 base sets, names are distributed as Zipf says, an update touches 1 % of the names, glibc and
// openssl among them. Says how long the update takes, how many inventories it hits, how fast questions are, and what an inventory costs.
// Needs a database that may be emptied; without --database the embedded one in memory is used, which suits small numbers alone.
import { parseArgs } from "node:util";
import { sql } from "kysely";
import { imagesWith } from "../packages/server/dist/api/image-lists.js";
import { loadManifest } from "../packages/server/dist/catalog/load-inventory.js";
import { storeInventory } from "../packages/server/dist/catalog/store-inventory.js";
import { notificationPage } from "../packages/server/dist/clair/notification-page.js";
import { openDatabase } from "../packages/server/dist/database/open-database.js";
import { openJobQueue } from "../packages/server/dist/jobs/job-queue.js";
import { applyUpdate } from "../packages/server/dist/updates/apply-update.js";

const { values } = parseArgs({
  options: {
    database: { type: "string", default: "memory:" },
    inventories: { type: "string", default: "100000" },
    questions: { type: "string", default: "500" },
  },
});
const inventories = Number(values.inventories);
const shape = { baseSets: 200, basePackages: 240, appPackages: 60, names: 20_000, versions: 20 };

/** The same numbers every time. */
let state = 42;
function random() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

/** Ranks as Zipf distributes them: the first is in nearly every set. */
const weights = Array.from({ length: shape.names }, (_, rank) => 1 / (rank + 1));
const cumulated = weights.reduce((sums, weight) => [...(sums.push((sums.at(-1) ?? 0) + weight), sums)], []);
function zipf() {
  const wanted = random() * cumulated.at(-1);
  let [low, high] = [0, cumulated.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulated[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

const nameOf = (rank) => ["glibc", "openssl"][rank] ?? `package-${rank}`;
const hex = (number) => number.toString(16).padStart(64, "0");

function packageOf(rank, version, layer) {
  const name = nameOf(rank);
  return {
    id: `pkg:deb/debian/${name}@${version}?layer=${layer.index}`,
    name,
    version,
    ecosystem: "deb",
    class: "os",
    purl: `pkg:deb/debian/${name}@${version}?arch=amd64&distro=debian-12`,
    source: { name, version },
    architecture: "amd64",
    locations: [{ path: "var/lib/dpkg/status", layer, line: rank + 1, evidence: "installed" }],
    foundBy: ["deb/status"],
  };
}

function distinctRanks(count, first = []) {
  const ranks = new Set(first);
  while (ranks.size < count) ranks.add(zipf());
  return [...ranks];
}

const versionOf = () => `1.${Math.floor(random() * shape.versions)}-1`;
const bases = Array.from({ length: shape.baseSets }, (_, at) => {
  const layer = { index: 0, diffId: `sha256:${hex(at + 1)}` };
  // Three of four have both; the others are made of neither.
  const first = at % 4 === 3 ? [] : [0, 1];
  return {
    layer,
    packages: distinctRanks(shape.basePackages, first).map((rank) => packageOf(rank, versionOf(), layer)),
  };
});

function inventoryOf(number) {
  const base = bases[Math.floor(random() * bases.length)];
  const layer = { index: 1, diffId: `sha256:${hex(1_000_000 + number)}` };
  const app = distinctRanks(shape.appPackages).map((rank) => packageOf(rank, versionOf(), layer));
  const layers = [base.layer, layer].map((each) => ({ ...each, digest: each.diffId, size: 1_000_000 }));
  const digest = `sha256:${hex(2_000_000 + number)}`;
  return {
    schemaVersion: 2,
    artifact: {
      name: `registry.example/app-${number}`,
      kind: "container-image",
      digest,
      distro: { id: "debian", versionId: "12" },
      layers,
    },
    packages: [...base.packages, ...app],
    diagnostics: [],
  };
}

/** Two flaws for each name in `ranks`, one fixed in a version that most packages do not have. */
function storeOf(revision, flaws) {
  const advisories = new Map();
  const byName = new Map();
  for (const [rank, fixed] of flaws) {
    const name = nameOf(rank);
    const id = `DEBIAN-CVE-2024-${10_000 + rank}`;
    const affected = {
      advisory: id,
      namespace: "Debian:12",
      name,
      ranges: [{ introduced: "0", end: fixed === undefined ? { kind: "open" } : { kind: "fixed", version: fixed } }],
    };
    const severities = [{ system: "rating", value: "HIGH", source: "debian" }];
    advisories.set(id, {
      id,
      source: "osv/Debian",
      aliases: [`CVE-2024-${10_000 + rank}`],
      severities,
      references: [],
      affected: [affected],
    });
    byName.set(name, [affected]);
  }
  return {
    revision,
    sources: [],
    covers: (namespace) => namespace === "Debian:12",
    find: async (keys) =>
      keys.map(({ namespace, name }) => (namespace === "Debian:12" ? (byName.get(name) ?? []) : [])),
    read: async (ids) => ids.map((id) => advisories.get(id)),
    enrich: async (cves) => cves.map(() => undefined),
  };
}

async function timed(work) {
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
}

async function percentiles(work) {
  const times = [];
  for (let at = 0; at < Number(values.questions); at++) {
    const started = performance.now();
    await work(at);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return `median ${times[times.length >> 1].toFixed(1)} ms, p95 ${times[Math.floor(times.length * 0.95)].toFixed(1)} ms`;
}

const say = (line) => console.log(line);
const database = await openDatabase(values.database);
const queue = await openJobQueue(database);
await sql`truncate inventory, inventory_set, package_set, set_package, package, package_lookup, lookup, finding, finding_change, update_operation, notification, delivery restart identity cascade`.execute(
  database.queries,
);
await sql`update setting set value = '' where name = 'advisories'`.execute(database.queries);

const everyTenth = Array.from({ length: shape.names / 10 }, (_, at) => [at * 10 + 5, undefined]);
let store = storeOf("before", everyTenth);
const core = {
  database,
  queue,
  advisories: {
    lease: async () => ({ store, release: () => undefined }),
    refresh: async () => undefined,
    close: async () => undefined,
  },
  channels: [],
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  now: () => new Date(),
  wake: () => undefined,
};
await applyUpdate(core);

const stored = await timed(async () => {
  for (let number = 0; number < inventories; number++) {
    const inventory = inventoryOf(number);
    await storeInventory(
      database,
      {
        image: { tenant: "", digest: inventory.artifact.digest },
        basis: "read",
        inventory,
        indexer: "benchmark",
        now: new Date(),
      },
      store,
    );
    if ((number + 1) % 10_000 === 0) say(`  ${number + 1} inventories`);
  }
});
await sql`analyze`.execute(database.queries);
const size = await sql`select pg_database_size(current_database()) as bytes`.execute(database.queries);
const counts =
  await sql`select (select count(*) from package) as packages, (select count(*) from package_set) as sets, (select count(*) from lookup) as names`.execute(
    database.queries,
  );
const { packages, sets, names } = counts.rows[0];
say(
  `stored      ${inventories} inventories in ${stored.seconds.toFixed(0)} s (${stored.cpu.toFixed(0)} s of CPU here): ${names} names, ${packages} distinct packages, ${sets} sets`,
);
say(`size        ${Math.round(Number(size.rows[0].bytes) / inventories)} bytes of database for each inventory`);

// One name in a hundred, and the two that nearly everybody has.
const touched = Array.from({ length: shape.names / 100 }, (_, at) => [at * 100 + 7, "1.15-1"]);
store = storeOf("after", [...everyTenth, ...touched, [0, "1.19-1"], [1, "1.19-1"]]);
const update = await timed(() => applyUpdate(core));
const { lookups, packages: matched, changes, inventories: hit, notification } = update.result;
say(
  `update      ${update.seconds.toFixed(1)} s (${update.cpu.toFixed(1)} s of CPU here): ${lookups} names, ${matched} packages matched, ${changes} changes, ${hit} inventories hit`,
);

say(
  `manifest    ${await percentiles((at) => loadManifest(database.queries, { tenant: "", digest: `sha256:${hex(2_000_000 + ((at * 7919) % inventories))}` }))}`,
);
say(
  `where is    ${await percentiles((at) => imagesWith(database.queries, "", `CVE-2024-${10_000 + ((at * 131) % 200) * 100 + 7}`))}`,
);
say(
  `notified    ${await percentiles(() => notificationPage(database.queries, notification, { tenant: "", size: 100, next: undefined, summary: false }))}`,
);
await queue.close();
await database.close();
