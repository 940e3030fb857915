/** Hard ceilings on what one scan may consume. Crossing one skips the smallest thing possible and leaves a `limit-exceeded` diagnostic. */
export interface Limits {
  /** Bytes of one file that an analyzer may hold in memory. */
  readonly maxEntryBytes: number;
  /**
   * Bytes of one lock file or manifest, which is held in memory as a document: many times its size. Where it is read entry by entry
   * (`readsByEntries` of an analyzer), four times as many.
   */
  readonly maxLockFileBytes: number;
  /**
   * Values of one file that is read as a whole, such as a lock file in YAML or TOML; of JSON and XML twice as many. As a document each takes some
   * hundred bytes, however short it is in the text. Where it is read entry by entry, so many entries, and four times as many values.
   */
  readonly maxLockFileValues: number;
  /** Packages that one analyzer may find in one file. */
  readonly maxPackagesPerFile: number;
  /** Packages of one image, each place of one counted, and links that may lead to one. */
  readonly maxPackages: number;
  /** Secrets, configurations and licence texts of one image, each place of one counted, and links that may lead to one. */
  readonly maxDetected: number;
  /** Bytes of all files kept for tree analyzers together; characters of all secrets, configurations and licence texts together. */
  readonly maxRetainedBytes: number;
  /** Tar entries of one layer. */
  readonly maxEntriesPerLayer: number;
  /** Uncompressed bytes of one layer. */
  readonly maxLayerBytes: number;
  /** Uncompressed bytes of all layers together. */
  readonly maxTotalBytes: number;
  /** Uncompressed bytes per compressed byte, judged once more than 64 MiB came out. */
  readonly maxExpansionRatio: number;
  /** Archives inside archives (a jar in a war in an ear). */
  readonly maxNesting: number;
  /** Uncompressed bytes that archives among the files of one image may yield together. */
  readonly maxNestedBytes: number;
  /** Entries of archives among the files of one image, together. */
  readonly maxNestedEntries: number;
  /** Layers of one image. Engines stop far below: a kernel stacks at most some hundred. */
  readonly maxLayers: number;
  /** Bytes of a manifest, index or image configuration. */
  readonly maxManifestBytes: number;
  /** Milliseconds for the whole scan; `undefined` means no limit. */
  readonly maxMilliseconds?: number | undefined;
}

const MiB = 1024 * 1024;

/** Generous for real images, fatal for bombs. */
export const defaultLimits: Limits = {
  maxEntryBytes: 512 * MiB,
  // Most lock files of public projects have at most three megabytes; those of npm, pnpm, Yarn, Composer, Go, Gradle, Cargo and Python that have more are read entry by entry.
  maxLockFileBytes: 4 * MiB,
  // The largest public ones have some 130,000.
  maxLockFileValues: 160_000,
  maxPackagesPerFile: 25_000,
  // The largest build machines have some forty thousand.
  maxPackages: 100_000,
  // The sources of a kernel have some eighty thousand files that name a licence.
  maxDetected: 100_000,
  maxRetainedBytes: 512 * MiB,
  maxEntriesPerLayer: 5_000_000,
  maxLayerBytes: 64 * 1024 * MiB,
  maxTotalBytes: 256 * 1024 * MiB,
  maxExpansionRatio: 200,
  maxNesting: 8,
  maxNestedBytes: 16 * 1024 * MiB,
  maxNestedEntries: 5_000_000,
  maxLayers: 1_000,
  maxManifestBytes: 16 * MiB,
  // A slow line to a registry takes minutes; whatever takes longer than this is stuck or meant to.
  maxMilliseconds: 30 * 60 * 1000,
};
