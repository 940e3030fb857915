import type { SourceInfo } from "@plimsoll/model";
import { compareText } from "@plimsoll/model";

/** A source with the counts of all its records: `read = records + skipped`. */
export interface SourceCounts extends SourceInfo {
  /** Records that the documents held. */
  readonly read: number;
  /** Records left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** Counts the records of every source while a store is built, so that every record that is left out has a reason. */
export class SourceLedger {
  readonly #sources = new Map<
    string,
    { read: number; records: number; updatedAt: string; skipped: Map<string, number> }
  >();

  /** `earlier`: counts that these add to. */
  constructor(earlier: readonly SourceCounts[] = []) {
    for (const { id, read, records, updatedAt = "", skipped } of earlier)
      this.#sources.set(id, { read, records, updatedAt, skipped: new Map(Object.entries(skipped)) });
  }

  read(source: string): void {
    this.#of(source).read++;
  }

  stored(source: string, modified: string | undefined): void {
    const counts = this.#of(source);
    counts.records++;
    if (modified !== undefined && modified > counts.updatedAt) counts.updatedAt = modified;
  }

  /** Counts a stored record as replaced. */
  replaced(source: string, reason: string): void {
    this.#of(source).records--;
    this.skipped(source, reason);
  }

  skipped(source: string, reason: string): void {
    const { skipped } = this.#of(source);
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  }

  /** Sorted by id. */
  counts(): SourceCounts[] {
    return [...this.#sources]
      .sort(([a], [b]) => compareText(a, b))
      .map(([id, { read, records, updatedAt, skipped }]) => ({
        id,
        records,
        ...(updatedAt === "" ? {} : { updatedAt }),
        read,
        skipped: Object.fromEntries([...skipped].sort(([a], [b]) => compareText(a, b))),
      }));
  }

  #of(source: string): { read: number; records: number; updatedAt: string; skipped: Map<string, number> } {
    let counts = this.#sources.get(source);
    if (counts === undefined) {
      counts = { read: 0, records: 0, updatedAt: "", skipped: new Map() };
      this.#sources.set(source, counts);
    }
    return counts;
  }
}
