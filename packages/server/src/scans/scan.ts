import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { ScanError, isDigest } from "@plimsoll/model";
import { formatReference, parseReference } from "@plimsoll/registry";
import { indexReference } from "../api/index-image.ts";
import type { RegistryAccess } from "../api/index-image.ts";
import type { Queries } from "../database/open-database.ts";
import { storeMatched } from "../indexing/index-job.ts";
import { indexerState } from "../indexing/indexer-state.ts";
import { noteAnswer, noteSilence, takeTurn } from "./registry-turns.ts";
import type { Job } from "../jobs/job-queue.ts";
import type { ServiceCore } from "../service-core.ts";

/** States of a scan; the last two are final. */
export const scanStates = ["waiting", "running", "done", "failed"] as const;

export type ScanState = (typeof scanStates)[number];

/** A background scan; clients ask for its result later. */
export interface Scan {
  readonly id: string;
  readonly reference: string;
  /** Where the request came from: `api`, `harbor`, `watch` or a kind of webhook. */
  readonly source: string;
  readonly state: ScanState;
  /** Digest of the image, once it is known. */
  readonly digest?: string;
  readonly error?: string;
  readonly updatedAt: string;
}

/** A scan to queue. */
export interface NewScan {
  readonly tenant: string;
  readonly reference: string;
  readonly source: string;
  /** The digest of the tag, if the registry was asked for it already. */
  readonly listed?: string | undefined;
  /** Absent: the credentials of the machine that scans. */
  readonly access?: Partial<RegistryAccess> | undefined;
}

/** Days that scans are remembered after they ended. */
const keptDays = 7;

/**
 * Queues a scan; returns its id. A waiting scan of the same reference and source is reused, unless the scan has credentials of its own. Registries
 * take turns:
 * the more images of one registry are waiting, the later a further one is scanned.
 * @throws ScanError `invalid-option` when the reference cannot be parsed.
 */
export async function requestScan(
  core: ServiceCore,
  { tenant, reference, source, access, listed = "" }: NewScan,
): Promise<string> {
  const parsed = parseReference(reference);
  const name = formatReference(parsed);
  const now = core.now();
  const id = await core.database.queries.transaction().execute(async (transaction) => {
    const waiting = transaction.selectFrom("scan").where("state", "=", "waiting");
    if (access === undefined) {
      const same = await waiting
        .select("id")
        .where("tenant", "=", tenant)
        .where("reference", "=", name)
        .where("source", "=", source)
        .limit(1)
        .executeTakeFirst();
      if (same !== undefined) return same.id;
    }
    // Counted by the database: a fleet may have a hundred thousand that wait.
    const { count } = await waiting
      .select(({ fn }) => fn.countAll().as("count"))
      .where("registry", "=", parsed.registry)
      .executeTakeFirstOrThrow();
    const rank = Number(count);
    const fresh = randomUUID();
    await transaction
      .insertInto("scan")
      .values({
        id: fresh,
        tenant,
        reference: name,
        registry: parsed.registry,
        source,
        listed,
        state: "waiting",
        created_at: now,
        updated_at: now,
      })
      .execute();
    const sealed = core.seal.close(access ?? {}, purposeOf(fresh));
    await core.queue.send("scan", { scan: fresh, sealed }, { key: fresh, rank, in: transaction });
    return fresh;
  });
  core.wake();
  return id;
}

/** Binds what is sealed to its scan. */
function purposeOf(id: string): string {
  return `scan ${id}`;
}

/** The current state of a scan; undefined when the tenant has none with this id. */
export async function findScan(queries: Queries, tenant: string, id: string): Promise<Scan | undefined> {
  const row = await queries
    .selectFrom("scan")
    .selectAll()
    .where("id", "=", id)
    .where("tenant", "=", tenant)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        id: row.id,
        reference: row.reference,
        source: row.source,
        state: row.state as ScanState, // as: written below
        ...(row.digest === "" ? {} : { digest: row.digest }),
        ...(row.error === "" ? {} : { error: row.error }),
        updatedAt: row.updated_at.toISOString(),
      };
}

