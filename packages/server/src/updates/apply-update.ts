import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { AdvisoryStore, CallOptions, Distro } from "@plimsoll/model";
import { canonicalText } from "../catalog/content-hash.ts";
import { findingChanges, matchPackages, severityRank } from "../catalog/known-finding.ts";
import type { FindingChange, KnownFinding } from "../catalog/known-finding.ts";
import { digestLookups } from "../catalog/lookup-digest.ts";
import type { LookupName, MatchablePackage } from "../catalog/matchable-package.ts";
import { AdvisoriesReplaced, advisoryRevision, currentRevision, insertFindings } from "../catalog/store-inventory.ts";
import type { Queries } from "../database/open-database.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";

/** The result of applying an update. */
export interface AppliedUpdate {
  /** Package names whose advisories changed. */
  readonly lookups: number;
  /** Packages that were matched again. */
  readonly packages: number;
  readonly changes: number;
  /** Images that have a package with changed findings. */
  readonly inventories: number;
  /** Id of the notification; absent when nobody is to be notified. */
  readonly notification?: string;
}

/** Names looked up between two questions to the database. */
const lookupsPerPage = 2_000;

/** Packages matched and written at a time. */
const packagesPerPage = 1_000;

/**
 * Updates all findings to the current advisories. It compares the advisories under each package name, matches each package with changed ones once,
 * and records the differences, in one transaction, so that a process that dies changes nothing. Undefined: there was nothing to do.
 */
export async function applyUpdate(core: ServiceCore, options: CallOptions = {}): Promise<AppliedUpdate | undefined> {
  for (;;) {
    try {
      return await tryUpdate(core, options);
    } catch (error) {
      // Another process was faster; its update may be this very one.
      if (!(error instanceof AdvisoriesReplaced)) throw error;
    }
  }
}

async function tryUpdate(core: ServiceCore, options: CallOptions): Promise<AppliedUpdate | undefined> {
  const applied = await withAdvisories(core, async (lease) => {
    if (lease === undefined) return undefined;
    const { store } = lease;
    const before = await currentRevision(core.database.queries);
    if (before === store.revision) return undefined;
    // Asking for every name takes longest and needs no lock; names that come meanwhile are asked for under it.
    const early = await changedLookups(core.database.queries, store, 0, options);
    return core.database.queries.transaction().execute(async (transaction) => {
      await lockRevision(transaction, before);
      const late = await changedLookups(transaction, store, early.last, options);
      return writeUpdate(core, transaction, { store, before, changed: [...early.changed, ...late.changed] }, options);
    });
  });
  if (applied !== undefined) {
    core.log.info(applied, "advisories were updated");
    core.wake();
  }
  return applied;
}

/** Keeps indexes from being committed while findings are brought up to date. */
async function lockRevision(queries: Queries, expected: string): Promise<void> {
  await sql`insert into setting (name, value) values (${advisoryRevision}, '') on conflict (name) do nothing`.execute(
    queries,
  );
  const { rows } = await sql<{
    value: string;
  }>`select value from setting where name = ${advisoryRevision} for update`.execute(queries);
  if (rows[0]?.value !== expected) throw new AdvisoriesReplaced("another process updated the advisories");
}

interface ChangedLookup {
  readonly id: number;
  readonly digest: string;
}

async function changedLookups(
  queries: Queries,
  store: AdvisoryStore,
  after: number,
  options: CallOptions,
): Promise<{ readonly changed: readonly ChangedLookup[]; readonly last: number }> {
  const changed: ChangedLookup[] = [];
  let last = after;
  for (;;) {
    options.signal?.throwIfAborted();
    const { rows } = await sql<LookupName & ChangedLookup>`select id, namespace, name, digest from lookup
      where id > ${last} order by id limit ${lookupsPerPage}`.execute(queries);
    if (rows.length === 0) return { changed, last };
    last = rows.at(-1)?.id ?? last;
    const digests = await digestLookups(rows, store, options);
    rows.forEach(({ id, digest }, at) => {
      const now = digests[at] ?? "";
      if (now !== digest) changed.push({ id, digest: now });
    });
  }
}

