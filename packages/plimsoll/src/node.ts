/**
 * Container security scanning with Node's defaults: images by path or reference, the advisory database of
 * the cache directory, results of layers kept between scans.
 * @module
 * @example
 * import { scanImage } from "plimsoll";
 * const report = await scanImage("docker-archive:app.tar", { severities: ["CRITICAL", "HIGH"] });
 * for (const finding of report.vulnerabilities) console.log(finding.id, finding.package.purl, finding.fixedVersion);
 */
import type {
  AdvisoryStore,
  Cache,
  Ecosystem,
  Explanation,
  ImageSource,
  Inventory,
  OptionChecks,
  Report,
  ScannerId,
} from "@plimsoll/model";
import {
  defaultCacheDirectory,
  defaultStorePath,
  directoryCache,
  ensureAdvisories,
  expectAdvisories,
  imageFrom,
  imageSource,
  openAdvisories,
  openJavaIndex,
  fileEngine,
  rootfsDirectory,
  scratchSpace,
  watchAdvisories,
} from "@plimsoll/node";
import type { PublicKey } from "@plimsoll/attestations";
import { checkOptions, optionIs, ScanError } from "@plimsoll/model";
import type { ImageInput } from "@plimsoll/image";
import type { AdvisoriesFetched, WatchAdvisoriesOptions } from "@plimsoll/node";
import { documentCache } from "./document-cache.ts";
import { followScan } from "./event-stream.ts";
import type { ScanProgress } from "./event-stream.ts";
import { explain as explainWith, explainChecks } from "./explain.ts";
import type { ExplainOptions as NeutralExplainOptions } from "./explain.ts";
import { loadEcosystems } from "./load-ecosystems.ts";
import { withAttested } from "./attested-option.ts";
import { identifyArtifacts } from "./identify-artifacts.ts";
import * as neutral from "./scan-image.ts";
import type { ScannersOption } from "./scan-image.ts";
import { analyzeChecks, scanChecks } from "./scan-options.ts";
import { usualScanners } from "./scanners.ts";
import type { ReportOf } from "./scanners.ts";
import { watchChecks, watchStores } from "./watch-stores.ts";
import type { WatchedInventories, WatchEvent, WatchOptions as StoreWatchOptions } from "./watch-stores.ts";

/** Options that Node's defaults use. */
export interface NodeOptions extends DatabaseKeyOption {
  /** Directory of cached layer results and of the default database. Absent: the user's cache directory. */
  readonly cacheDir?: string | undefined;
  /** Use no network. */
  readonly offline?: boolean | undefined;
  /** Selects the image of an archive that contains several. */
  readonly tag?: string | undefined;
}

/** Options of {@link analyzeImage}. */
export interface AnalyzeOptions extends Omit<neutral.AnalyzeOptions, "cache" | "baseImage">, NodeOptions {
  /**
   * The base image: a path, a reference, an image source, or the diff IDs of its layers. Absent: detected from the image history where possible.
   */
  readonly baseImage?: string | neutral.AnalyzeOptions["baseImage"];
  /** Cache of layer results; `false`: none. Absent: below `cacheDir`, together with manifests from registries. */
  readonly cache?: Cache | false | undefined;
  /** Trivy's Java database, to name Java archives by their SHA-1: a file or `oci://…`; see `openJavaIndex`. Absent: none. */
  readonly javaDb?: string | undefined;
}

/** The advisories to match with. */
export interface AdvisoryOptions {
  /** An open store; the caller closes it. */
  readonly advisories?: AdvisoryStore | undefined;
  /**
   * A database: a file, `oci://…` in a registry, or `https://…` with the API of osv.dev; see `openAdvisories`.
   * Absent: the default one below `cacheDir`.
   */
  readonly db?: string | undefined;
  /**
   * Age of the database in milliseconds above which every report has a diagnostic `stale-advisories` and partial coverage. The age of the default
   * database counts from its last update, that of `db` from its newest record. Absent: 30 days, if `now` is given.
   */
  readonly maxDbAge?: number | undefined;
}

