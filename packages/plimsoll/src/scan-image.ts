import { everyEcosystem } from "@plimsoll/ecosystems";
import { analyzeImage as takeInventory } from "@plimsoll/inventory";
import type { AnalyzeOptions as InventoryOptions } from "@plimsoll/inventory";
import { match, withEndOfLife } from "@plimsoll/matcher";
import type { MatchOptions as MatcherOptions } from "@plimsoll/matcher";
import type {
  AdvisoryStore,
  CallOptions,
  CoverageGap,
  Diagnostic,
  Ecosystem,
  FixStatus,
  ImageSource,
  Inventory,
  TriageRule,
  Report,
  Severity,
} from "@plimsoll/model";
import { filterRules, triage } from "@plimsoll/triage";
import { followScan } from "./event-stream.ts";
import type { ScanProgress } from "./event-stream.ts";
import { tool } from "./version.ts";

/** What {@link analyzeImage} may be told. */
export interface AnalyzeOptions extends Omit<InventoryOptions, "ecosystems"> {
  /** Which packaging worlds to look for. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
}

/** What {@link matchInventory} may be told. */
export interface MatchOptions extends CallOptions {
  readonly advisories: AdvisoryStore;
  /** Ecosystems that named the packages. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
  /** Keep only findings of these severities. */
  readonly severities?: readonly Severity[] | undefined;
  /** Leave out findings that no version fixes. */
  readonly ignoreUnfixed?: boolean | undefined;
  /** Leave out findings with these statuses. */
  readonly ignoreStatuses?: readonly FixStatus[] | undefined;
  /** Keep only findings in packages of the distribution (`os`), or of languages (`library`). */
  readonly packageTypes?: readonly ("os" | "library")[] | undefined;
  /** Leave out findings in packages that were found only under these paths; globs with `*`, `**` and `?`. */
  readonly ignorePaths?: readonly string[] | undefined;
  /** Judged in order, after the filters above; the first to suppress a finding is named beside it. */
  readonly triage?: readonly TriageRule[] | undefined;
  /** How language packages inside a distribution package are matched. Absent: by the distribution's advisories alone. */
  readonly ownedPackages?: MatcherOptions["ownedPackages"];
  /** Stamped into the report as given, RFC 3339. Absent: no clock value, so that equal input gives equal bytes. */
  readonly createdAt?: string | undefined;
  readonly onEvent?: MatcherOptions["onEvent"];
}

/** What {@link scanImage} may be told. */
export interface ScanOptions extends AnalyzeOptions, Omit<MatchOptions, "onEvent" | "signal" | "ecosystems"> {}

/**
 * What is installed in an image, without asking for vulnerabilities.
 * @throws ScanError when the image cannot be opened; whatever goes wrong later is a diagnostic of the inventory.
 */
export function analyzeImage(source: ImageSource, options: AnalyzeOptions = {}): Promise<Inventory> {
  return takeInventory(source, { ...options, ecosystems: options.ecosystems ?? everyEcosystem });
}

/**
 * Matches an inventory, fresh or stored, against advisories. Needs no image.
 * @throws ScanError when the store cannot be read.
 */
export async function matchInventory(inventory: Inventory, options: MatchOptions): Promise<Report> {
  const ecosystems = options.ecosystems ?? everyEcosystem;
  const matched = await match(inventory, options.advisories, {
    ecosystems,
    signal: options.signal,
    onEvent: options.onEvent,
    ownedPackages: options.ownedPackages,
  });
  const osEcosystems = ecosystems.filter((ecosystem) => ecosystem.class === "os").map((ecosystem) => ecosystem.id);
  const rules = [...filterRules({ ...options, osEcosystems }), ...(options.triage ?? [])];
  const judged = triage(matched.findings, rules, inventory.packages, inventory.artifact);
  const suppressed = [...judged.suppressed, ...matched.setAside];
  const diagnostics = [...inventory.diagnostics, ...matched.diagnostics, ...judged.diagnostics];
  return {
    ...reportHead(await withReleaseEnd(inventory, options), options.createdAt),
    advisories: { revision: options.advisories.revision, sources: options.advisories.sources },
    packages: inventory.packages,
    findings: judged.findings,
    ...(suppressed.length === 0 ? {} : { suppressed }),
    coverage: matched.coverage,
    diagnostics,
  };
}

/** The inventory with what the store knows of its distribution. */
async function withReleaseEnd(inventory: Inventory, { advisories, signal }: MatchOptions): Promise<Inventory> {
  const { distro } = inventory.artifact;
  if (distro === undefined) return inventory;
  return {
    ...inventory,
    artifact: { ...inventory.artifact, distro: await withEndOfLife(distro, advisories, { signal }) },
  };
}

/**
 * Matches a stored inventory with a newer store: {@link matchInventory} for those who have both at hand. Reads nothing but
 * the store, so that thousands of inventories can be matched again after every update.
 * @throws ScanError when the store cannot be read.
 */
export function rematch(
  inventory: Inventory,
  store: AdvisoryStore,
  options: Omit<MatchOptions, "advisories"> = {},
): Promise<Report> {
  return matchInventory(inventory, { ...options, advisories: store });
}

/**
 * Which known vulnerabilities an image carries, where they come from, and what fixes them.
 * @throws ScanError when the image cannot be opened or the advisories cannot be read.
 */
export async function scanImage(source: ImageSource, options: ScanOptions): Promise<Report> {
  return matchInventory(await analyzeImage(source, options), options);
}

/**
 * Follows a scan: what happens, as it happens, and at the end the report. Leaving the loop aborts the scan.
 * The loop throws what {@link scanImage} throws.
 */
export function scanEvents(source: ImageSource, options: ScanOptions): AsyncGenerator<ScanProgress, void, undefined> {
  return followScan((followed) => scanImage(source, followed), options);
}

/** An inventory as a report in which nobody looked for vulnerabilities: what SBOM formats render. */
export function inventoryReport(
  inventory: Inventory,
  options: { readonly createdAt?: string | undefined } = {},
): Report {
  const gaps = inventory.diagnostics.filter((diagnostic) => diagnostic.effect === "incomplete").map(gapOf);
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
  return { schemaVersion: 1, tool, ...(createdAt === undefined ? {} : { createdAt }), artifact: inventory.artifact };
}

function gapOf(diagnostic: Diagnostic): CoverageGap {
  return {
    code: diagnostic.code,
    message: diagnostic.message,
    ...(diagnostic.location === undefined ? {} : { path: diagnostic.location.path }),
  };
}