async function writeUpdate(
  core: ServiceCore,
  queries: Queries,
  update: { readonly store: AdvisoryStore; readonly before: string; readonly changed: readonly ChangedLookup[] },
  options: CallOptions,
): Promise<AppliedUpdate> {
  const { store, before, changed } = update;
  const packageIds = await touchedPackages(queries, changed);
  const updateId = await insertOperation(queries, store, core.now());
  let changes = 0;
  for (let at = 0; at < packageIds.length; at += packagesPerPage) {
    options.signal?.throwIfAborted();
    const page = packageIds.slice(at, at + packagesPerPage);
    const found = await rematch(queries, page, store, options);
    // The first advisories of all change nothing: they say what there is.
    if (before !== "") changes += await insertChanges(queries, updateId, found);
    await insertFindings(queries, new Map([...found].map(([id, { after }]) => [id, after])));
  }
  for (let at = 0; at < changed.length; at += lookupsPerPage) {
    const page = changed.slice(at, at + lookupsPerPage);
    await sql`update lookup set digest = fresh.digest
      from unnest(${page.map(({ id }) => id)}::bigint[], ${page.map(({ digest }) => digest)}::text[]) AS fresh (id, digest)
      where lookup.id = fresh.id`.execute(queries);
  }
  await sql`update setting set value = ${store.revision} where name = ${advisoryRevision}`.execute(queries);
  const inventories = changes === 0 ? 0 : await noteTouchedSets(queries, updateId);
  const notification = await notify(core, queries, updateId, inventories);
  return {
    lookups: changed.length,
    packages: packageIds.length,
    changes,
    inventories,
    ...(notification === undefined ? {} : { notification }),
  };
}

async function touchedPackages(queries: Queries, changed: readonly ChangedLookup[]): Promise<readonly number[]> {
  const ids = new Set<number>();
  for (let at = 0; at < changed.length; at += lookupsPerPage) {
    const page = changed.slice(at, at + lookupsPerPage).map(({ id }) => id);
    const { rows } = await sql<{ package_id: number }>`select distinct package_id from package_lookup
      where lookup_id = any(${page}::bigint[])`.execute(queries);
    for (const { package_id: id } of rows) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b);
}

async function insertOperation(queries: Queries, store: AdvisoryStore, now: Date): Promise<number> {
  const { rows } = await sql<{
    id: number;
  }>`insert into update_operation (ref, updater, fingerprint, date, kind, last_inventory)
    values (${randomUUID()}, 'plimsoll', ${store.revision}, ${now}, 'vulnerability', (select coalesce(max(id), 0) from inventory))
    returning id`.execute(queries);
  return rows[0]?.id ?? 0;
}

interface Rematched {
  readonly before: readonly KnownFinding[];
  readonly after: readonly KnownFinding[];
}

async function rematch(
  queries: Queries,
  ids: readonly number[],
  store: AdvisoryStore,
  options: CallOptions,
): Promise<ReadonlyMap<number, Rematched>> {
  const { rows } = await sql<{
    id: number;
    data: string;
    distribution: string;
  }>`select package.id, package.data, distribution.data AS distribution
    from package join distribution on distribution.id = package.distribution_id
    where package.id = any(${[...ids]}::bigint[])`.execute(queries);
  const known = await sql<{ package_id: number; data: string }>`select package_id, data from finding
    where package_id = any(${[...ids]}::bigint[])`.execute(queries);
  const before = new Map<number, KnownFinding[]>();
  for (const { package_id: id, data } of known.rows) {
    const finding = JSON.parse(data) as KnownFinding; // as: written by insertFindings
    const list = before.get(id);
    if (list === undefined) before.set(id, [finding]);
    else list.push(finding);
  }
  const byDistribution = new Map<string, Map<string, MatchablePackage>>();
  for (const { id, data, distribution } of rows) {
    const packages = byDistribution.get(distribution) ?? new Map<string, MatchablePackage>();
    packages.set(String(id), JSON.parse(data) as MatchablePackage); // as: written by storeInventory
    byDistribution.set(distribution, packages);
  }
  const result = new Map<number, Rematched>();
  for (const [distribution, packages] of byDistribution) {
    const distro = (JSON.parse(distribution) ?? undefined) as Distro | undefined; // as: written by storeInventory
    for (const [id, after] of await matchPackages(packages, distro, store, options))
      result.set(Number(id), { before: before.get(Number(id)) ?? [], after });
  }
  return result;
}

