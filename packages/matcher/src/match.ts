import {
  checkOptions,
  compareBy,
  compareFindings,
  compareText,
  emitEvent,
  optionIs,
  sortedInTurns,
  workDone,
} from "@plimsoll/model";
import type {
  AdvisoryStore,
  CallOptions,
  Coverage,
  Diagnostic,
  Ecosystem,
  Enrichment,
  Inventory,
  ScanListener,
  SuppressedFinding,
  Vulnerability,
  OptionChecks,
} from "@plimsoll/model";
import { findCandidates } from "./candidates.ts";
import { coverageOf } from "./coverage.ts";
import { planLookups } from "./lookups.ts";
import { joinById } from "./vulnerability-ids.ts";
import { cvesOf, toVulnerability } from "./vulnerability.ts";
import type { CandidateGroup } from "./vulnerability.ts";

/** How to match. */
export interface MatchOptions extends CallOptions {
  /** The ecosystems whose packages can be matched. */
  readonly ecosystems: readonly Ecosystem[];
  readonly onEvent?: ScanListener | undefined;
  /**
   * `distribution` (default): a language package whose files all belong to packages of the operating system is left to the distribution's advisories,
   * as long as there are any. `both`: it is matched by its own name too.
   */
  readonly ownedPackages?: "distribution" | "both" | undefined;
  /** `omit` (default): advisories marked informational (`unmaintained`, `notice`) are no findings; those marked `unsound` always are. */
  readonly informational?: "omit" | "report" | undefined;
  /**
   * `unknown` (default): a package without a version is not judged, which is a gap of the coverage. `affected`: every advisory under
   * its name counts, with confidence `approximate`.
   */
  readonly unversioned?: "unknown" | "affected" | undefined;
}

/** The checks of {@link MatchOptions}. */
export const matchChecks: OptionChecks<MatchOptions> = {
  ecosystems: optionIs.listOf(optionIs.having("advisoryKeys")),
  onEvent: optionIs.call,
  ownedPackages: optionIs.oneOf(["distribution", "both"]),
  informational: optionIs.oneOf(["omit", "report"]),
  unversioned: optionIs.oneOf(["unknown", "affected"]),
  signal: optionIs.signal,
};

/** What matching found, and what it could not look at. */
export interface MatchResult {
  /** Sorted by severity, id, purl. */
  readonly vulnerabilities: readonly Vulnerability[];
  /** Problems of matching; those of the inventory stay there. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of matching alone: what made the inventory incomplete stands in its own diagnostics. */
  readonly coverage: Coverage;
  /** The namespaces that packages were looked up in, whether the store covers them or not. Sorted. */
  readonly namespaces: readonly string[];
  /** Packages that were left to the operating-system package which owns their files, by id, with the reason. */
  readonly leftToOwner: ReadonlyMap<string, string>;
  /** Findings in those packages by advisories under their own names, each suppressed with that reason. Sorted like findings. */
  readonly setAside: readonly SuppressedFinding[];
}

/** Joining a candidate with others takes about as long as looking at so many bytes. */
const bytesPerCandidate = 2_048;
/** Writing a finding, with all that is told of it, likewise. */
const bytesPerFinding = 8_192;

/**
 * Matches every package of an inventory with the advisories of a store. Needs the inventory alone, so that a stored one can be matched again without its image.
 * Same inventory and store, in any order: same result. Rejects with `signal.reason` when aborted, and with what the store throws.
 */
export async function match(inventory: Inventory, store: AdvisoryStore, options: MatchOptions): Promise<MatchResult> {
  checkOptions("match", options, matchChecks);
  const {
    signal,
    ecosystems,
    ownedPackages = "distribution",
    informational = "omit",
    unversioned = "unknown",
  } = options;
  const { distro, layers } = inventory.artifact;
  signal?.throwIfAborted();
  const plan = await planLookups(inventory.packages, store, { ecosystems, distro, ownedPackages });
  const search = await findCandidates([...plan.lookups, ...plan.setAside], store, {
    signal,
    distro,
    informational,
    unversioned,
  });
  signal?.throwIfAborted();
  const groups: CandidateGroup[] = [];
  for (const candidates of search.byPackage) {
    if (candidates.length > 0) groups.push(...joinById(candidates, ({ spoken }) => spoken.ids).filter(isGroup));
    await workDone(bytesPerCandidate * candidates.length);
  }
  const cves = groups.map(cvesOf);
  const enrichments = await enrich(cves, store, signal);
  signal?.throwIfAborted();
  const found: Vulnerability[] = [];
  for (const [at, group] of groups.entries()) {
    found.push(toVulnerability(group, cves[at] ?? [], { layers, enrichmentOf: (cve) => enrichments.get(cve) }));
    await workDone(bytesPerFinding);
  }
  const all = await sortedInTurns(found, compareFindings);
  const vulnerabilities = all.filter(({ package: { id } }) => !plan.leftToOwner.has(id));
  const diagnostics = [...(store.diagnostics ?? []), ...(await sortedInTurns(search.diagnostics, byPlace))];
  emitEvent(options.onEvent, {
    kind: "matched",
    packages: inventory.packages.length,
    findings: vulnerabilities.length,
  });
  return {
    vulnerabilities,
    diagnostics,
    coverage: coverageOf({
      packages: inventory.packages.length,
      covered: plan.covered,
      gaps: plan.gaps,
      // What the inventory may lack was not matched either.
      diagnostics: [...inventory.diagnostics, ...diagnostics],
    }),
    namespaces: plan.namespaces,
    leftToOwner: plan.leftToOwner,
    setAside: all.flatMap((finding) => {
      const reason = plan.leftToOwner.get(finding.package.id);
      return reason === undefined ? [] : [leftToDistribution(finding, reason)];
    }),
  };
}

function leftToDistribution(finding: Vulnerability, reason: string): SuppressedFinding {
  const notes = [...(finding.explanation.notes ?? []), reason];
  return { finding: { ...finding, explanation: { ...finding.explanation, notes } }, by: "distribution", reason };
}

function isGroup(candidates: CandidateGroup | readonly unknown[]): candidates is CandidateGroup {
  return candidates.length > 0;
}

async function enrich(
  ofGroups: readonly (readonly string[])[],
  store: AdvisoryStore,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Enrichment>> {
  const cves = [...new Set(ofGroups.flat())].toSorted(compareText);
  const found = cves.length === 0 ? [] : await store.enrich(cves, { signal });
  return new Map(cves.flatMap((cve, index) => (found[index] === undefined ? [] : [[cve, found[index]] as const])));
}

const byPlace = compareBy<Diagnostic>(
  (a, b) => compareText(a.location?.path ?? "", b.location?.path ?? ""),
  (a, b) => (a.location?.layer?.index ?? -1) - (b.location?.layer?.index ?? -1),
  (a, b) => compareText(a.code, b.code),
  (a, b) => compareText(a.message, b.message),
);
