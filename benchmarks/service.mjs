// The service at scale, simulated: `node benchmarks/service.mjs --database postgres://… [--inventories 100000]`.
// Inventories of 300 packages stand on 200 base sets, names are distributed as Zipf says, an update touches 1 % of the names, glibc and
// openssl among them. Says how long the update takes, how many inventories it hits, how fast questions are, and what an inventory costs.
// Needs a database that may be emptied; without --database the embedded one in memory is used, which suits small numbers alone.
// The service's own code stores every distinct package and the first --stored inventories. The further ones are rows that the database makes
// of the same shape: a base set of the 200, a set of their own with packages drawn anew, and the documents of one that was stored.
// --reuse asks again of what an earlier run with the same numbers left.
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
    stored: { type: "string", default: "1000" },
    questions: { type: "string", default: "500" },
    reuse: { type: "boolean", default: false },
  },
});
const inventories = Number(values.inventories);
const storedOnes = Math.min(inventories, Number(values.stored));
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

/** An image with these packages in these layers. */
function imageOf(number, layers, packages) {
  return {
    schemaVersion: 2,
    artifact: {
      name: `registry.example/app-${number}`,
      kind: "container-image",
      digest: `sha256:${hex(2_000_000 + number)}`,
      distro: { id: "debian", versionId: "12" },
      layers: layers.map((each) => ({ ...each, digest: each.diffId, size: 1_000_000 })),
    },
    packages,
    diagnostics: [],
  };
}

