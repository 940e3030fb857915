import { checkOptions, optionIs, ScanError } from "@plimsoll/model";
import type { AdvisoryStore, Inventory, OptionChecks, Report, Vulnerability } from "@plimsoll/model";
import { rematch } from "./scan-image.ts";
import { scanChecks } from "./scan-options.ts";
import type { ScanInventoryOptions } from "./scan-image.ts";

/**
 * Stored inventories by a name of the caller's. Read anew for every store, so that a `Map` may gain and lose inventories
 * while it is watched, and a database of them need not be in memory.
 */
export type WatchedInventories =
  | Iterable<readonly [name: string, inventory: Inventory]>
  | AsyncIterable<readonly [name: string, inventory: Inventory]>;

/** A finding that is there before and after, with other facts: a fix came out, a severity was changed. */
export interface WatchedChange {
  readonly before: Vulnerability;
  readonly after: Vulnerability;
}

/** What a watch tells. */
export type WatchEvent =
  /** An inventory that was never matched before. */
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

/** How to watch. */
export interface WatchOptions extends Omit<ScanInventoryOptions<"vuln">, "advisories" | "scanners"> {
  /**
   * What was found in an inventory the last time, where the caller keeps that: a watch that is started again then tells
   * what changed in between instead of `matched`. Asked once for every name.
   */
  readonly lastReport?: ((name: string) => Promise<Report | undefined> | Report | undefined) | undefined;
}

const { advisories: _, scanners: __, ...checksOfMatching } = scanChecks;

/** Of {@link WatchOptions}. */
export const watchChecks: OptionChecks<WatchOptions> = { ...checksOfMatching, lastReport: optionIs.call };

/**
 * Matches all inventories with every store that comes, and tells what changed from one to the next. Ends with `stores`;
 * keeps the findings of each inventory in memory. A store is used until the next one is asked for; closing it is the
 * business of who made it.
 * @throws the signal's reason when aborted; what `stores` or the inventories throw.
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
