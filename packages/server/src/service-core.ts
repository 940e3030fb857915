import type { Limits, ScannerId } from "@plimsoll/model";
import type { AdvisoryLease, AdvisorySource } from "./advisories/advisory-source.ts";
import type { Totals } from "./catalog/totals.ts";
import type { DiskHealth } from "./database/disk-health.ts";
import type { Database } from "./database/open-database.ts";
import type { LayerResults } from "./indexing/layer-results.ts";
import type { LayerDownloads } from "./indexing/layers-by-address.ts";
import type { JobQueue } from "./jobs/job-queue.ts";
import type { Seal } from "./jobs/seal.ts";
import type { ChannelId } from "./notifier/channel.ts";

/** What the parts of a service share. */
export interface ServiceCore {
  readonly database: Database;
  /** Whether the disks of the database and of the layer results are full. */
  readonly disk: DiskHealth;
  readonly queue: JobQueue;
  readonly advisories: AdvisorySource;
  /** Scans of one registry at a time, in the whole fleet. */
  readonly perRegistry: number;
  /** Cached results of analyzing layers. */
  readonly results: LayerResults;
  /** Encrypts credentials in jobs before they are stored. */
  readonly seal: Seal;
  readonly scanners: readonly ScannerId[];
  readonly limits: Partial<Limits>;
  readonly downloads: LayerDownloads;
  /** What a tenant has now, as counted within the last minute. */
  readonly totals: (tenant: string) => Promise<Totals>;
  /** The configured notification channels. */
  readonly channels: readonly ChannelId[];
  readonly log: ServiceLog;
  now(): Date;
  /** Makes the work loops of this process look for jobs now. */
  wake(): void;
  /** Resolves when something was indexed by this process, or after some milliseconds. */
  afterIndexing(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Wakes the callers of `afterIndexing`. */
  indexed(): void;
}

/** The operators' log: an object of facts, then a message. Never pass secrets. */
export interface ServiceLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Runs `work` with the current advisories (undefined where there are none) and releases them afterwards. */
export async function withAdvisories<T>(
  core: Pick<ServiceCore, "advisories">,
  work: (lease: AdvisoryLease | undefined) => Promise<T>,
): Promise<T> {
  const lease = await core.advisories.lease();
  try {
    return await work(lease);
  } finally {
    lease?.release();
  }
}
