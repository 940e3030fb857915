import type { Limits, ScannerId } from "@plimsoll/model";
import type { AdvisoryLease, AdvisorySource } from "./advisories/advisory-source.ts";
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
  /** Whether the database and the results of layers have room. */
  readonly disk: DiskHealth;
  readonly queue: JobQueue;
  readonly advisories: AdvisorySource;
  /** Scans of one registry at a time, in the whole fleet. */
  readonly perRegistry: number;
  /** What analyzers said about layers. */
  readonly results: LayerResults;
  /** Keeps what jobs hold from whoever reads the database. */
  readonly seal: Seal;
  readonly scanners: readonly ScannerId[];
  readonly limits: Partial<Limits>;
  readonly downloads: LayerDownloads;
  /** Where changes are told. */
  readonly channels: readonly ChannelId[];
  readonly log: ServiceLog;
  now(): Date;
  /** There may be work for the loops of this process. */
  wake(): void;
  /** Resolves when something was indexed by this process, or after some milliseconds. */
  afterIndexing(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Tells those who wait for it. */
  indexed(): void;
}

/** Lines for operators: facts first, then the sentence. Never given secrets. */
export interface ServiceLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Uses the current advisories; undefined where there are none. */
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
