import { compareText, matcherKey, ScanError } from "@plimsoll/model";
import type {
  Analyzer,
  Detector,
  Ecosystem,
  Evidence,
  FileMatcher,
  ForeignDirectory,
  Limits,
  PartDetector,
} from "@plimsoll/model";
import { byWhatTells } from "./foreign-directories.ts";

/** As `Limits.maxLockFileBytes` of the model says. */
const timesByEntries = 4;

/** An analyzer that takes part in a scan. */
export interface PlannedAnalyzer {
  readonly id: string;
  readonly analyzer: Analyzer;
  readonly matches: readonly FileMatcher[];
  /** Bytes of a file that it may hold; absent: what `limits` allow. */
  readonly maxBytes: number | undefined;
  /** Directories of third-party packages: manifests and lock files below them are ignored. */
  readonly outside: readonly ForeignDirectory[];
  /** Those of them that only the whole file tree shows. */
  readonly outsideOfTree: readonly ForeignDirectory[];
  readonly evidence: Evidence;
  /** The ecosystem that lists it; undefined when several share it. */
  readonly ecosystem: Ecosystem | undefined;
  /** The detector that lists it, where that is no ecosystem. */
  readonly part: PartDetector | undefined;
  /** Names its output for the same bytes: id, revision, and a hash of what else the output depends on. */
  readonly cacheKey: string;
}

/**
 * The analyzers to run, each once, in the order of their ids, whatever the order of the ecosystems.
 * @throws ScanError `invalid-option` when two detectors, or two analyzers that differ, have the same id.
 */
export function planAnalyzers(
  detectors: readonly (Ecosystem | PartDetector)[],
  evidence: readonly Evidence[],
  limits: Limits,
): readonly PlannedAnalyzer[] {
  const chosen = new Map<string, Chosen>();
  const distinct = distinctDetectors(detectors);
  const foreign = distinct.flatMap((detector) => (isPart(detector) ? [] : (detector.foreignDirectories ?? [])));
  for (const detector of distinct)
    for (const analyzer of detector.analyzers) {
      const before = chosen.get(analyzer.id);
      // Ecosystems may share an analyzer; what one says of another part, that part alone understands.
      if (
        before !== undefined &&
        (isPart(before.detector) || isPart(detector) || !sameAnalyzer(before.analyzer, analyzer))
      )
        throw new ScanError({
          kind: "invalid-option",
          option: "ecosystems",
          reason: `two analyzers named ${analyzer.id}`,
        });
      if (before === undefined) chosen.set(analyzer.id, { analyzer, detector, isShared: false });
      else if (before.detector !== detector) chosen.set(analyzer.id, { ...before, isShared: true });
    }
  return [...chosen.values()]
    .filter(({ analyzer }) => evidence.includes(evidenceOf(analyzer)))
    .map((one) => plan(one, { limits, foreign }))
    .sort((a, b) => compareText(a.id, b.id));
}

/** An analyzer and who lists it. */
interface Chosen {
  readonly analyzer: Analyzer;
  readonly detector: Ecosystem | PartDetector;
  /** Other ecosystems list it, too. */
  readonly isShared: boolean;
}

function evidenceOf({ evidence = "installed" }: Analyzer): Evidence {
  return evidence;
}

/** Whether the analyzer's files count in every layer, not only as they are at the end. */
export function seesEveryLayer({ part }: PlannedAnalyzer): boolean {
  return part?.reach === "every-layer";
}

function isPart(detector: Detector): detector is PartDetector {
  return "collect" in detector;
}

function distinctDetectors<T extends Detector>(detectors: readonly T[]): readonly T[] {
  const byId = new Map<string, T>();
  for (const detector of detectors) {
    if ((byId.get(detector.id) ?? detector) !== detector)
      throw new ScanError({
        kind: "invalid-option",
        option: "ecosystems",
        reason: `two ${isPart(detector) ? "detectors" : "ecosystems"} named ${detector.id}`,
      });
    byId.set(detector.id, detector);
  }
  return [...byId.values()].sort((a, b) => compareText(a.id, b.id));
}

function sameAnalyzer(a: Analyzer, b: Analyzer): boolean {
  return a === b || (a.revision === b.revision && a.kind === b.kind && matchesText(a) === matchesText(b));
}

function plan(
  { analyzer, detector, isShared }: Chosen,
  { limits, foreign }: { readonly limits: Limits; readonly foreign: readonly ForeignDirectory[] },
): PlannedAnalyzer {
  const { id, revision, kind } = analyzer;
  const evidence = evidenceOf(analyzer);
  const maxLockFileBytes = limits.maxLockFileBytes * (analyzer.readsByEntries === true ? timesByEntries : 1);
  const maxBytes =
    evidence === "installed" ? analyzer.maxBytes : Math.min(analyzer.maxBytes ?? Infinity, maxLockFileBytes);
  const { byPath: outside, byTree: outsideOfTree } = byWhatTells(evidence === "installed" ? [] : foreign);
  const dependsOn = [
    kind,
    // As they stand: to sort them takes a third of the plan, and the order in a program does not change.
    ...analyzer.matches.map(matcherKey),
    maxBytes,
    limits.maxEntryBytes,
    limits.maxPackagesPerFile,
    limits.maxLockFileValues,
    limits.maxNesting,
    ...outside.map(({ name, versioned = false }) => `${name} ${versioned}`),
  ].join("\n");
  return {
    id,
    analyzer,
    matches: analyzer.matches,
    maxBytes,
    outside,
    outsideOfTree,
    evidence,
    ecosystem: isPart(detector) || isShared ? undefined : detector,
    part: isPart(detector) ? detector : undefined,
    cacheKey: `${id}@${revision}~${settingsHash(dependsOn)}`,
  };
}

function matchesText(analyzer: Analyzer): string {
  return analyzer.matches.map(matcherKey).sort(compareText).join("\n");
}

/**
 * The same in every process that shares a cache, and without a key: what it hashes is the program's own. Two lanes in the manner of FNV-1a, since
 * every scan hashes some twenty thousand characters.
 */
function settingsHash(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x2f6e2b1d;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
  }
  return `${(low >>> 0).toString(36)}-${(high >>> 0).toString(36)}`;
}
