import { checkOptions, optionIs, ScanError } from "@plimsoll/model";
import type { AdvisoryStore, Inventory, OptionChecks, Report, Vulnerability } from "@plimsoll/model";
import { rematch } from "./scan-image.ts";
import { scanChecks } from "./scan-options.ts";
import type { ScanInventoryOptions } from "./scan-image.ts";

/**
 * Stored inventories by name. They are iterated again for every store, so that a `Map` may change while it is watched, and inventories in a
 * database need not all be in memory.
 */
export type WatchedInventories =
  | Iterable<readonly [name: string, inventory: Inventory]>
  | AsyncIterable<readonly [name: string, inventory: Inventory]>;

/** A finding that changed: a fix was released, or its severity changed. */
export interface WatchedChange {
  readonly before: Vulnerability;
  readonly after: Vulnerability;
}

/** An event of a watch. */
export type WatchEvent =
  /** An inventory was matched for the first time. */
  | { readonly kind: "matched"; readonly name: string; readonly report: Report }
  /** Its findings are others than with the store before. */
  | {
      readonly kind: "changed";
      readonly name: string;
      readonly report: Report;
      readonly added: readonly Vulnerability[];
      readonly removed: readonly Vulnerability[];
      readonly changed: readonly WatchedChange[];
    }
  /** One inventory could not be matched, or one store could not be opened (`name` absent); the watch goes on. */
  | { readonly kind: "failed"; readonly name?: string; readonly error: ScanError }
  /** All inventories were matched with this store. */
  | { readonly kind: "settled"; readonly revision: string; readonly inventories: number };

/** Options of a watch. */
export interface WatchOptions extends Omit<ScanInventoryOptions<"vuln">, "advisories" | "scanners"> {
  /**
   * Returns the last report of an inventory, if the caller stores reports: a restarted watch then yields what changed in between instead of
   * `matched`. Called once for each name.
   */
  readonly lastReport?: ((name: string) => Promise<Report | undefined> | Report | undefined) | undefined;
}

const { advisories: _, scanners: __, ...checksOfMatching } = scanChecks;

/** The checks of {@link WatchOptions}. */
export const watchChecks: OptionChecks<WatchOptions> = { ...checksOfMatching, lastReport: optionIs.call };

/**
 * Matches all inventories with every store of `stores`, and yields what changed from one to the next. Ends when `stores` does; keeps the findings
 * of each inventory in memory. A store is used until the next one is requested; the caller closes it.
 * @throws the signal's reason when aborted; errors of iterating over `stores` or the inventories.
 */
export async function* watchStores(
  inventories: WatchedInventories,
  stores: AsyncIterable<AdvisoryStore | ScanError>,
  options: WatchOptions = {},
): AsyncGenerator<WatchEvent, void, undefined> {
  checkOptions("watchStores", options, watchChecks);
  const { lastReport, ...matching } = options;
  let known = new Map<string, readonly Vulnerability[]>();
  for await (const store of stores) {
    options.signal?.throwIfAborted();
    if (store instanceof ScanError) {
      yield { kind: "failed", error: store };
      continue;
    }
    // Names that are watched no longer are forgotten with the old map.
    const next = new Map<string, readonly Vulnerability[]>();
    let count = 0;
    for await (const [name, inventory] of inventories) {
      options.signal?.throwIfAborted();
      count += 1;
      const before = known.get(name) ?? (await lastReport?.(name))?.vulnerabilities;
      try {
        const report = await rematch(inventory, store, matching);
        next.set(name, report.vulnerabilities ?? []);
        const event = compare(name, before, report);
        if (event !== undefined) yield event;
      } catch (error) {
        if (!(error instanceof ScanError)) throw error;
        if (before !== undefined) next.set(name, before);
        yield { kind: "failed", name, error };
      }
    }
    known = next;
    yield { kind: "settled", revision: store.revision, inventories: count };
  }
}

function compare(name: string, before: readonly Vulnerability[] | undefined, report: Report): WatchEvent | undefined {
  if (before === undefined) return { kind: "matched", name, report };
  const earlier = new Map(before.flatMap((finding) => keysOf(finding).map((key) => [key, finding] as const)));
  const added: Vulnerability[] = [];
  const changed: WatchedChange[] = [];
  const stayed = new Set<Vulnerability>();
  for (const after of report.vulnerabilities ?? []) {
    const key = keysOf(after).find((candidate) => earlier.has(candidate));
    const old = key === undefined ? undefined : earlier.get(key);
    if (old === undefined) added.push(after);
    else if (!isSame(old, after)) changed.push({ before: old, after });
    if (old !== undefined) stayed.add(old);
  }
  const removed = before.filter((finding) => !stayed.has(finding));
  if (added.length + removed.length + changed.length === 0) return undefined;
  return { kind: "changed", name, report, added, removed, changed };
}

/** Under all its ids: a vulnerability that was given a CVE since then is the same one. */
function keysOf({ id, aliases, package: pkg }: Vulnerability): readonly string[] {
  return [id, ...aliases].map((name) => `${name}\n${pkg.id}`);
}

/** Findings are plain data in canonical order. */
function isSame(a: Vulnerability, b: Vulnerability): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
