import { compareText, ScanError } from "@plimsoll/model";
import type { Analyzer, Ecosystem, Evidence, FileMatcher, Limits } from "@plimsoll/model";
import { matcherKey } from "./dispatch.ts";
import { hashPath } from "./path-hash.ts";

/** An analyzer that takes part in a scan. */
export interface PlannedAnalyzer {
  readonly id: string;
  readonly analyzer: Analyzer;
  readonly matches: readonly FileMatcher[];
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
  for (const ecosystem of distinctEcosystems(ecosystems))
    for (const analyzer of ecosystem.analyzers) {
      const before = planned.get(analyzer.id);
      if (before !== undefined && !sameAnalyzer(before.analyzer, analyzer))
        throw new ScanError({
          kind: "invalid-option",
          option: "ecosystems",
          reason: `two analyzers named ${analyzer.id}`,
        });
      const owner = before === undefined || before.ecosystem === ecosystem ? ecosystem : undefined;
      planned.set(analyzer.id, before === undefined ? plan(analyzer, owner, limits) : { ...before, ecosystem: owner });
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

function plan(analyzer: Analyzer, ecosystem: Ecosystem | undefined, limits: Limits): PlannedAnalyzer {
  const { id, revision, kind, maxBytes } = analyzer;
  const dependsOn = [kind, matchesText(analyzer), maxBytes, limits.maxEntryBytes, limits.maxNesting].join("\n");
  return {
    id,
    analyzer,
    matches: analyzer.matches,
    evidence: analyzer.evidence ?? "installed",
    ecosystem,
    cacheKey: `${id}@${revision}~${hashPath(dependsOn).toString(36)}`,
  };
}

function matchesText(analyzer: Analyzer): string {
  return analyzer.matches.map(matcherKey).sort(compareText).join("\n");
}