/** Which signatures of databases are required. */
export interface DatabaseKeyOption {
  /**
   * Public keys, one of which must have signed `db` and `javaDb`, or the default database when it was pulled. Nothing unsigned is fetched then; see
   * `openAdvisories`. Absent: no signature is required.
   */
  readonly dbKeys?: readonly PublicKey[] | undefined;
}

/** Options of {@link scanInventory}. */
export interface ScanInventoryOptions<S extends ScannerId = "vuln">
  extends Omit<neutral.ScanInventoryOptions<S>, "advisories">, AdvisoryOptions, NodeOptions {}

/** Options of {@link scanImage}. */
export interface ScanOptions<S extends ScannerId = "vuln">
  extends
    Omit<AnalyzeOptions, "scanners">,
    Omit<neutral.ScanOptions<S>, Exclude<keyof neutral.AnalyzeOptions, "scanners"> | "advisories">,
    AdvisoryOptions {}

/**
 * Takes the inventory of an image, without matching vulnerabilities.
 * @param source a path, a reference such as `oci-dir:./layout`, an image source, or an image archive as bytes, as a `Blob` or `File`, or
 *   as a stream
 * @throws ScanError when the image cannot be opened; whatever goes wrong later is a diagnostic of the inventory.
 */
export async function analyzeImage(source: string | ImageInput, options: AnalyzeOptions = {}): Promise<Inventory> {
  checkOptions("analyzeImage", options, nodeAnalyzeChecks);
  return analyze(await expectImage(source, options), options);
}

const keyChecks: OptionChecks<DatabaseKeyOption> = { dbKeys: optionIs.listOf(optionIs.object) };

const nodeChecks: OptionChecks<NodeOptions> = {
  ...keyChecks,
  cacheDir: optionIs.text,
  offline: optionIs.flag,
  tag: optionIs.text,
};

const advisoryChecks: OptionChecks<AdvisoryOptions> = {
  advisories: scanChecks.advisories,
  db: optionIs.text,
  maxDbAge: optionIs.count,
};

const nodeAnalyzeChecks: OptionChecks<AnalyzeOptions> = {
  ...analyzeChecks,
  ...nodeChecks,
  baseImage: optionIs.either(optionIs.text, analyzeChecks.baseImage),
  cache: optionIs.either(optionIs.oneOf([false]), analyzeChecks.cache),
  javaDb: optionIs.text,
};

const nodeScanChecks: OptionChecks<ScanInventoryOptions<ScannerId>> = {
  ...scanChecks,
  ...advisoryChecks,
  ...nodeChecks,
};

const nodeImageChecks: OptionChecks<ScanOptions<ScannerId>> = { ...nodeScanChecks, ...nodeAnalyzeChecks };

/** The image source of what was given. A file that is missing is told at once, before a database that is missing, too. */
async function expectImage(
  source: string | ImageInput,
  { cache, cacheDir, offline, tag }: AnalyzeOptions,
): Promise<ImageSource> {
  const documents = cache === undefined ? documentCache(cacheDir ?? defaultCacheDirectory()) : undefined;
  const image =
    typeof source === "string" ? imageSource(source, { offline, tag, documents }) : imageFrom(source, { tag });
  await image.expect?.();
  return image;
}

async function analyze(image: ImageSource, options: AnalyzeOptions): Promise<Inventory> {
  const { cache, javaDb, dbKeys: keys, cacheDir, offline, ecosystems, signal } = options;
  // What was named must be there: else reading the image would be for nothing.
  const index = javaDb === undefined ? undefined : await openJavaIndex(javaDb, { cacheDir, offline, keys, signal });
  try {
    const inventory = await neutral.analyze(image, neutralOptions(options, cache));
    return index === undefined ? inventory : await identifyArtifacts(inventory, index, { ecosystems, signal });
  } finally {
    await index?.close?.();
  }
}

