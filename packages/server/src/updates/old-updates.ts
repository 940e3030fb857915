import { sql } from "kysely";
import type { Queries } from "../database/open-database.ts";

/** Days that a notification can be read when nobody deletes it. */
const notificationDays = 60;

/** Days that updates and their changes are kept: a year of trends and some weeks. */
const updateDays = 400;

/**
 * Deletes notifications and updates that are older than their retention times, and what is written down of an update for pages of notifications alone
 * when there is none any more: with every update it is a row for each package set that was touched. The newest update stays, since differences are asked for from it on.
 */
export async function forgetOldUpdates(queries: Queries, now: Date): Promise<void> {
  const before = (days: number): Date => new Date(now.getTime() - days * 24 * 3_600_000);
  await sql`delete from notification where created_at < ${before(notificationDays)}`.execute(queries);
  await sql`delete from update_operation where date < ${before(updateDays)}
    and id < (select max(id) from update_operation)`.execute(queries);
  await sql`delete from update_set where update_id in (select id from update_operation
    where not exists (select from notification where notification.update_id = update_operation.id))`.execute(queries);
}
