import { takeInventory } from "@plimsoll/inventory";
import { imageFrom } from "@plimsoll/image";
import type { ImageInput } from "@plimsoll/image";
import type { InventoryOptions } from "@plimsoll/inventory";
import { withEndOfLife } from "@plimsoll/matcher";
import { checkOptions, listFindings, optionIs } from "@plimsoll/model";
import type {
  AdvisoryStore,
  Ecosystem,
  FixStatus,
  ImageSource,
  Inventory,
  Report,
  ScannerId,
  Severity,
  TriageRule,
} from "@plimsoll/model";
import { filterRules, triageInTurns } from "@plimsoll/triage";
import { withAttested } from "./attested-option.ts";
import type { AttestedOption } from "./attested-option.ts";
import type { LicenseOptions } from "./license-scanner.ts";
import { followScan } from "./event-stream.ts";
import { heardBy } from "./listener.ts";
import type { ScanProgress } from "./event-stream.ts";
import { gapsOf } from "./coverage-gaps.ts";
import { loadEcosystems } from "./load-ecosystems.ts";
import { analyzeChecks, imageChecks, scanChecks } from "./scan-options.ts";
import { joinCoverage, scannersNamed, usualScanners } from "./scanners.ts";
import type { ReportOf, ScannerOptions } from "./scanners.ts";
import { tool } from "./version.ts";

/** The scanners to run. */
export interface ScannersOption<S extends ScannerId = ScannerId> {
  /** Absent: `["vuln"]`. The report has a list for each. */
  readonly scanners?: readonly S[] | undefined;
}

/** Options of {@link analyzeImage}. */
export interface AnalyzeOptions extends Omit<InventoryOptions, "ecosystems" | "maskText">, ScannersOption {
  /** Ecosystems whose packages to look for. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
  /** Options of the scanner `license`. */
  readonly licenses?: LicenseOptions | undefined;
}

/** Options of {@link scanInventory}. */
export interface ScanInventoryOptions<S extends ScannerId = "vuln">
  extends ScannerOptions, ScannersOption<S>, AttestedOption {
  /** Keep only findings of these severities. */
  readonly severities?: readonly Severity[] | undefined;
  /** Leave out vulnerabilities without a fixed version. */
  readonly ignoreUnfixed?: boolean | undefined;
  /** Leave out vulnerabilities with these statuses. */
  readonly ignoreStatuses?: readonly FixStatus[] | undefined;
  /** Keep, of the findings in packages, only those in packages of the distribution (`os`), or of languages (`library`). */
  readonly packageTypes?: readonly ("os" | "library")[] | undefined;
  /** Applied in order, after the filters above; a suppressed finding names the first rule that suppresses it. */
  readonly triage?: readonly TriageRule[] | undefined;
  /** Time of the report, RFC 3339, copied as given. Absent: the report has no time, so that equal input gives equal bytes. */
  readonly createdAt?: string | undefined;
}

/** Options of {@link scanImage}. */
export interface ScanOptions<S extends ScannerId = "vuln">
  extends
    Omit<AnalyzeOptions, "scanners">,
    Omit<ScanInventoryOptions<S>, "onEvent" | "signal" | "ecosystems" | "licenses"> {}

/**
 * Takes the inventory of an image: its packages, and what else the chosen scanners need from it.
 * @param source an image source, or an image archive as bytes, as a `Blob` or `File`, or as a stream
 * @throws ScanError when the image cannot be opened, or a listener throws (`callback-failed`); whatever else goes wrong is a diagnostic of
 *   the inventory.
 * @throws TypeError for an option, or a value of one, that does not exist.
 */
export async function analyzeImage(source: ImageInput, options: AnalyzeOptions = {}): Promise<Inventory> {
  checkOptions("analyzeImage", options, analyzeChecks);
  return analyze(imageFrom(source), options);
}

/** {@link analyzeImage} with options that were checked, among which may be those of other steps. */
export async function analyze(source: ImageSource, options: AnalyzeOptions): Promise<Inventory> {
  const given = options.detectors ?? [];
  const scanners = scannersNamed(options.scanners ?? usualScanners);
  const own = await Promise.all(scanners.map((scanner) => scanner.detectors?.(options) ?? []));
  // A detector that is given takes the place of the one a scanner has: the same, with other rules.
  const detectors = own.flat().filter(({ id }) => !given.some((detector) => detector.id === id));
  const ecosystems = options.ecosystems ?? (await loadEcosystems());
  return heardBy(options.onEvent, (onEvent) =>
    takeInventory(source, {
      ecosystems,
      detectors: [...new Set([...detectors, ...given])],
      platform: options.platform,
      cache: options.cache,
      limits: options.limits,
      onEvent,
      scratch: options.scratch,
      engine: options.engine,
      concurrency: options.concurrency,
      evidence: options.evidence,
      baseImage: options.baseImage,
      signal: options.signal,
      // Whoever asks and for what: instructions of layers set environment variables.
      maskText: async (text) => (await import("@plimsoll/secrets")).maskSecrets(text, { path: "image-config:history" }),
    }),
  );
}

/**
 * Scans an inventory, new or stored, without its image. The report has one list of findings for each scanner.
 * @throws ScanError when the advisories cannot be read.
 * @throws TypeError for an option, or a value of one, that does not exist, and for a triage rule that answers with a promise.
 */
export async function scanInventory<S extends ScannerId = "vuln">(
  inventory: Inventory,
  options: ScanInventoryOptions<S>,
): Promise<ReportOf<S>> {
  checkOptions("scanInventory", options, scanChecks);
  return scan(inventory, options);
}