/** The options that need a file system, as neutral ones. */
function neutralOptions(
  options: Omit<AnalyzeOptions, "cache">,
  cache: AnalyzeOptions["cache"],
): neutral.AnalyzeOptions {
  const { baseImage, offline } = options;
  return {
    scratch: scratchSpace,
    engine: fileEngine,
    ...options,
    baseImage: typeof baseImage === "string" ? imageSource(baseImage, { offline }) : baseImage,
    cache:
      cache === false ? undefined : (cache ?? directoryCache(`${options.cacheDir ?? defaultCacheDirectory()}/layers`)),
  };
}

/**
 * Scans an inventory, new or stored, without its image. The report has one list of findings for each scanner.
 * @throws ScanError when the scanner `vuln` is used and there is no database, or it cannot be read.
 */
export async function scanInventory<S extends ScannerId = "vuln">(
  inventory: Inventory,
  options: ScanInventoryOptions<S> = {},
): Promise<ReportOf<S>> {
  checkOptions("scanInventory", options, nodeScanChecks);
  return scan(inventory, options);
}

async function scan<S extends ScannerId>(found: Inventory, given: ScanInventoryOptions<S>): Promise<ReportOf<S>> {
  // Before advisories are asked for, since attested packages need theirs, too.
  const { inventory, options } = await withAttested(found, given);
  if (options.advisories !== undefined || !needsAdvisories(options)) return neutral.scan<S>(inventory, options);
  const advisories = await openAdvisoriesFor(inventory, options);
  try {
    return await neutral.scan<S>(inventory, { ...options, advisories });
  } finally {
    await advisories.close?.();
  }
}

/** Whether one of the scanners that are asked matches packages with advisories. */
function needsAdvisories({ scanners = usualScanners }: ScannersOption): boolean {
  return scanners.includes("vuln");
}

/**
 * Scans an image for known vulnerabilities, their origin and their fixes, and for whatever else the chosen scanners find.
 * @param source a path, a reference such as `oci-dir:./layout`, an image source, or an image archive as bytes, as a `Blob` or `File`, or
 *   as a stream
 * @throws ScanError when the image or the database cannot be opened.
 */
export async function scanImage<S extends ScannerId = "vuln">(
  source: string | ImageInput,
  options: ScanOptions<S> = {},
): Promise<ReportOf<S>> {
  checkOptions("scanImage", options, nodeImageChecks);
  return scanOpened(await expectImage(source, options), options);
}

async function scanOpened<S extends ScannerId>(source: ImageSource, options: ScanOptions<S>): Promise<ReportOf<S>> {
  // A database that was named, or that may not be fetched, must be there: else reading the image would be for nothing.
  const wanted = options.advisories === undefined && needsAdvisories(options);
  const early = wanted ? await expectNamedAdvisories(options) : undefined;
  try {
    return await scan<S>(await analyze(source, options), {
      ...options,
      advisories: options.advisories ?? early,
    });
  } finally {
    await early?.close?.();
  }
}

/**
 * Scans a directory: a source tree with its lock files or, with `kind: "rootfs"`, the root file system of a machine or image.
 * @throws ScanError when the directory or the database cannot be opened.
 */
export async function scanDirectory<S extends ScannerId = "vuln">(
  path: string,
  options: ScanOptions<S> & { readonly kind?: "filesystem" | "rootfs" | undefined } = {},
): Promise<ReportOf<S>> {
  checkOptions("scanDirectory", options, {
    ...nodeImageChecks,
    kind: optionIs.oneOf(["filesystem", "rootfs"]),
  });
  const tree = rootfsDirectory(path, { kind: options.kind ?? "filesystem" });
  await tree.expect?.();
  return scanOpened<S>(tree, options);
}

/**
 * Runs {@link scanImage} and yields its events as they happen, and at the end the report. Leaving the loop aborts the scan.
 * The loop throws what {@link scanImage} throws.
 */
