/** Keeps decisions by their evidence digest; when full, the least recently used is dropped. */
export interface VerdictCache<Verdict> {
  get(key: string): Verdict | undefined;
  set(key: string, verdict: Verdict): void;
  readonly size: number;
}

/**
 * A cache in memory for at most `maxEntries` decisions.
 * @throws TypeError when `maxEntries` is not a positive integer.
 */
export function verdictCache<Verdict>(maxEntries = 10_000): VerdictCache<Verdict> {
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1)
    throw new TypeError(`maxEntries must be a whole number above 0, not ${String(maxEntries)}`);
  const entries = new Map<string, Verdict>();
  return {
    get size() {
      return entries.size;
    },
    get(key) {
      const found = entries.get(key);
      if (found !== undefined) {
        entries.delete(key);
        entries.set(key, found);
      }
      return found;
    },
    set(key, verdict) {
      entries.delete(key);
      entries.set(key, verdict);
      if (entries.size > maxEntries) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
    },
  };
}
