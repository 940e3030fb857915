/**
 * Vulnerability feeds, and the store they are looked up in.
 * @module
 * @example
 * import { feeds, memoryStore } from "@plimsoll/advisories";
 * const store = memoryStore([]);
 * const ids = feeds().map((feed) => feed.id);
 */
import type { ZipEngine } from "@plimsoll/formats";
import type { AdvisoryFeed } from "@plimsoll/model";
import * as registry from "./feed-registry.ts";
import { osvFeed } from "./feeds/osv/index.ts";

// Feeds
export * from "./feed-registry.ts";
export { osvFeed };

/**
 * Every feed, in the order in which documents are offered to them: those that know their files by name or content, and last the one
 * that takes whatever looks right. `engine` makes reading archives faster where the platform can.
 */
export function feeds(engine: ZipEngine = {}): readonly AdvisoryFeed[] {
  return [...Object.values(registry), osvFeed(engine)];
}

// The namespaces of the public database, without releases
export { definedEcosystems } from "./feeds/osv/defined-ecosystems.ts";

// The documents that tell when releases of distributions end
export { endOfLifeProducts } from "./feeds/end-of-life/products.ts";

// Stores
export { memoryStore } from "./store/memory.ts";
export { buildStore } from "./store/build-store.ts";
export type { BuildOptions, BuildResult } from "./store/build-store.ts";
export { openStore, storeChecks } from "./store/open-store.ts";
export { openIncrement } from "./store/open-increment.ts";
export type { OpenStoreOptions, StoreBytes, StoreEngine, StoreFile } from "./store/open-store.ts";
export type { SourceCounts } from "./store/source-counts.ts";
export type { ScratchFile } from "./store/external-sort.ts";

// A store on a web server
export { httpBytes } from "./store/http-bytes.ts";
export type { HttpBytesOptions } from "./store/http-bytes.ts";

// Databases of other scanners, as they were downloaded
export { openTrivyStore } from "./store/trivy-store.ts";
export type { TrivyStoreOptions } from "./store/trivy-store.ts";
export { convertGrypeDatabase, isSqlite, openGrypeStore } from "./store/grype-store.ts";
export type { ConvertGrypeOptions } from "./store/grype-store.ts";

export { openJavaDatabase } from "./store/java-database.ts";
export type { ArtifactIndex, JavaDatabaseOptions, PublishedArtifact } from "./store/java-database.ts";

// The public database, asked over the network
export { osvOnline } from "./store/osv-online.ts";
export type { OsvOnlineOptions } from "./store/osv-online.ts";
