import { sql } from "kysely";
import type { KnownFinding } from "../catalog/known-finding.ts";
import { isOfTenant } from "../catalog/package-owner.ts";
import type { Queries } from "../database/open-database.ts";
import type { ClairVulnerability } from "./documents.ts";
import { vulnerabilitySummary } from "./notification-page.ts";

/** An update of the advisories. */
export interface ClairUpdateOperation {
  readonly ref: string;
  readonly updater: string;
  readonly fingerprint: string;
  readonly date: string;
  readonly kind: "vulnerability" | "enrichment";
}

/** The differences between two updates, as far as they affect indexed manifests. */
export interface ClairUpdateDiff {
  readonly prev?: ClairUpdateOperation;
  readonly cur: ClairUpdateOperation;
  readonly added: readonly ClairVulnerability[];
  readonly removed: readonly ClairVulnerability[];
}

interface OperationRow {
  readonly id: number;
  readonly ref: string;
  readonly updater: string;
  readonly fingerprint: string;
  readonly date: Date;
  readonly kind: "vulnerability" | "enrichment";
}

/** Updates by updater, newest first. */
export async function updateOperations(
  queries: Queries,
  { kind, latest }: { readonly kind: string; readonly latest: boolean },
): Promise<Readonly<Record<string, readonly ClairUpdateOperation[]>>> {
  const { rows } = await sql<OperationRow>`select * from update_operation where kind = ${kind} order by id desc
    limit ${latest ? 1 : 10_000}`.execute(queries);
  return rows.length === 0 ? {} : { plimsoll: rows.map(toOperation) };
}

/** The ref of the newest update of a kind; undefined when there is none. */
export async function latestUpdate(queries: Queries, kind: string): Promise<string | undefined> {
  const { rows } = await sql<{
    ref: string;
  }>`select ref from update_operation where kind = ${kind} order by id desc limit 1`.execute(queries);
  return rows[0]?.ref;
}

/** Deletes an update with its changes and notifications. */
export async function deleteUpdateOperation(queries: Queries, ref: string): Promise<void> {
  await sql`delete from update_operation where ref = ${ref}`.execute(queries);
}

/** The changes after update `previous` (absent: from the first on) up to and including `current` (absent: the newest); undefined for an unknown update. */
export async function updateDiff(
  queries: Queries,
  tenant: string,
  previous: string | undefined,
  current: string | undefined,
): Promise<ClairUpdateDiff | undefined> {
  const prev = previous === undefined ? undefined : await operation(queries, previous);
  const cur = await operation(queries, current);
  if ((previous !== undefined && prev === undefined) || cur === undefined) return undefined;
  const { rows } = await sql<{
    kind: string;
    before: string | null;
    after: string | null;
    data: string;
    distribution: string;
  }>`
    select finding_change.kind, finding_change.before, finding_change.after, package.data, distribution.data AS distribution
    from finding_change join package on package.id = finding_change.package_id
    join distribution on distribution.id = package.distribution_id
    where update_id > ${prev?.id ?? 0} and update_id <= ${cur.id} and kind in ('added', 'removed') and ${isOfTenant(tenant)}
    order by finding_change.id`.execute(queries);
  const added = new Map<string, ClairVulnerability>();
  const removed = new Map<string, ClairVulnerability>();
  rows.forEach((row, at) => {
    const finding = JSON.parse(row.after ?? row.before ?? "{}") as KnownFinding; // as: written by insertChanges
    const core = vulnerabilitySummary(finding, row);
    const key = JSON.stringify(core);
    const [into, from] = row.kind === "added" ? [added, removed] : [removed, added];
    // What came and went in between is no difference.
    if (!from.delete(key)) into.set(key, { id: String(at + 1), updater: "plimsoll", ...core });
  });
  return {
    ...(prev === undefined ? {} : { prev: toOperation(prev) }),
    cur: toOperation(cur),
    added: [...added.values()],
    removed: [...removed.values()],
  };
}

async function operation(queries: Queries, ref: string | undefined): Promise<OperationRow | undefined> {
  const { rows } = await sql<OperationRow>`select * from update_operation
    where ${ref === undefined ? sql`true` : sql`ref = ${ref}`} order by id desc limit 1`.execute(queries);
  return rows[0];
}

function toOperation({ ref, updater, fingerprint, date, kind }: OperationRow): ClairUpdateOperation {
  return { ref, updater, fingerprint, date: date.toISOString(), kind };
}
