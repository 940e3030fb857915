import { sql } from "kysely";
import type { Queries } from "../database/open-database.ts";
import type { Actor } from "./authentication.ts";

/** Days that entries are kept. */
const keptDays = 400;

/** Something that was done or refused. */
export interface AuditEntry {
  readonly at: Date;
  readonly actor: Pick<Actor, "name" | "tenant">;
  /** Address of who asked; empty where it is not known. */
  readonly client: string;
  /** Name of the operation in the OpenAPI document. */
  readonly operation: string;
  /** What it was done to: the path, without the query. */
  readonly target: string;
  /** Status of the answer. */
  readonly status: number;
}

/** Writes an entry. Bodies, headers and queries never reach it. */
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

/** Forgets entries that are older than they are kept. */
export async function forgetOldAuditEntries(queries: Queries, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - keptDays * 24 * 3_600_000);
  await sql`delete from audit where at < ${oldest}`.execute(queries);
}
