import { compareText, ScanError, checkOptions } from "@plimsoll/model";
import type { Advisory, AdvisoryKey, AffectedPackage, CallOptions, Diagnostic, Enrichment } from "@plimsoll/model";
import { endOfSupport } from "./end-of-support.ts";
import { joinEnrichments } from "./merge-records.ts";
import { openBlocks, storeChecks } from "./open-store.ts";
import type { OpenedBlocks, OpenStoreOptions, StoreBytes, StoreFile } from "./open-store.ts";

/**
 * Opens an increment, which `buildStore` made with `base`, over that store: its records replace those of the base with the same ids.
 * Undefined when it was made for another base. Closing closes both.
 * @throws ScanError `store-unreadable` when it is no increment, another version, truncated or damaged.
 */
export async function openIncrement(
  base: StoreFile,
  bytes: StoreBytes,
  options: OpenStoreOptions = {},
): Promise<StoreFile | undefined> {
  checkOptions("openIncrement", options, storeChecks);
  const increment = await openBlocks(bytes, options);
  if (increment.base === undefined) {
    const reason = "it is a whole database, and no increment of another";
    throw new ScanError({ kind: "store-unreadable", label: options.label ?? "increment", reason });
  }
  return increment.base.revision === base.revision
    ? new LayeredStore(base, increment, new Set(increment.base.replaced))
    : undefined;
}

class LayeredStore implements StoreFile {
  readonly revision: string;
  readonly sources: StoreFile["sources"];
  readonly diagnostics: readonly Diagnostic[];
  readonly namespaces: readonly string[];
  readonly counts: StoreFile["counts"];
  readonly size: number;
  readonly #base: StoreFile;
  readonly #increment: OpenedBlocks;
  readonly #replaced: ReadonlySet<string>;

  constructor(base: StoreFile, increment: OpenedBlocks, replaced: ReadonlySet<string>) {
    // The increment's own revision and balance take those of the base into account.
    this.revision = increment.revision;
    this.sources = increment.sources;
    this.namespaces = increment.namespaces;
    this.diagnostics = [...(base.diagnostics ?? []), ...(increment.diagnostics ?? [])];
    this.size = base.size + increment.size;
    this.counts = {
      advisories: base.counts.advisories - replaced.size + increment.counts.advisories,
      names: base.counts.names + increment.counts.names,
      enrichments: base.counts.enrichments + increment.counts.enrichments,
    };
    this.#base = base;
    this.#increment = increment;
    this.#replaced = replaced;
  }

  covers(namespace: string): boolean {
    return this.#increment.covers(namespace);
  }

  async find(
    keys: readonly AdvisoryKey[],
    options: CallOptions = {},
  ): Promise<readonly (readonly AffectedPackage[])[]> {
    const [below, above] = await Promise.all([this.#base.find(keys, options), this.#increment.find(keys, options)]);
    return keys.map((_, at) => {
      const kept = (below[at] ?? []).filter((row) => !this.#replaced.has(row.advisory));
      const added = above[at] ?? [];
      // As if they had been written together.
      return added.length === 0 ? kept : [...kept, ...added].sort((a, b) => compareText(a.advisory, b.advisory));
    });
  }

  async read(ids: readonly string[], options: CallOptions = {}): Promise<readonly (Advisory | undefined)[]> {
    const [below, above] = await Promise.all([this.#base.read(ids, options), this.#increment.read(ids, options)]);
    return ids.map((id, at) => above[at] ?? (this.#replaced.has(id) ? undefined : below[at]));
  }

  async enrich(cves: readonly string[], options: CallOptions = {}): Promise<readonly (Enrichment | undefined)[]> {
    const [below, above] = await Promise.all([this.#base.enrich(cves, options), this.#increment.enrich(cves, options)]);
    return cves.map((_, at) => {
      const [older, newer] = [below[at], above[at]];
      return older === undefined || newer === undefined ? (newer ?? older) : joinEnrichments([newer, older]);
    });
  }

  endOfSupport(distribution: string, version: string, options: CallOptions = {}): Promise<string | undefined> {
    return endOfSupport(this, distribution, version, options);
  }

  async named(id: string, options: CallOptions = {}): Promise<readonly Advisory[]> {
    const below = (await this.#base.named(id, options)).filter((advisory) => !this.#replaced.has(advisory.id));
    return [...below, ...(await this.#increment.named(id, options))].sort((a, b) => compareText(a.id, b.id));
  }

  async verify(options: CallOptions = {}): Promise<void> {
    await this.#base.verify(options);
    await this.#increment.verify(options);
  }

  async close(): Promise<void> {
    await this.#increment.close?.();
    await this.#base.close?.();
  }
}
