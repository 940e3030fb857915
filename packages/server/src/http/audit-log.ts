import { sql } from "kysely";
import type { Queries } from "../database/open-database.ts";
import type { Actor } from "./authentication.ts";

/** How many days entries are kept. */
const keptDays = 400;

/** An entry of the audit log: an operation that was done or refused. */
export interface AuditEntry {
  readonly at: Date;
  readonly actor: Pick<Actor, "name" | "tenant">;
  /** Network address of the client; empty where it is not known. */
  readonly client: string;
  /** Name of the operation in the OpenAPI document. */
  readonly operation: string;
  /** The path of the request, without the query. */
  readonly target: string;
  /** HTTP status of the response. */
  readonly status: number;
}

/** Writes an entry. Entries contain no bodies, headers or queries. */
export async function writeAuditEntry(queries: Queries, entry: AuditEntry): Promise<void> {
  const { at, actor, client, operation, target, status } = entry;
  await queries
    .insertInto("audit")
    .values({
      at,
      actor: actor.name,
      tenant: actor.tenant,
      client,
      operation,
      target: target.replaceAll("\0", " ").slice(0, 500),
      status,
    })
    .execute();
}

/** Entries as a tenant may see them, newest first; the operator sees all. */
export async function readAuditEntries(
  queries: Queries,
  { tenant, limit, before }: { readonly tenant: string; readonly limit: number; readonly before: number | undefined },
): Promise<{ readonly entries: readonly object[]; readonly next?: number }> {
  let query = queries
    .selectFrom("audit")
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (tenant !== "") query = query.where("tenant", "=", tenant);
  if (before !== undefined) query = query.where("id", "<", before);
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    entries: page.map(({ id, at, actor, tenant: of, client, operation, target, status }) => ({
      id,
      at: at.toISOString(),
      actor,
      ...(of === "" ? {} : { tenant: of }),
      ...(client === "" ? {} : { client }),
      operation,
      target,
      status,
    })),
    ...(rows.length > limit && last !== undefined ? { next: last.id } : {}),
  };
}

/** Deletes entries that are older than the retention time. */
export async function forgetOldAuditEntries(queries: Queries, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - keptDays * 24 * 3_600_000);
  await sql`delete from audit where at < ${oldest}`.execute(queries);
}