/** Runs a scan job. An image that cannot be read is a result; a registry that does not answer, and failures of the service itself, are retried. */
export async function runScanJob(core: ServiceCore, job: Job, signal: AbortSignal): Promise<void> {
  const id = String(job.data["scan"]);
  const { queries } = core.database;
  const row = await queries.selectFrom("scan").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined || row.state === "done" || row.state === "failed") return core.queue.complete(job);
  // as: written by requestScan
  const access = core.seal.open(job.data["sealed"], purposeOf(id)) as Partial<RegistryAccess> | undefined;
  if (access === undefined) {
    await endScan(
      core,
      id,
      "its credentials were encrypted with another key than this process has; request the scan again",
    );
    return core.queue.complete(job);
  }
  const wait = await takeTurn(core, { id, registry: row.registry });
  if (wait !== undefined) return core.queue.postpone(job, wait);
  core.indexed();
  try {
    const inventory = await indexReference(core, row.reference, signal, access);
    const { digest } = inventory.artifact;
    if (!isDigest(digest))
      throw new ScanError({ kind: "malformed-document", label: row.reference, reason: "no digest" });
    const image = { tenant: row.tenant, digest };
    const what = { image, basis: "read", inventory, indexer: await indexerState(core.scanners) } as const;
    await storeMatched(core, what, signal, async (transaction) => {
      await noteTag(transaction, row, digest, core.now());
      await setState(core, id, { state: "done", digest }, transaction);
      await noteAnswer(transaction, row.registry);
      await core.queue.complete(job, transaction);
    });
    core.log.info({ scan: id, image: row.reference, packages: inventory.packages.length }, "scanned");
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ScanError) || error.failure.kind.startsWith("store-")) throw error;
    if (error.failure.kind === "network") {
      await noteSilence(core.database.queries, row.registry, core.now());
      throw error;
    }
    await endScan(core, id, error.message);
    await core.queue.complete(job);
    core.log.warn({ scan: id, reason: error.message }, "cannot be scanned");
  }
  core.indexed();
}

/** Records why a scan failed, after its last attempt. */
export async function failScanJob(core: ServiceCore, job: Job, error: unknown): Promise<void> {
  const reason = error instanceof ScanError ? error.message : "the service failed; its log says why";
  await endScan(core, String(job.data["scan"]), reason);
  core.indexed();
}

function endScan(core: ServiceCore, id: string, reason: string): Promise<void> {
  return setState(core, id, { state: "failed", error: reason.replaceAll("\0", " ").slice(0, 2_000) });
}

async function setState(
  core: ServiceCore,
  id: string,
  to: { readonly state: ScanState; readonly digest?: string; readonly error?: string },
  queries: Queries = core.database.queries,
): Promise<void> {
  await queries
    .updateTable("scan")
    .set({ ...to, updated_at: core.now() })
    .where("id", "=", id)
    .execute();
}

async function noteTag(
  queries: Queries,
  { tenant, reference, listed }: { readonly tenant: string; readonly reference: string; readonly listed: string },
  digest: string,
  now: Date,
): Promise<void> {
  const { registry, repository, tag } = parseReference(reference);
  if (tag === undefined) return;
  await sql`insert into repository_tag (tenant, repository, tag, digest, listed, scanned_at)
    values (${tenant}, ${`${registry}/${repository}`}, ${tag}, ${digest}, ${listed}, ${now})
    on conflict (tenant, repository, tag) do update set digest = excluded.digest, listed = excluded.listed, scanned_at = excluded.scanned_at`.execute(
    queries,
  );
}

/** Deletes scans that ended longer ago than the retention time. */
export async function forgetOldScans(queries: Queries, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - keptDays * 24 * 3_600_000);
  await sql`delete from scan where state in ('done', 'failed') and updated_at < ${oldest}`.execute(queries);
}