export function scanEvents(
  source: string | ImageInput,
  options: ScanOptions = {},
): AsyncGenerator<ScanProgress, void, undefined> {
  checkOptions("scanEvents", options, nodeImageChecks);
  return followScan((followed) => scanImage(source, followed), options);
}

/** Options of {@link explain}. */
export interface ExplainOptions
  extends NeutralExplainOptions, AdvisoryOptions, DatabaseKeyOption, Pick<NodeOptions, "cacheDir"> {}

/**
 * Explains why a vulnerability is among the findings of a report, or why it is not found in other packages or at all. Fetches nothing: without a
 * database, given or default, the explanation uses the report only.
 * @param id a CVE id, or an alias; case does not matter
 * @throws ScanError when the database that `db` names is missing, or a database cannot be read.
 */
export async function explain(report: Report, id: string, options: ExplainOptions = {}): Promise<Explanation> {
  checkOptions("explain", options, { ...explainChecks, ...advisoryChecks, ...keyChecks, cacheDir: optionIs.text });
  const { ecosystems, ownedPackages, signal } = options;
  if (options.advisories !== undefined)
    return explainWith(report, id, { ecosystems, ownedPackages, signal, advisories: options.advisories });
  const advisories = await openIfThere(options);
  try {
    return await explainWith(report, id, { ecosystems, ownedPackages, signal, advisories });
  } finally {
    await advisories?.close?.();
  }
}

async function openIfThere({ db, dbKeys: keys, cacheDir }: ExplainOptions): Promise<AdvisoryStore | undefined> {
  if (db !== undefined) return openAdvisories(db, { cacheDir, keys });
  try {
    return await openAdvisories(defaultStorePath(cacheDir), { cacheDir, keys });
  } catch (error) {
    if (error instanceof ScanError && error.failure.kind === "store-missing") return undefined;
    throw error;
  }
}

/** Options of {@link watch}. */
export interface WatchOptions extends StoreWatchOptions, Omit<WatchAdvisoriesOptions, "keys">, DatabaseKeyOption {}

/**
 * Matches stored inventories again whenever the database is replaced, and yields what changed: regular rescans without pulling images again. Never
 * ends by itself; leave the loop or abort. It does not update the database: run `plimsoll db update` in a timer, or `updateAdvisories` in this
 * process.
 * @throws the signal's reason when aborted; errors of the iteration over the inventories.
 * @example
 * for await (const event of watch(new Map([["shop:1", inventory]]), { signal }))
 *   if (event.kind === "changed") for (const finding of event.added) console.log(event.name, finding.id);
 */
export function watch(
  inventories: WatchedInventories,
  options: WatchOptions = {},
): AsyncGenerator<WatchEvent, void, undefined> {
  checkOptions("watch", options, {
    ...watchChecks,
    ...keyChecks,
    db: optionIs.text,
    cacheDir: optionIs.text,
    interval: optionIs.count,
  });
  const { db, dbKeys: keys, cacheDir, interval, ...watching } = options;
  const { signal } = options;
  return watchStores(inventories, watchAdvisories({ db, keys, cacheDir, interval, signal }), watching);
}

/**
 * Opens the database that `db` names, or the default one if `offline` or `dbKeys` is set; undefined where the default database depends on the
 * ecosystems of the image.
 * @throws ScanError `store-missing` or `store-unreadable`, saying what to do.
 */
export async function openNamedAdvisories(
  options: Pick<ScanInventoryOptions, "db" | "dbKeys" | "maxDbAge" | "cacheDir" | "offline" | "signal">,
): Promise<AdvisoryStore | undefined> {
  // Callers pass whatever options they have; those of the same name mean other things elsewhere.
  const { db, dbKeys: keys, maxDbAge: maxAge, cacheDir, offline, signal } = options;
  if (db !== undefined) return openAdvisories(db, { cacheDir, keys, offline, signal, maxAge });
  if (offline !== true && keys === undefined) return undefined;
  return ensureAdvisories({ cacheDir, keys, offline, signal, maxAge, ecosystems: [] });
}

