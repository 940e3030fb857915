import type { Location } from "./diagnostic.ts";
import { findingKinds, severities } from "./finding.ts";
import type { Finding, FindingHead, FindingKind, PackageRef, Severity } from "./finding.ts";
import { compareBy, compareText } from "./order.ts";
import type { FilterId, Report } from "./report.ts";

/** The list of a report, and of a comparison, that holds the findings of a kind. */
export const listOfKind: {
  readonly vulnerability: "vulnerabilities";
  readonly secret: "secrets";
  readonly license: "licenses";
  readonly misconfiguration: "misconfigurations";
} = {
  vulnerability: "vulnerabilities",
  secret: "secrets",
  license: "licenses",
  misconfiguration: "misconfigurations",
};

/** The lists of findings, each in its report or absent because nobody looked. */
export type FindingLists = Pick<Report, (typeof listOfKind)[FindingKind]>;

/** All findings of a report: vulnerabilities, secrets, licences, misconfigurations, each in the order of its list. */
export function findingsOf(report: FindingLists): readonly Finding[] {
  return findingKinds.flatMap((kind): readonly Finding[] => report[listOfKind[kind]] ?? []);
}

/** The kinds that somebody looked for. */
export function kindsLookedFor(report: FindingLists): readonly FindingKind[] {
  return findingKinds.filter((kind) => report[listOfKind[kind]] !== undefined);
}

/**
 * Findings in lists by kind. A kind that is not among `kinds`, those that somebody looked for, gets no list unless there are findings
 * of it.
 */
export function listFindings(findings: readonly Finding[], kinds: readonly FindingKind[]): FindingLists {
  const lists = new Map<string, Finding[]>(kinds.map((kind) => [listOfKind[kind], []]));
  for (const finding of findings) {
    const name = listOfKind[finding.kind];
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [finding]);
    else list.push(finding);
  }
  return Object.fromEntries(lists);
}

/** Whether a finding counts against the artifact: a check that passed, or that a person has to look at, does not. */
export function isProblem(finding: Finding): boolean {
  return finding.kind !== "misconfiguration" || finding.status === "fail";
}

/**
 * The findings that nobody has rated and that a choice of severities left out: they may be as bad as any. What other filters and
 * rules took out is not among them.
 */
export function unratedLeftOut({ suppressed = [] }: Pick<Report, "suppressed">): readonly Finding[] {
  const by: FilterId = "severity";
  return suppressed.flatMap((each) => (each.by === by && each.finding.severity === "UNKNOWN" ? [each.finding] : []));
}

/** Compares severities for sorting: the worst comes first. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b);
}

/** Canonical order: severity, id, package URL or path, line, column, package, fingerprint; kinds are not mixed. */
export const compareFindings: (a: Finding, b: Finding) => number = compareBy(
  (a, b) => findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind),
  (a, b) => compareSeverity(a.severity, b.severity),
  (a, b) => compareText(a.id, b.id),
  (a, b) => compareText(packageOf(a)?.purl ?? "", packageOf(b)?.purl ?? ""),
  (a, b) => compareText(packageOf(a)?.id ?? "", packageOf(b)?.id ?? ""),
  (a, b) => compareText(a.locations[0]?.path ?? "", b.locations[0]?.path ?? ""),
  (a, b) => (a.locations[0]?.layer?.index ?? -1) - (b.locations[0]?.layer?.index ?? -1),
  (a, b) => (a.locations[0]?.line ?? 0) - (b.locations[0]?.line ?? 0),
  (a, b) => (a.locations[0]?.column ?? 0) - (b.locations[0]?.column ?? 0),
  (a, b) => compareText(resourceText(a), resourceText(b)),
  (a, b) => compareText(a.fingerprint, b.fingerprint),
);

/** The package that a finding is about, for the kinds that are about packages. */
export function packageOf(finding: Finding): PackageRef | undefined {
  return "package" in finding ? finding.package : undefined;
}

/** What a finding is in, in a few words: `musl 1.1.22-r3`, `srv/app/.env:3`, `Deployment shop/web`. Empty where there is nothing to name. */
export function subjectOf(finding: Finding): string {
  const pkg = packageOf(finding);
  if (pkg !== undefined) return `${pkg.name} ${pkg.version}`;
  const place = placeText(finding.locations[0]);
  return place === "" ? resourceText(finding) : place;
}

function placeText(location: Location | undefined): string {
  if (location === undefined || location.path === "") return "";
  return location.line === undefined ? location.path : `${location.path}:${location.line}`;
}

function resourceText(finding: Finding): string {
  if (finding.kind !== "misconfiguration") return "";
  const { type, name, namespace } = finding.resource;
  return `${type} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

const bandMiddles: Readonly<Record<Severity, number>> = {
  CRITICAL: 9.5,
  HIGH: 8,
  MEDIUM: 5.5,
  LOW: 2,
  NEGLIGIBLE: 0.1,
  UNKNOWN: 0,
};

/** The score, 0 to 10, that stands for a severity where nobody gave one: the middle of its CVSS band; 0 where nobody rated it. */
export function scoreOfSeverity(severity: Severity): number {
  return bandMiddles[severity];
}

/** The fields `location` and `locations` of a finding: the first place, and all places. */
export function located(locations: readonly Location[]): Pick<FindingHead, "location" | "locations"> {
  const [location] = locations;
  return { ...(location === undefined ? {} : { location }), locations };
}

/** Whether a finding goes by one of these ids, as its own or as an alias. Case does not matter. */
export function goesBy(finding: Finding, ids: readonly string[]): boolean {
  const names = new Set(namesOf(finding).map((id) => id.toLowerCase()));
  return ids.some((id) => names.has(id.toLowerCase()));
}

/** Every id that a finding goes by, its own first. */
export function namesOf(finding: Finding): readonly string[] {
  return [finding.id, ...("aliases" in finding ? (finding.aliases ?? []) : [])];
}
