import type { HistoryEntry } from "./manifest.ts";

/**
 * The instruction behind each of `count` layers. Entries that made no layer are passed over (OCI image-spec config.md,
 * "history"). A history that does not fit is aligned at its end, where builders append; layers before it get none.
 */
export function instructionsOf(history: readonly HistoryEntry[], count: number): (string | undefined)[] {
  const made = history.filter((entry) => !entry.empty).map((entry) => entry.createdBy);
  const missing = count - made.length;
  return missing >= 0 ? [...new Array<undefined>(missing).fill(undefined), ...made] : made.slice(-missing);
}
