import { compareBy, compareText, severities } from "@plimsoll/model";
import type {
  AdvisorySeverity,
  Enrichment,
  Explanation,
  Finding,
  LayerInfo,
  Package,
  VersionScheme,
} from "@plimsoll/model";
import type { Candidate } from "./candidates.ts";
import { riskScore } from "./risk.ts";
import { chosenOf, cvssRatings, opinionsOf } from "./severity.ts";
import type { ChosenSeverity, Opinions, StatedSeverities } from "./severity.ts";
import { compareCves } from "./vulnerability-ids.ts";

/** One vulnerability in one package, with everything that speaks of it. Never empty. */
export type CandidateGroup = readonly [Candidate, ...Candidate[]];

/** What a finding takes from outside of its advisories. */
export interface FindingContext {
  readonly layers: readonly LayerInfo[];
  enrichmentOf(cve: string): Enrichment | undefined;
}

/** The CVE ids of a group, oldest first. */
export function cvesOf(group: readonly Candidate[]): readonly string[] {
  const cves = new Set<string>();
  for (const { spoken } of group) for (const cve of spoken.cves) cves.add(cve);
  return [...cves].sort(compareCves);
}

/** Makes one finding of all candidates for one vulnerability in one package. `cves`: those of the group. */
export function toFinding(group: CandidateGroup, cves: readonly string[], context: FindingContext): Finding {
  const fixes = fixesOf(group);
  const decider = decidingCandidate(group, fixes);
  const { package: pkg } = decider.lookup;
  const id = cves[0] ?? nameOf(decider);
  const enrichment = cves.map((cve) => context.enrichmentOf(cve)).find((found) => found !== undefined);
  const stated = statedSeverities(group, enrichment);
  const opinions = opinionsOf(stated);
  const chosen = chosenOf(opinions);
  const advisories = [decider, ...group.filter((other) => other !== decider)].map(({ advisory }) => advisory);
  const layer = layerOf(pkg, context.layers);
  const published = firstOf(advisories.map((advisory) => advisory.published)) ?? enrichment?.published;
  const modified = latest(advisories.map((advisory) => advisory.modified)) ?? enrichment?.modified;
  const cwes = sorted([...advisories.flatMap((advisory) => advisory.cwes ?? []), ...(enrichment?.cwes ?? [])]);
  const title = firstOf(advisories.map(({ summary }) => summary)) ?? enrichment?.title;
  const description = firstOf(advisories.map(({ details }) => details)) ?? enrichment?.description;
  const cvss = cvssRatings([...stated.own, ...stated.advisory, ...stated.shared, ...stated.catalogue]);
  const severity = chosen?.severity ?? "UNKNOWN";
  const threat = {
    ...(enrichment?.epss === undefined ? {} : { epss: enrichment.epss }),
    ...(enrichment?.knownExploited === undefined ? {} : { knownExploited: enrichment.knownExploited }),
  };
  const risk = riskScore({ severity, cvss, ...threat });
  return {
    id,
    aliases: aliasesOf(group, id),
    package: { id: pkg.id, name: pkg.name, version: pkg.version, purl: pkg.purl },
    ...(fixes.nearest === undefined ? {} : { fixedVersion: fixes.nearest }),
    fixedVersions: fixes.all,
    status: fixes.nearest === undefined ? (statusWithoutFix(group) ?? "affected") : "fixed",
    severity,
    ...(chosen === undefined ? {} : { severitySource: chosen.source }),
    cvss,
    ...threat,
    ...(risk === undefined ? {} : { risk }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(cwes.length === 0 ? {} : { cwes }),
    references: [...new Set(advisories.flatMap(({ references }) => references))],
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    ...(layer === undefined ? {} : { layer }),
    explanation: explain(
      decider,
      [
        ...(chosen === undefined ? ["Nobody states a severity"] : [chosen.because]),
        ...dissent(opinions, chosen),
        ...fixes.disagreement,
        ...ownership(pkg),
      ],
      doubtOf(group),
    ),
  };
}

/** Canonical order: severity from worst to least, id, purl, then what tells equal purls apart. */
export const compareFindings: (a: Finding, b: Finding) => number = compareBy(
  (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  (a, b) => compareText(a.id, b.id),
  (a, b) => compareText(a.package.purl, b.package.purl),
  (a, b) => compareText(a.package.id, b.package.id),
);

interface Fixes {
  /** The nearest version that none of the advisories which name a fix still lists. */
  readonly nearest: string | undefined;
  readonly all: readonly string[];
  /** One sentence each where advisories do not agree. */
  readonly disagreement: readonly string[];
}

function fixesOf(group: CandidateGroup): Fixes {
  const { keyed, fix: first } = group[0];
  const fixes: string[] = [];
  const named: string[] = [];
  for (const candidate of group) {
    if (candidate.fix !== undefined) fixes.push(candidate.fix);
    for (const version of candidate.namedFixes) named.push(version);
  }
  // The highest of the nearest fixes: below it, one of the advisories would still speak of the package.
  const nearest = inOrder(keyed.scheme, fixes).at(-1);
  const disagreement = group.every(({ fix }) => fix === first)
    ? []
    : sorted(
        group.map(({ advisory, fix }) => `${advisory.id} ${fix === undefined ? "names no fix" : `is fixed in ${fix}`}`),
      );
  return { nearest, all: inOrder(keyed.scheme, named), disagreement };
}

/** The advisory that names the fix which counts, else the first by id. Those that speak of this vulnerability alone come first. */
function decidingCandidate(group: CandidateGroup, fixes: Fixes): Candidate {
  const agreeing = group.filter((candidate) => candidate.fix === fixes.nearest);
  return agreeing.find(({ spoken }) => !spoken.shared) ?? agreeing[0] ?? group[0];
}

/** Versions from lowest to highest, each once; those that cannot be compared come last, by text. */
function inOrder(scheme: VersionScheme, versions: readonly string[]): readonly string[] {
  if (versions.length < 2) return versions;
  const distinct = [...new Set(versions)];
  const readable = distinct.filter((version) => scheme.isValid(version));
  const rest = distinct.filter((version) => !scheme.isValid(version));
  return [...readable.sort((a, b) => scheme.compare(a, b) || compareText(a, b)), ...rest.sort(compareText)];
}

function statusWithoutFix(group: CandidateGroup): Finding["status"] | undefined {
  return group.map(({ entry }) => entry.status).find((status) => status !== undefined && status !== "fixed");
}

/** How a vulnerability without a CVE id is called: as the source of the advisory calls it, else as the advisory is. */
function nameOf({ advisory, spoken }: Candidate): string {
  if (spoken.shared) return spoken.ids[0] ?? advisory.id;
  return advisory.upstream?.length === 1 ? (advisory.upstream[0] ?? advisory.id) : advisory.id;
}

function aliasesOf(group: CandidateGroup, id: string): readonly string[] {
  const ids = new Set<string>();
  for (const { spoken, advisory } of group) {
    for (const each of spoken.ids) ids.add(each);
    ids.add(advisory.id);
  }
  ids.delete(id);
  return [...ids].sort(compareText);
}

function statedSeverities(group: CandidateGroup, enrichment: Enrichment | undefined): StatedSeverities {
  const own: AdvisorySeverity[] = [];
  const advisory: AdvisorySeverity[] = [];
  const shared: AdvisorySeverity[] = [];
  for (const candidate of group) {
    const isOwn = candidate.lookup.ecosystem.class === "os";
    const others = candidate.spoken.shared ? shared : advisory;
    for (const said of [candidate.entry.severities ?? [], candidate.advisory.severities]) {
      for (const one of said) {
        if (isOwn && one.system === "rating") own.push(one);
        others.push(one);
      }
    }
  }
  return { own, advisory, shared, catalogue: enrichment?.severities ?? [] };
}

/** Who else rates it, and otherwise: listed, not averaged away. */
function dissent({ own, advisory, catalogue }: Opinions, chosen: ChosenSeverity | undefined): readonly string[] {
  const notes: string[] = [];
  for (const other of [own, advisory, catalogue])
    if (other !== undefined && other.severity !== chosen?.severity) notes.push(`Otherwise: ${other.because}`);
  return sorted(notes);
}

function ownership(pkg: Package): readonly string[] {
  const owners = sorted(pkg.locations.flatMap(({ ownedBy }) => ownedBy ?? []));
  return owners.length === 0 ? [] : [`Some of its files belong to ${owners.join(", ")}`];
}

/** What speaks against a finding, when something does against each entry that it stands on. */
function doubtOf(group: CandidateGroup): string | undefined {
  const doubts = group.map(({ lookup, entry }) => lookup.ecosystem.doubts?.(lookup.package, entry));
  return doubts.includes(undefined) ? undefined : doubts[0];
}

function explain(
  { keyed, advisory, by, assumed, lookup }: Candidate,
  stated: readonly string[],
  doubt: string | undefined,
): Explanation {
  const { key, scheme } = keyed;
  const notes = doubt === undefined ? stated : [...stated, doubt];
  const approximate =
    assumed ||
    doubt !== undefined ||
    keyed.key.guessed === true ||
    lookup.package.facts?.["confidence"] === "approximate";
  return {
    key: { namespace: key.namespace, name: key.name },
    comparedVersion: key.version,
    advisory: advisory.id,
    range: by,
    scheme: scheme.id,
    confidence: approximate ? "approximate" : "exact",
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function layerOf(pkg: Package, layers: readonly LayerInfo[]): Finding["layer"] {
  const layer = pkg.locations[0]?.layer;
  if (layer === undefined) return undefined;
  const info = layers.find(({ index, diffId }) => index === layer.index && diffId === layer.diffId);
  return {
    index: layer.index,
    diffId: layer.diffId,
    ...(info?.createdBy === undefined ? {} : { createdBy: info.createdBy }),
  };
}

function firstOf(texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== "");
}

/** RFC 3339 in UTC sorts as text. */
function latest(times: readonly (string | undefined)[]): string | undefined {
  let last: string | undefined;
  for (const time of times) if (time !== undefined && (last === undefined || time > last)) last = time;
  return last;
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.length < 2 ? texts : [...new Set(texts)].sort(compareText);
}
