import { sql } from "kysely";
import { ScanError } from "@plimsoll/model";
import type { Digest, Inventory } from "@plimsoll/model";
import { analyzeImage } from "plimsoll";
import { AdvisoriesReplaced, storeInventory } from "../catalog/store-inventory.ts";
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

/** Asks for a manifest to be indexed, unless it is with this very indexer; it is on its way when this resolves. */
export async function requestIndex(core: ServiceCore, image: AddressedImage): Promise<void> {
  const indexer = indexerState(core.scanners);
  const now = core.now();
  await core.database.queries.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: number }>`insert into inventory (digest, name, state, error, indexer, created_at)
      values (${image.hash}, ${image.hash}, ${waitingState}, '', '', ${now})
      on conflict (digest) do update set state = ${waitingState}, error = ''
        where inventory.state <> 'IndexFinished' or inventory.indexer <> ${indexer}
      returning id`.execute(transaction);
    if (rows.length > 0) await core.queue.send("index", image, { key: image.hash, in: transaction });
  });
  core.wake();
}

/** Waits until a manifest is indexed, as far as that goes. Resolves early when the time is up. */
export async function waitForIndex(
  core: ServiceCore,
  digest: string,
  { signal, milliseconds }: { readonly signal: AbortSignal; readonly milliseconds: number },
): Promise<void> {
  const until = performance.now() + milliseconds;
  for (;;) {
    const left = Math.max(0, until - performance.now());
    // Listens before it looks, so that nothing happens in between.
    const listening = new AbortController();
    const woken = core.afterIndexing(Math.min(left, 1_000), AbortSignal.any([signal, listening.signal]));
    const row = await core.database.queries
      .selectFrom("inventory")
      .select("state")
      .where("digest", "=", digest)
      .executeTakeFirst();
    if (row?.state !== waitingState || left === 0 || signal.aborted) return listening.abort();
    await woken;
  }
}

/** Indexes what a job names. What cannot be read is the answer, not a failure: only the service's own troubles are tried again. */
export async function runIndexJob(core: ServiceCore, job: Job, signal: AbortSignal): Promise<void> {
  const image = job.data as unknown as AddressedImage; // as: written by requestIndex
  const indexer = indexerState(core.scanners);
  const row = await core.database.queries
    .selectFrom("inventory")
    .select(["state", "indexer"])
    .where("digest", "=", image.hash)
    .executeTakeFirst();
  // Deleted meanwhile, or indexed by a job before this one.
  if (row === undefined || (row.state === "IndexFinished" && row.indexer === indexer)) return core.queue.complete(job);
  try {
    const source = layersByAddress(image, core.downloads);
    const inventory = await analyzeImage(source, {
      cache: core.cache,
      scanners: core.scanners,
      limits: core.limits,
      signal,
    });
    const damage = damageOf(inventory);
    await storeMatched(core, { digest: image.hash, inventory, indexer }, signal, async (queries) => {
      if (damage !== undefined) await markFailed(queries, image.hash, damage);
      await core.queue.complete(job, queries);
    });
    core.log.info({ manifest: image.hash, packages: inventory.packages.length }, "indexed");
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ScanError) || error.failure.kind.startsWith("store-")) throw error;
    await core.database.queries.transaction().execute(async (transaction) => {
      await markFailed(transaction, image.hash, error.message);
      await core.queue.complete(job, transaction);
    });
    core.log.warn({ manifest: image.hash, reason: error.message }, "cannot be indexed");
  }
  core.indexed();
}

/** Says of a manifest that its index failed. */
export async function markFailed(queries: Queries, digest: string, reason: string): Promise<void> {
  await sql`update inventory set state = 'IndexError', error = ${reason.replaceAll("\0", " ").slice(0, 2_000)} where digest = ${digest}`.execute(
    queries,
  );
}

/** A layer that could not be read to its end: what is missing then must not look like what is not there. */
function damageOf({ diagnostics }: Inventory): string | undefined {
  const [first] = diagnostics.filter(({ code, effect }) => effect === "incomplete" && code === "malformed-layer");
  return first?.message;
}

/** Keeps an inventory, matched with the advisories that all other findings are made with. */
export async function storeMatched(
  core: ServiceCore,
  what: { readonly digest: Digest; readonly inventory: Inventory; readonly indexer: string },
  signal: AbortSignal,
  also: (queries: Queries) => Promise<void>,
): Promise<void> {
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
