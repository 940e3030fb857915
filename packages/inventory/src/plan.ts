import { compareText, ScanError } from "@plimsoll/model";
import type { Analyzer, Ecosystem, Evidence, FileMatcher, ForeignDirectory, Limits } from "@plimsoll/model";
import { matcherKey } from "./dispatch.ts";
import { hashPath } from "./path-hash.ts";

/** An analyzer that takes part in a scan. */
export interface PlannedAnalyzer {
  readonly id: string;
  readonly analyzer: Analyzer;
  readonly matches: readonly FileMatcher[];
  /** What installers put there is not of the project: files that say what a project asks for are left out below. */
  readonly outside: readonly ForeignDirectory[];
  readonly evidence: Evidence;
  /** Who lists it; undefined when several ecosystems share it, and its observations belong to none. */
  readonly ecosystem: Ecosystem | undefined;
  /** Names its output for the same bytes: id, revision, and a hash of what else the output depends on. */
  readonly cacheKey: string;
}

/**
 * The analyzers to run, each once, in the order of their ids, whatever the order of the ecosystems.
 * @throws ScanError `invalid-option` when two ecosystems, or two analyzers that differ, have the same id.
 */
export function planAnalyzers(
  ecosystems: readonly Ecosystem[],
  evidence: readonly Evidence[],
  limits: Limits,
): readonly PlannedAnalyzer[] {
  const planned = new Map<string, PlannedAnalyzer>();
  const distinct = distinctEcosystems(ecosystems);
  const foreign = distinct.flatMap(({ foreignDirectories = [] }) => foreignDirectories);
  for (const ecosystem of distinct)
    for (const analyzer of ecosystem.analyzers) {
      const before = planned.get(analyzer.id);
      if (before !== undefined && !sameAnalyzer(before.analyzer, analyzer))
        throw new ScanError({
          kind: "invalid-option",
          option: "ecosystems",
          reason: `two analyzers named ${analyzer.id}`,
        });
      const owner = before === undefined || before.ecosystem === ecosystem ? ecosystem : undefined;
      planned.set(
        analyzer.id,
        before === undefined ? plan(analyzer, owner, { limits, foreign }) : { ...before, ecosystem: owner },
      );
    }
  return [...planned.values()]
    .filter((candidate) => evidence.includes(candidate.evidence))
    .sort((a, b) => compareText(a.id, b.id));
}

function distinctEcosystems(ecosystems: readonly Ecosystem[]): readonly Ecosystem[] {
  const byId = new Map<string, Ecosystem>();
  for (const ecosystem of ecosystems) {
    if ((byId.get(ecosystem.id) ?? ecosystem) !== ecosystem)
      throw new ScanError({
        kind: "invalid-option",
        option: "ecosystems",
        reason: `two ecosystems named ${ecosystem.id}`,
      });
    byId.set(ecosystem.id, ecosystem);
  }
  return [...byId.values()].sort((a, b) => compareText(a.id, b.id));
}

function sameAnalyzer(a: Analyzer, b: Analyzer): boolean {
  return a === b || (a.revision === b.revision && a.kind === b.kind && matchesText(a) === matchesText(b));
}

function plan(
  analyzer: Analyzer,
  ecosystem: Ecosystem | undefined,
  { limits, foreign }: { readonly limits: Limits; readonly foreign: readonly ForeignDirectory[] },
): PlannedAnalyzer {
  const { id, revision, kind, maxBytes, evidence = "installed" } = analyzer;
  const outside = evidence === "installed" ? [] : foreign;
  const dependsOn = [
    kind,
    matchesText(analyzer),
    maxBytes,
    limits.maxEntryBytes,
    limits.maxNesting,
    ...outside.map(({ name, versioned = false }) => `${name} ${versioned}`),
  ].join("\n");
  return {
    id,
    analyzer,
    matches: analyzer.matches,
    outside,
    evidence,
    ecosystem,
    cacheKey: `${id}@${revision}~${hashPath(dependsOn).toString(36)}`,
  };
}

function matchesText(analyzer: Analyzer): string {
  return analyzer.matches.map(matcherKey).sort(compareText).join("\n");
}
