import { sql } from "kysely";
import { ScanError } from "@plimsoll/model";
import type { Inventory } from "@plimsoll/model";
import { analyzeImage } from "plimsoll";
import { AdvisoriesReplaced, storeInventory } from "../catalog/store-inventory.ts";
import type { InventoryToStore } from "../catalog/store-inventory.ts";
import type { ImageKey } from "../catalog/image-key.ts";
import type { Queries } from "../database/open-database.ts";
import type { Job } from "../jobs/job-queue.ts";
import { withAdvisories } from "../service-core.ts";
import type { ServiceCore } from "../service-core.ts";
import { applyUpdate } from "../updates/apply-update.ts";
import { indexerState } from "./indexer-state.ts";
import { layersByAddress } from "./layers-by-address.ts";
import type { AddressedImage } from "./layers-by-address.ts";

/** States of a manifest between being asked for and being indexed. */
const waitingState = "CheckManifest";

/** How often packages are matched anew because advisories were replaced meanwhile. */
const maxRematches = 10;

/**
 * Queues the indexing of a manifest, unless this version of the indexer has indexed it already; resolves when the job is queued. Addresses of
 * layers can contain credentials, in headers or in the URL: the job stores them encrypted.
 */
export async function requestIndex(core: ServiceCore, tenant: string, image: AddressedImage): Promise<void> {
  const indexer = await indexerState(core.scanners);
  const key = { tenant, digest: image.hash };
  const now = core.now();
  await core.database.queries.transaction().execute(async (transaction) => {
    // What this service read from the manifest down needs no client to say which layers it has.
    const { rows } = await sql<{
      id: number;
    }>`insert into inventory (tenant, digest, name, state, error, indexer, basis, created_at)
      values (${tenant}, ${image.hash}, ${image.hash}, ${waitingState}, '', '', 'layers', ${now})
      on conflict (tenant, digest) do update set state = ${waitingState}, error = ''
        where (inventory.state <> 'IndexFinished' or inventory.indexer <> ${indexer} or inventory.basis = 'client')
          and (inventory.basis <> 'read' or inventory.document is null)
      returning id`.execute(transaction);
    if (rows.length === 0) return;
    const sealed = core.seal.close(image, purposeOf(key));
    await core.queue.send("index", { ...key, sealed }, { key: purposeOf(key), in: transaction });
  });
  core.wake();
}

/** Binds what is sealed to its image, so that it opens for no other. */
function purposeOf({ tenant, digest }: ImageKey): string {
  return `index ${digest} of ${JSON.stringify(tenant)}`;
}

/** Waits until indexing a manifest has finished or failed, at most `milliseconds`. */
export async function waitForIndex(
  core: ServiceCore,
  image: ImageKey,
  { signal, milliseconds }: { readonly signal: AbortSignal; readonly milliseconds: number },
): Promise<void> {
  const until = performance.now() + milliseconds;
  for (;;) {
    const left = Math.max(0, until - performance.now());
    // Listens before it looks, so that nothing happens in between.
    const listening = new AbortController();
    const woken = core.afterIndexing(Math.min(left, 1_000), AbortSignal.any([signal, listening.signal]));
    const row = await stateOf(core, image);
    if (row?.state !== waitingState || left === 0 || signal.aborted) return listening.abort();
    await woken;
  }
}

function stateOf(
  core: ServiceCore,
  { tenant, digest }: ImageKey,
): Promise<{ readonly state: string; readonly indexer: string } | undefined> {
  return core.database.queries
    .selectFrom("inventory")
    .select(["state", "indexer"])
    .where("tenant", "=", tenant)
    .where("digest", "=", digest)
    .executeTakeFirst();
}

function imageOf(data: Job["data"]): ImageKey {
  return { tenant: String(data["tenant"] ?? ""), digest: String(data["digest"]) };
}

/** Runs an index job. An image that cannot be read is a result (`IndexError`); only failures of the service itself are retried. */
export async function runIndexJob(core: ServiceCore, job: Job, signal: AbortSignal): Promise<void> {
  const key = imageOf(job.data);
  const { digest } = key;
  const indexer = await indexerState(core.scanners);
  const row = await stateOf(core, key);
  // Deleted meanwhile, or indexed by a job before this one.
  if (row === undefined || (row.state === "IndexFinished" && row.indexer === indexer)) return core.queue.complete(job);
  // as: written by requestIndex
  const image = core.seal.open(job.data["sealed"], purposeOf(key)) as AddressedImage | undefined;
  if (image === undefined) {
    await giveUp(
      core,
      job,
      "its layer addresses were encrypted with another key than this process has; request the index again",
    );
    return core.indexed();
  }
  try {
    const source = layersByAddress(image, core.downloads);
    const inventory = await analyzeImage(source, {
      cache: core.results.byAddress,
      scanners: core.scanners,
      limits: core.limits,
      signal,
    });
    const damage = damageOf(inventory);
    await storeMatched(core, { image: key, basis: "layers", inventory, indexer }, signal, async (queries) => {
      if (damage !== undefined) await markFailed(queries, key, damage);
      await core.queue.complete(job, queries);
    });
    core.log.info({ manifest: digest, packages: inventory.packages.length }, "indexed");
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ScanError) || error.failure.kind.startsWith("store-")) throw error;
    await giveUp(core, job, error.message);
  }
  core.indexed();
}

/** Ends a job whose image cannot be indexed, with the reason. */
async function giveUp(core: ServiceCore, job: Job, reason: string): Promise<void> {
  const image = imageOf(job.data);
  await core.database.queries.transaction().execute(async (transaction) => {
    await markFailed(transaction, image, reason);
    await core.queue.complete(job, transaction);
  });
  core.log.warn({ manifest: image.digest, reason }, "cannot be indexed");
}

/** Records that indexing an image failed, after its job was given up. */
export async function failIndexJob(core: ServiceCore, data: Job["data"], reason: string): Promise<void> {
  await markFailed(core.database.queries, imageOf(data), reason);
}

/** Marks an index as failed. One whose contents the service read itself, from the manifest on, keeps its state and its result. */
async function markFailed(queries: Queries, { tenant, digest }: ImageKey, reason: string): Promise<void> {
  await sql`update inventory set state = 'IndexError', error = ${reason.replaceAll("\0", " ").slice(0, 2_000)}
    where tenant = ${tenant} and digest = ${digest} and (basis <> 'read' or document is null)`.execute(queries);
}

/** A layer that could not be read to its end: what is missing then must not look like what is not there. */
function damageOf({ diagnostics }: Inventory): string | undefined {
  const [first] = diagnostics.filter(({ code, effect }) => effect === "incomplete" && code === "malformed-layer");
  return first?.message;
}

/**
 * Stores an inventory and matches it with the advisories that all other findings were made with. False: one with a stronger basis is stored
 * already.
 */
export async function storeMatched(
  core: ServiceCore,
  what: Omit<InventoryToStore, "now">,
  signal: AbortSignal,
  also: (queries: Queries) => Promise<void>,
): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await withAdvisories(core, (lease) =>
        storeInventory(core.database, { ...what, now: core.now() }, lease?.store, { signal, also }),
      );
    } catch (error) {
      if (!(error instanceof AdvisoriesReplaced) || attempt === maxRematches) throw error;
      await core.advisories.refresh({ signal });
      await applyUpdate(core, { signal });
    }
  }
}
