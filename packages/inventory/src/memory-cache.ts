import { checkOptions, optionIs } from "@plimsoll/model";
import type { Cache } from "@plimsoll/model";

/** How much a cache in memory keeps. */
export interface MemoryCacheOptions {
  /** Bytes of all values together; the least recently used go first. Absent: 64 MiB. */
  readonly maxBytes?: number | undefined;
}

/** A cache for the lifetime of the process. */
export function memoryCache(options: MemoryCacheOptions = {}): Cache {
  checkOptions("memoryCache", options, { maxBytes: optionIs.count });
  const maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  // In order of use: a map remembers the order of insertion.
  const values = new Map<string, Uint8Array>();
  let bytes = 0;

  function remove(key: string): void {
    bytes -= values.get(key)?.length ?? 0;
    values.delete(key);
  }

  return {
    async get(key) {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value.slice();
    },
    async set(key, value) {
      remove(key);
      if (value.length > maxBytes) return;
      values.set(key, value.slice());
      bytes += value.length;
      for (const oldest of values.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
  };
}