/**
 * {@link openNamedAdvisories} that also checks, before an image is read in vain, that there is a default database or that one can be fetched.
 * @throws ScanError `store-missing` or `store-unreadable`, saying what to do.
 */
export async function expectNamedAdvisories(
  options: Parameters<typeof openNamedAdvisories>[0],
): Promise<AdvisoryStore | undefined> {
  const named = await openNamedAdvisories(options);
  if (named === undefined) await expectAdvisories({ cacheDir: options.cacheDir, signal: options.signal });
  return named;
}

/**
 * Opens the database to match an inventory with: the one that `db` names, else the default one, for which ecosystems that the inventory needs are
 * fetched if they never were.
 * @throws ScanError `store-missing` or `store-unreadable`, saying what to do.
 */
export async function openAdvisoriesFor(
  inventory: Inventory,
  options: Pick<
    ScanInventoryOptions,
    "db" | "dbKeys" | "maxDbAge" | "cacheDir" | "offline" | "ecosystems" | "signal"
  > & {
    /** For progress, where something is fetched; see `ensureAdvisories`. */
    readonly onFetch?: ((fetched: AdvisoriesFetched) => void) | undefined;
  } = {},
): Promise<AdvisoryStore> {
  const named = await openNamedAdvisories(options);
  if (named !== undefined) return named;
  const { cacheDir, offline, signal, maxDbAge: maxAge, onFetch } = options;
  const ecosystems = neededEcosystems(inventory, options.ecosystems ?? (await loadEcosystems()));
  return ensureAdvisories({ cacheDir, offline, signal, maxAge, ecosystems, onFetch });
}

/** The OSV ecosystems whose advisories may speak of the packages, without releases. */
function neededEcosystems(inventory: Inventory, ecosystems: readonly Ecosystem[]): readonly string[] {
  const byId = new Map(ecosystems.map((ecosystem) => [ecosystem.id, ecosystem]));
  const namespaces = inventory.packages.flatMap(
    (pkg) => byId.get(pkg.ecosystem)?.advisoryKeys(pkg, inventory.artifact.distro) ?? [],
  );
  return [...new Set(namespaces.map(({ namespace }) => namespace.replace(/:.*/, "")))].sort();
}

// Node's own
export { documentCache } from "./document-cache.ts";
export {
  buildAdvisories,
  defaultCacheDirectory,
  defaultStorePath,
  directoryCache,
  everyPlatform,
  exportAdvisories,
  importAdvisories,
  imageFile,
  imageFrom,
  imageSource,
  imageStream,
  openAdvisories,
  openJavaIndex,
  pullAdvisories,
  pushAdvisories,
  rootfsDirectory,
  updateAdvisories,
  watchAdvisories,
} from "@plimsoll/node";

export type {
  AdvisoriesFetched,
  ArtifactOptions,
  BuildAdvisoriesOptions,
  DatabaseKeyOptions,
  DirectoryCacheOptions,
  ExportAdvisoriesOptions,
  FetchDocumentOptions,
  FindArtifactOptions,
  FreshnessOptions,
  ImageFileKind,
  ImageFileOptions,
  ImageReferenceOptions,
  ImportAdvisoriesOptions,
  KeepArtifactOptions,
  KeepOptions,
  OpenAdvisoriesOptions,
  OpenedAdvisories,
  PullAdvisoriesOptions,
  RootfsDirectoryOptions,
  TlsOptions,
  UpdateAdvisoriesOptions,
  UpdateOutcome,
  UpdateResult,
  WatchAdvisoriesOptions,
} from "@plimsoll/node";

// The parts, listed in one place for both entries
export * from "./parts.ts";
export type { CheckConfigsOptions } from "./misconfig/check-configs.ts";
export type { IdentifyOptions } from "./identify-artifacts.ts";
export type { ScannerOptions } from "./scanners.ts";
export type { LicenseOptions } from "./license-scanner.ts";
