import type { CallOptions } from "./bytes.ts";

/**
 * Keeps bytes by key. Keys are content digests plus revisions, so there is nothing to invalidate.
 * An implementation may forget anything at any time and never throws for a damaged entry: it answers undefined.
 */
export interface Cache {
  get(key: string, options?: CallOptions): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, options?: CallOptions): Promise<void>;
  /**
   * What is kept under each of some keys, in their order; for caches that are far away, where each question takes its time.
   * Absent: keys are asked for one by one, and those of a layer when it is its turn.
   */
  getMany?(keys: readonly string[], options?: CallOptions): Promise<readonly (Uint8Array | undefined)[]>;
}