async function insertChanges(
  queries: Queries,
  updateId: number,
  found: ReadonlyMap<number, Rematched>,
): Promise<number> {
  const rows = [...found].flatMap(([id, { before, after }]) =>
    findingChanges(before, after).map((change) => ({ id, change, finding: findingOf(change) })),
  );
  if (rows.length === 0) return 0;
  const text = (finding: KnownFinding | undefined): string | null =>
    finding === undefined ? null : canonicalText(finding);
  await sql`insert into finding_change (update_id, package_id, vulnerability, kind, severity, before, after)
    select ${updateId}, * from unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ finding }) => finding.id)}::text[],
      ${rows.map(({ change }) => change.kind)}::text[], ${rows.map(({ finding }) => severityRank(finding.severity))}::integer[],
      ${rows.map(({ change }) => text(change.before))}::text[], ${rows.map(({ change }) => text(change.after))}::text[])`.execute(
    queries,
  );
  return rows.length;
}

function findingOf({ before, after }: FindingChange): KnownFinding {
  const finding = after ?? before;
  if (finding === undefined) throw new Error("a change has a before or an after");
  return finding;
}

/** Ids of changes are below this; severities, of which the worst is the lowest, stand above it, so that one number has the order of both. */
const changeIds = 2 ** 48;

/** Writes down which sets have a changed package, and what is told of them; gives the number of inventories that have one of them. */
async function noteTouchedSets(queries: Queries, updateId: number): Promise<number> {
  const worst = (kind: string) => sql`min(rank) filter (where kind = ${sql.lit(kind)}) % ${sql.lit(changeIds)}`;
  await sql`insert into update_set (update_id, set_id, told, changes, worst)
    select ${updateId}, set_id, count(id) filter (where told), coalesce(array_agg(id) filter (where told), '{}'),
      array_remove(array[${worst("added")}, ${worst("removed")}], null)
    from (select set_id, id, kind, kind in ('added', 'removed') AS told, severity * ${sql.lit(changeIds)} + id AS rank
      from finding_change join set_package using (package_id) where update_id = ${updateId}) AS change group by set_id`.execute(
    queries,
  );
  const { rows } = await sql<{ count: number }>`select count(distinct inventory_set.inventory_id) AS count
    from inventory_set join update_set using (set_id) where update_set.update_id = ${updateId}`.execute(queries);
  return Number(rows[0]?.count ?? 0);
}

/** Writes the notification, and a delivery and a job for each channel, with the update: there is none without the other. */
async function notify(
  core: ServiceCore,
  queries: Queries,
  updateId: number,
  inventories: number,
): Promise<string | undefined> {
  if (inventories === 0) return undefined;
  const id = randomUUID();
  const now = core.now();
  await sql`insert into notification (id, update_id, created_at, inventories) values (${id}, ${updateId}, ${now}, ${inventories})`.execute(
    queries,
  );
  for (const channel of core.channels) {
    const delivery = randomUUID();
    await sql`insert into delivery (id, notification_id, channel, state, attempts, error, updated_at)
      values (${delivery}, ${id}, ${channel}, 'pending', 0, '', ${now})`.execute(queries);
    await core.queue.send("deliver", { delivery }, { key: delivery, in: queries });
  }
  return id;
}