function inventoryOf(number) {
  const base = bases[Math.floor(random() * bases.length)];
  const layer = { index: 1, diffId: `sha256:${hex(1_000_000 + number)}` };
  const app = distinctRanks(shape.appPackages).map((rank) => packageOf(rank, versionOf(), layer));
  return imageOf(number, [base.layer, layer], [...base.packages, ...app]);
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
if (!values.reuse)
  await sql`truncate inventory, inventory_set, package_set, set_package, package, package_lookup, lookup, finding, finding_change, update_operation, notification, delivery restart identity cascade`.execute(
    database.queries,
  );
if (!values.reuse) await sql`update setting set value = '' where name = 'advisories'`.execute(database.queries);

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

async function keepInventory(inventory) {
  const image = { tenant: "", digest: inventory.artifact.digest };
  await storeInventory(database, { image, basis: "read", inventory, indexer: "benchmark", now: new Date() }, store);
}

/** Every name in every version, 2,000 names at a time; what had them is gone afterwards, as nobody's image has all. */
async function storePackages() {
  for (let version = 0; version < shape.versions; version++) {
    for (let first = 0; first < shape.names; first += 2_000) {
      const layer = { index: 0, diffId: `sha256:${hex(9_000_000 + version * shape.names + first)}` };
      const ranks = Array.from({ length: 2_000 }, (_, at) => first + at);
      const packages = ranks.map((rank) => packageOf(rank, `1.${version}-1`, layer));
      await keepInventory(imageOf(9_000_000 + version * shape.names + first, [layer], packages));
    }
    say(`  ${(version + 1) * shape.names} packages`);
  }
  for (const table of ["inventory_set", "inventory", "set_package", "package_set"])
    await sql.raw(`delete from ${table}`).execute(database.queries);
}

/** Inventories from `first` on, like those that were stored. A random number to the base of all names is a rank as Zipf distributes them. */
async function addRows(first, count) {
  await sql`with fresh as (
      insert into inventory (tenant, digest, basis, name, state, error, indexer, document, created_at, indexed_at)
      select '', 'sha256:' || lpad(to_hex(2000000 + number), 64, '0'), 'read', 'registry.example/app-' || number, 'IndexFinished', '', 'benchmark',
        (select document from inventory where digest = 'sha256:' || lpad(to_hex(2000000 + number % ${sql.lit(storedOnes)}), 64, '0')), now(), now()
      from generate_series(${sql.lit(first)}, ${sql.lit(first + count - 1)}) as number returning id, name),
    own as (
      insert into package_set (hash, packages)
      select 'made-' || id, (select packages from package_set where hash not like 'made-%' order by id desc limit 1) from fresh returning id, hash),
    pair as (
      select fresh.id as inventory, own.id as set from fresh join own on own.hash = 'made-' || fresh.id),
    based as (
      insert into inventory_set (inventory_id, set_id)
      select inventory, (select id from made_base where number = inventory % (select count(*) from made_base)) from pair union all select inventory, set from pair)
    insert into set_package (set_id, package_id)
    select distinct set, made_package.id from (
      select set, floor(exp(random() * ln(${sql.lit(shape.names)})))::integer - 1 as rank, floor(random() * ${sql.lit(shape.versions)})::integer as version
      from pair cross join generate_series(1, ${sql.lit(shape.appPackages)})) as drawn
    join made_package using (rank, version)`.execute(database.queries);
}

async function fill() {
  const packagesStored = await timed(storePackages);
  say(`packages    ${packagesStored.seconds.toFixed(0)} s (${packagesStored.cpu.toFixed(0)} s of CPU here)`);
  const stored = await timed(async () => {
    for (let number = 0; number < storedOnes; number++) await keepInventory(inventoryOf(number));
  });
  const made = await timed(async () => {
    const { queries } = database;
    await sql`drop table if exists made_package, made_base`.execute(queries);
    await sql`create table made_package as select package.id, row_number() over (partition by name order by package.id) - 1 as version,
      case name when 'glibc' then 0 when 'openssl' then 1 else split_part(name, '-', 2)::integer end as rank
    from (select id, data::json -> 'package' ->> 'name' as name from package) as package`.execute(queries);
    await sql`create unique index on made_package (rank, version)`.execute(queries);
    await sql`create table made_base as select id, row_number() over (order by id) - 1 as number from (
      select set_id as id from inventory_set group by set_id order by count(*) desc, set_id limit ${sql.lit(shape.baseSets)}) as base`.execute(
      queries,
    );
    await sql`analyze`.execute(queries);
    for (let first = storedOnes; first < inventories; first += 2_000) {
      await addRows(first, Math.min(2_000, inventories - first));
      if ((first - storedOnes) % 20_000 === 0) say(`  ${first} inventories`);
    }
    await sql`drop table made_package, made_base`.execute(queries);
  });
  say(
    `stored      ${storedOnes} inventories in ${stored.seconds.toFixed(0)} s (${stored.cpu.toFixed(0)} s of CPU here)`,
  );
  say(`rows made   ${inventories - storedOnes} inventories in ${made.seconds.toFixed(0)} s`);
}
if (!values.reuse) await fill();
await sql`analyze`.execute(database.queries);
const size = await sql`select pg_database_size(current_database()) as bytes`.execute(database.queries);
const counts =
  await sql`select (select count(*) from package) as packages, (select count(*) from package_set) as sets, (select count(*) from lookup) as names`.execute(
    database.queries,
  );
const { packages, sets, names } = counts.rows[0];
say(`index       ${inventories} inventories: ${names} names, ${packages} distinct packages, ${sets} sets`);
say(`size        ${Math.round(Number(size.rows[0].bytes) / inventories)} bytes of database for each inventory`);

/** Whether the database makes statistics of what updates write by itself, as it does some time after each. */
async function statistics(state) {
  for (const table of ["finding", "finding_change", "update_set", "notification"])
    await sql.raw(`alter table ${table} set (autovacuum_enabled = ${state})`).execute(database.queries);
}
await statistics("off");

// One name in a hundred, and the two that nearly everybody has.
const touched = Array.from({ length: shape.names / 100 }, (_, at) => [at * 100 + 7, "1.15-1"]);
store = storeOf("after", [...everyTenth, ...touched, [0, "1.19-1"], [1, "1.19-1"]]);
const update = await timed(() => applyUpdate(core));
const { lookups, packages: matched, changes, inventories: hit, notification } = update.result;
say(
  `update      ${update.seconds.toFixed(1)} s (${update.cpu.toFixed(1)} s of CPU here): ${lookups} names, ${matched} packages matched, ${changes} changes, ${hit} inventories hit`,
);

/** Pages of a notification, one after another. */
async function pages(summary) {
  let next;
  return percentiles(async () => {
    const { page } = await notificationPage(database.queries, notification, { tenant: "", size: 100, next, summary });
    next = page.next;
  });
}

// At once: so that the database cannot make statistics of what the update wrote meanwhile.
say(`notified    ${await pages(false)} right after the update, ${await pages(true)} in summary`);
say(
  `manifest    ${await percentiles((at) => loadManifest(database.queries, { tenant: "", digest: `sha256:${hex(2_000_000 + ((at * 7919) % storedOnes))}` }))}`,
);
say(
  `where is    ${await percentiles((at) => imagesWith(database.queries, "", `CVE-2024-${10_000 + ((at * 131) % 200) * 100 + 7}`))}`,
);
await statistics("on");
await sql`analyze`.execute(database.queries);
say(`notified    ${await pages(false)} with statistics, ${await pages(true)} in summary`);
await queue.close();
await database.close();
