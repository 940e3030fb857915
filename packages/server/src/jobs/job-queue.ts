import PgBoss from "pg-boss";
import { executeText } from "../database/open-database.ts";
import type { Database, Queries } from "../database/open-database.ts";

/** A queue of jobs in the database, so that no job is lost with a process. */
export interface JobQueue {
  /** Adds a job, in the caller's transaction if one is given. Does nothing when a job with the same key is waiting already. */
  send(kind: JobKind, data: object, options: SendOptions): Promise<void>;
  /** Takes the next job of a kind for this process, until it expires. */
  fetch(kind: JobKind): Promise<Job | undefined>;
  /** Removes a finished job from the queue. */
  complete(job: Job, queries?: Queries): Promise<void>;
  /** Returns a job to the queue, to be retried later. False: it was the last attempt, and the job is given up. */
  fail(job: Job, reason: string): Promise<boolean>;
  /** Returns a job to the queue without counting a failed attempt, not to be taken again for some milliseconds of the database's clock. */
  postpone(job: Job, milliseconds: number): Promise<void>;
  /** The number of waiting jobs, and of jobs that were given up. */
  counts(kind: JobKind): Promise<{ readonly waiting: number; readonly setAside: number }>;
  /** Returns the jobs of processes that ended to the queue. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

/** The kinds of jobs; each has a queue. */
export const jobKinds = ["index", "scan", "update", "deliver", "watch"] as const;

export type JobKind = (typeof jobKinds)[number];

export interface SendOptions {
  /** Identifies the subject of the job: each kind has at most one waiting job with a key. */
  readonly key: string;
  /** Jobs of a lower rank are taken first; of the same rank, the oldest. */
  readonly rank?: number | undefined;
  readonly in?: Queries | undefined;
}

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly data: Readonly<Record<string, unknown>>;
  /** Number of earlier attempts. */
  readonly tries: number;
}

/** Tries before a job counts as poison, and seconds before the first further one, which then double. */
const retries: Readonly<Record<JobKind, { readonly limit: number; readonly delay: number }>> = {
  index: { limit: 3, delay: 5 },
  scan: { limit: 3, delay: 5 },
  update: { limit: 5, delay: 10 },
  deliver: { limit: 8, delay: 5 },
  watch: { limit: 2, delay: 30 },
};

/** Seconds after which a job whose process has stopped responding can be taken by another. */
export const expireInSeconds: number = 15 * 60;

/** Opens the queues of a database. */
export async function openJobQueue(
  database: Database,
  options: { readonly retryDelay?: number | undefined } = {},
): Promise<JobQueue> {
  const inDatabase = (queries: Queries): PgBoss.Db => ({
    executeSql: (text, values) => executeText(queries, text, values),
  });
  const own = { db: inDatabase(database.queries) };
  const boss = new PgBoss({ ...own, supervise: false, schedule: false });
  boss.on("error", () => undefined);
  await boss.start();
  for (const kind of jobKinds) await boss.createQueue(kind, { name: kind, policy: "short" });
  // Nobody else can have an embedded database's jobs: those that are taken were this directory's earlier process's.
  if (database.kind === "pglite")
    await executeText(
      database.queries,
      "update pgboss.job set state = 'retry', start_after = now() where state = 'active'",
    );
  /** What will not be tried again needs no credentials any more. */
  const forgetSealed = async (): Promise<void> => {
    for (const table of ["job", "archive"])
      await executeText(
        database.queries,
        `update pgboss.${table} set data = data - 'sealed' where state in ('completed', 'cancelled', 'failed') and data ? 'sealed'`,
      );
  };
  return {
    async send(kind, data, { key, rank = 0, in: queries }) {
      const { limit: retryLimit, delay } = retries[kind];
      const { retryDelay = delay } = options;
      await boss.send(kind, data, {
        retryLimit,
        retryDelay,
        retryBackoff: retryDelay > 0,
        expireInSeconds,
        singletonKey: key,
        priority: -rank,
        ...(queries === undefined ? own : { db: inDatabase(queries) }),
      });
    },
    async fetch(kind) {
      const [job] = (await boss.fetch<Record<string, unknown>>(kind, { includeMetadata: true })) ?? [];
      return job === undefined ? undefined : { id: job.id, kind, data: job.data ?? {}, tries: job.retryCount };
    },
    async complete({ kind, id }, queries) {
      // Removed, not kept as completed: jobs may hold what registries gave a client for an hour.
      await boss.deleteJob(kind, id, queries === undefined ? own : { db: inDatabase(queries) });
    },
    async fail({ kind, id, tries }, reason) {
      await boss.fail(kind, id, { message: reason });
      await forgetSealed();
      return tries < retries[kind].limit;
    },
    async postpone({ kind, id }, milliseconds) {
      await executeText(
        database.queries,
        "update pgboss.job set state = case when retry_count > 0 then 'retry' else 'created' end::pgboss.job_state, start_after = now() + $3::double precision * interval '1 millisecond', started_on = null where name = $1 and id = $2 and state = 'active'",
        [kind, id, milliseconds],
      );
    },
    async counts(kind) {
      const { rows } = await executeText(
        database.queries,
        "select count(*) filter (where state in ('created', 'retry')) as waiting, count(*) filter (where state = 'failed') as failed from pgboss.job where name = $1",
        [kind],
      );
      return { waiting: Number(rows[0]?.["waiting"] ?? 0), setAside: Number(rows[0]?.["failed"] ?? 0) };
    },
    async maintain() {
      // First: jobs that expire are set aside by it, or go to the archive.
      await boss.maintain();
      await forgetSealed();
    },
    close: () => boss.stop({ graceful: false, wait: false }),
  };
}
