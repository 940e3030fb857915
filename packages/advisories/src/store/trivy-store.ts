import { FormatError } from "@plimsoll/formats";
import { ScanError, checkOptions, optionIs, isCve } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryKey,
  AdvisoryStore,
  AffectedPackage,
  CallOptions,
  Diagnostic,
  Enrichment,
  RandomAccessBytes,
  SourceInfo,
} from "@plimsoll/model";
import { bucketNames, redHatBucket } from "../feeds/trivy-db/buckets.ts";
import type { Bucket } from "../feeds/trivy-db/buckets.ts";
import { TrivyDatabase } from "../feeds/trivy-db/database.ts";
import { advisoryOf } from "../feeds/trivy-db/index.ts";
import { readVulnerability } from "../feeds/trivy-db/statements.ts";

/** How Trivy's database is opened. */
export interface TrivyStoreOptions {
  /** What the file is called in error messages. */
  readonly label?: string | undefined;
  /** `UpdatedAt` of the `metadata.json` beside it; it names the revision. */
  readonly updatedAt?: string | undefined;
  /** Diagnostics about the store, for every report. */
  readonly diagnostics?: readonly Diagnostic[] | undefined;
}

/**
 * Trivy's database as it was downloaded, for look-ups without converting it.
 * @throws ScanError `store-unreadable` when it is no such database; look-ups throw the same for damaged pages.
 */
export async function openTrivyStore(
  bytes: RandomAccessBytes & { close?(): Promise<void> },
  options: TrivyStoreOptions = {},
): Promise<AdvisoryStore> {
  checkOptions("openTrivyStore", options, {
    label: optionIs.text,
    updatedAt: optionIs.text,
    diagnostics: optionIs.listOf(optionIs.object),
  });
  const label = options.label ?? "trivy.db";
  const database = await readable(label, () => TrivyDatabase.open(bytes));
  return new TrivyStore(database, bytes, label, options);
}

class TrivyStore implements AdvisoryStore {
  readonly revision: string;
  readonly sources: readonly SourceInfo[];
  readonly diagnostics: readonly Diagnostic[];
  readonly #database: TrivyDatabase;
  readonly #bytes: Pick<RandomAccessBytes, "size"> & { close?(): Promise<void> };
  readonly #label: string;
  readonly #buckets: ReadonlyMap<string, readonly Bucket[]>;
  readonly #products: ReadonlySet<string>;

  constructor(
    database: TrivyDatabase,
    bytes: RandomAccessBytes & { close?(): Promise<void> },
    label: string,
    { updatedAt, diagnostics = [] }: TrivyStoreOptions,
  ) {
    this.#database = database;
    this.#bytes = bytes;
    this.#label = label;
    const buckets = new Map<string, Bucket[]>();
    for (const bucket of database.buckets) {
      const known = buckets.get(bucket.namespace);
      if (known === undefined) buckets.set(bucket.namespace, [bucket]);
      else known.push(bucket);
    }
    this.#buckets = buckets;
    this.#products = new Set(database.products.values());
    this.diagnostics = diagnostics;
    this.revision = `trivy-db:${updatedAt ?? bytes.size}`;
    // Counting the records would read the whole file.
    this.sources = [{ id: "trivy-db", records: 0, ...(updatedAt === undefined ? {} : { updatedAt }) }];
  }

  covers(namespace: string): boolean {
    return this.#buckets.has(namespace) || this.#products.has(namespace);
  }

  async find(
    keys: readonly AdvisoryKey[],
    options: CallOptions = {},
  ): Promise<readonly (readonly AffectedPackage[])[]> {
    const found: (readonly AffectedPackage[])[] = [];
    for (const key of keys) {
      options.signal?.throwIfAborted();
      found.push(await readable(this.#label, () => this.#findOne(key)));
    }
    return found;
  }

  async #findOne({ namespace, name }: AdvisoryKey): Promise<readonly AffectedPackage[]> {
    const found: AffectedPackage[] = [];
    // However many buckets there are of a namespace: together they are no larger than the file.
    const walk = { left: this.#bytes.size };
    for (const bucket of this.#buckets.get(namespace) ?? []) {
      const packages = await this.#database.root.bucket(bucket.name);
      for (const spelled of await this.#spellings(bucket, name)) {
        const entries = await packages?.bucket(spelled);
        if (entries === undefined) continue;
        for (const stated of await this.#database.statements(bucket, spelled, entries, walk)) found.push(stated);
      }
    }
    if (!this.#products.has(namespace)) return found;
    const redHat = await this.#database.root.bucket(redHatBucket);
    for (const spelled of await this.#database.spellings(redHatBucket, name)) {
      const entries = await redHat?.bucket(spelled);
      if (entries === undefined) continue;
      for (const stated of await this.#database.redHatStatements(spelled, entries, walk))
        if (stated.namespace === namespace) found.push(stated);
    }
    return found;
  }

  async #spellings(bucket: Bucket, name: string): Promise<readonly string[]> {
    return bucket.kind === "os" ? this.#database.spellings(bucket.name, name) : bucketNames(bucket, name);
  }

  async read(ids: readonly string[], options: CallOptions = {}): Promise<readonly (Advisory | undefined)[]> {
    return this.#each(ids, options, (id, { references, severities, ...facts }) => {
      // What everybody says of a CVE is told by `enrich`; here it would pass for the word of whoever ships the package.
      const own = isCve(id) || severities === undefined ? {} : { severities };
      return advisoryOf(id, { ...facts, ...own }, references, []);
    });
  }

  async enrich(cves: readonly string[], options: CallOptions = {}): Promise<readonly (Enrichment | undefined)[]> {
    return this.#each(cves, options, (_, { references: _references, ...facts }) => facts);
  }

  async close(): Promise<void> {
    await this.#bytes.close?.();
  }

  async #each<T>(
    ids: readonly string[],
    options: CallOptions,
    make: (id: string, facts: ReturnType<typeof readVulnerability>) => T,
  ): Promise<(T | undefined)[]> {
    const results: (T | undefined)[] = [];
    const walk = this.#database.walk();
    for (const id of ids) {
      options.signal?.throwIfAborted();
      const record = await readable(this.#label, () => this.#database.vulnerability(id, walk));
      results.push(record === undefined ? undefined : make(id, readVulnerability(record)));
    }
    return results;
  }
}

async function readable<T>(label: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new ScanError({ kind: "store-unreadable", label, reason: cause.message }, { cause });
  }
}
