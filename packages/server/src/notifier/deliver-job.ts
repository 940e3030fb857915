import { sql } from "kysely";
import type { Job } from "../jobs/job-queue.ts";
import type { ServiceCore } from "../service-core.ts";
import type { Channel } from "./channel.ts";

/**
 * Runs a delivery job. The delivery is marked as done after the receiver accepted it, in the transaction that completes the job: if the process
 * dies in between, it is delivered again with the same id.
 */
export async function runDeliverJob(
  core: ServiceCore,
  channels: readonly Channel[],
  job: Job,
  signal: AbortSignal,
): Promise<void> {
  const id = String(job.data["delivery"]);
  const row = await core.database.queries
    .selectFrom("delivery")
    .select(["channel", "notification_id", "state"])
    .where("id", "=", id)
    .executeTakeFirst();
  // Its notification was deleted meanwhile, or it was delivered and the job came back.
  if (row === undefined || row.state === "done") return core.queue.complete(job);
  const channel = channels.find((candidate) => candidate.id === row.channel);
  if (channel === undefined) throw new Error(`the channel ${row.channel} is not configured any more`);
  await channel.deliver({ id: row.notification_id, delivery: id }, signal);
  await core.database.queries.transaction().execute(async (transaction) => {
    await sql`update delivery set state = 'done', attempts = attempts + 1, error = '', updated_at = ${core.now()}
      where id = ${id}`.execute(transaction);
    await core.queue.complete(job, transaction);
  });
}

/** Records why a delivery failed; `final`: it is not retried, and kept with the reason. */
export async function noteFailedDelivery(core: ServiceCore, job: Job, error: unknown, final: boolean): Promise<void> {
  const reason = (error instanceof Error ? error.message : String(error)).replaceAll("\0", " ").slice(0, 2_000);
  await sql`update delivery set state = ${final ? "dead" : "pending"}, attempts = attempts + 1, error = ${reason}, updated_at = ${core.now()}
    where id = ${String(job.data["delivery"])}`.execute(core.database.queries);
}
