import { sql } from "kysely";
import type { Queries } from "../database/open-database.ts";
import { expireInSeconds } from "../jobs/job-queue.ts";
import type { ServiceCore } from "../service-core.ts";

/** Milliseconds until a scan is looked at again that found no turn. */
const turnWait = 2_000;

/** Seconds that a registry rests after it did not answer, doubled for each further time. */
const firstRest = 5;
const longestRest = 600;

/**
 * Asks whether a scan may start on a registry. In the whole fleet only `perRegistry` scans of one registry run at a time, and a registry that did
 * not answer is paused. Returns undefined when the scan may start, otherwise the milliseconds after which to ask again. Stored times that lie
 * impossibly far in the future, written by a clock that was wrong, are ignored.
 */
export async function takeTurn(
  core: Pick<ServiceCore, "database" | "now" | "perRegistry">,
  { id, registry }: { readonly id: string; readonly registry: string },
): Promise<number | undefined> {
  const now = core.now();
  // What a process left that died counts no more when its job has gone to another.
  const alive = new Date(now.getTime() - expireInSeconds * 1_000);
  const ahead = new Date(now.getTime() + expireInSeconds * 1_000);
  return core.database.queries.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`registry ${registry}`}, 0))`.execute(transaction);
    const rest = await transaction
      .selectFrom("registry_rest")
      .select("until")
      .where("registry", "=", registry)
      .executeTakeFirst();
    const left = rest === undefined ? 0 : rest.until.getTime() - now.getTime();
    if (left > 0 && left <= longestRest * 1_000) return left;
    const { count } = await transaction
      .selectFrom("scan")
      .select(({ fn }) => fn.countAll().as("count"))
      .where("registry", "=", registry)
      .where("state", "=", "running")
      .where("updated_at", ">", alive)
      .where("updated_at", "<=", ahead)
      .where("id", "<>", id)
      .executeTakeFirstOrThrow();
    if (Number(count) >= core.perRegistry) return turnWait;
    await transaction.updateTable("scan").set({ state: "running", updated_at: now }).where("id", "=", id).execute();
    return undefined;
  });
}

/** Records that a registry did not answer, or answered that there are too many requests: it is paused, longer each time. */
export async function noteSilence(queries: Queries, registry: string, now: Date): Promise<void> {
  await sql`insert into registry_rest (registry, until, failures)
    values (${registry}, ${now}::timestamptz + ${firstRest} * interval '1 second', 1)
    on conflict (registry) do update set failures = registry_rest.failures + 1,
      until = ${now}::timestamptz + least(${firstRest} * power(2, least(registry_rest.failures, 20)), ${longestRest}) * interval '1 second'`.execute(
    queries,
  );
}

/** Records that a registry answered, which ends its pause. */
export async function noteAnswer(queries: Queries, registry: string): Promise<void> {
  await queries.deleteFrom("registry_rest").where("registry", "=", registry).execute();
}