/** {@link scanInventory} with options that were checked, among which may be those of other steps. */
export async function scan<S extends ScannerId>(
  inventory: Inventory,
  options: ScanInventoryOptions<S>,
): Promise<ReportOf<S>> {
  const known = await withAttested(inventory, options);
  return heardBy(options.onEvent, (onEvent) => askScanners<S>(known.inventory, { ...known.options, onEvent }));
}

async function askScanners<S extends ScannerId>(
  inventory: Inventory,
  options: ScanInventoryOptions<S>,
): Promise<ReportOf<S>> {
  const { advisories } = options;
  const ecosystems = options.ecosystems ?? (await loadEcosystems());
  const scanners = scannersNamed(options.scanners ?? usualScanners);
  const scanned = [];
  const known = await withReleaseEnd(inventory, options);
  for (const scanner of scanners) scanned.push([scanner.id, await scanner.scan(known, options)] as const);
  const osEcosystems = ecosystems.filter((ecosystem) => ecosystem.class === "os").map((ecosystem) => ecosystem.id);
  const { severities, ignoreUnfixed, ignoreStatuses, packageTypes, ignorePaths } = options;
  const filters = filterRules({
    severities,
    ignoreUnfixed,
    ignoreStatuses,
    packageTypes,
    osEcosystems,
    ignorePaths,
  });
  const rules = [...filters, ...(options.triage ?? [])];
  const findings = scanned.flatMap(([, result]) => result.findings);
  const { packages, artifact } = inventory;
  const triaged = await triageInTurns(findings, rules, { packages, artifact, signal: options.signal });
  const suppressed = [...triaged.suppressed, ...scanned.flatMap(([, { setAside }]) => setAside ?? [])];
  const own = scanned.flatMap(([, { diagnostics }]) => diagnostics ?? []);
  const ids = scanned.flatMap(([, result]) => result.asked ?? []);
  const asked = scanned.some(([, result]) => result.asked !== undefined) ? { asked: ids } : {};
  const report: Report = {
    ...reportHead(known, options.createdAt),
    ...(advisories === undefined
      ? {}
      : { advisories: { revision: advisories.revision, sources: advisories.sources, ...asked } }),
    packages: inventory.packages,
    ...listFindings(
      triaged.findings,
      scanners.map(({ finds }) => finds),
    ),
    ...(suppressed.length === 0 ? {} : { suppressed }),
    coverage: joinCoverage(scanned),
    diagnostics: [...inventory.diagnostics, ...own, ...triaged.diagnostics],
  };
  return report as ReportOf<S>; // as: every scanner that ran has its list
}

/** The inventory with what the store knows of its distribution. */
async function withReleaseEnd(inventory: Inventory, { advisories, signal }: ScannerOptions): Promise<Inventory> {
  const { distro } = inventory.artifact;
  if (distro === undefined || advisories === undefined) return inventory;
  return {
    ...inventory,
    artifact: { ...inventory.artifact, distro: await withEndOfLife(distro, advisories, { signal }) },
  };
}

/**
 * Matches a stored inventory with a newer store, as {@link scanInventory} does. Reads nothing but the store, so that thousands of inventories can
 * be matched again after every update.
 * @throws ScanError when the store cannot be read.
 */
export function rematch(
  inventory: Inventory,
  store: AdvisoryStore,
  options: Omit<ScanInventoryOptions<"vuln">, "advisories" | "scanners"> = {},
): Promise<ReportOf<"vuln">> {
  const { advisories: _, scanners: __, ...checks } = scanChecks;
  checkOptions("rematch", options, checks);
  return scan<"vuln">(inventory, { ...options, advisories: store });
}

/**
 * Scans an image for known vulnerabilities, their origin and their fixes, and for whatever else the chosen scanners find.
 * @param source an image source, or an image archive as bytes, as a `Blob` or `File`, or as a stream
 * @throws ScanError when the image cannot be opened or the advisories cannot be read, and when a listener or a triage rule throws
 *   (`callback-failed`).
 * @throws TypeError for an option, or a value of one, that does not exist, and for a triage rule that answers with a promise.
 */
export async function scanImage<S extends ScannerId = "vuln">(
  source: ImageInput,
  options: ScanOptions<S>,
): Promise<ReportOf<S>> {
  checkOptions("scanImage", options, imageChecks);
  return scan<S>(await analyze(imageFrom(source), options), options);
}

/**
 * Runs {@link scanImage} and yields its events as they happen, and at the end the report. Leaving the loop aborts the scan.
 * The loop throws what {@link scanImage} throws.
 */
export function scanEvents(source: ImageInput, options: ScanOptions): AsyncGenerator<ScanProgress, void, undefined> {
  checkOptions("scanEvents", options, imageChecks);
  return followScan((followed) => scanImage(source, followed), options);
}

/** An inventory as a report without any scanner's findings, for SBOM formats. */
export function inventoryReport(
  inventory: Inventory,
  options: { readonly createdAt?: string | undefined } = {},
): Report {
  checkOptions("inventoryReport", options, { createdAt: optionIs.time });
  const gaps = gapsOf(inventory.diagnostics);
  return {
    ...reportHead(inventory, options.createdAt),
    packages: inventory.packages,
    coverage: { verdict: gaps.length === 0 ? "complete" : "partial", gaps },
    diagnostics: inventory.diagnostics,
  };
}

function reportHead(
  inventory: Inventory,
  createdAt: string | undefined,
): Pick<Report, "schemaVersion" | "tool" | "createdAt" | "artifact"> {
  return { schemaVersion: 2, tool, ...(createdAt === undefined ? {} : { createdAt }), artifact: inventory.artifact };
}
