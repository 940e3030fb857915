import { severityOf } from "@plimsoll/cvss";
import type { Steps } from "@plimsoll/formats";
import type { CvssRating, Report, Severity, SuppressedFinding, Vulnerability } from "@plimsoll/model";
import { dateTimeOf } from "../shared/date-time.ts";
import { groupBy } from "../shared/group-by.ts";
import { flatItems } from "../shared/items.ts";
import { primaryUrl, webReferences } from "../shared/primary-url.ts";
import { judged, suppressedVulnerabilities } from "../shared/suppression.ts";
import { vexStatus } from "../shared/vex-status.ts";
import type { Rating, BomVulnerability } from "./bom.ts";

interface Entry {
  readonly findings: readonly Vulnerability[];
  readonly suppressed?: SuppressedFinding;
}

/** One entry per vulnerability, and one more per reason for which it was suppressed somewhere. */
export function* vulnerabilities(
  report: Report,
  refOf: (packageId: string) => string,
  methodOf: (rating: CvssRating) => string,
): Steps<BomVulnerability[]> {
  const known = new Set(report.packages.map((pkg) => pkg.id));
  // Every `ref` must be a component of the document.
  const inDocument = ({ package: pkg }: Vulnerability): boolean => known.has(pkg.id);
  const active = groupBy((report.vulnerabilities ?? []).filter(inDocument), ({ id }) => id);
  const suppressed = groupBy(
    suppressedVulnerabilities(judged(report.suppressed)).filter(({ finding }) => inDocument(finding)),
    ({ finding, by, reason }) => JSON.stringify([finding.id, by, reason]),
  );
  const entries: Entry[] = [
    ...[...active.values()].map((findings) => ({ findings })),
    ...[...suppressed.values()].map((group) => ({
      findings: group.map(({ finding }) => finding),
      ...(group[0] === undefined ? {} : { suppressed: group[0] }),
    })),
  ];
  return yield* flatItems(entries.entries(), ([index, entry]) => vulnerability(entry, index, refOf, methodOf));
}

function vulnerability(
  { findings, suppressed }: Entry,
  index: number,
  refOf: (packageId: string) => string,
  methodOf: (rating: CvssRating) => string,
): BomVulnerability[] {
  const [first] = findings;
  if (first === undefined) return [];
  const ratings = ratingsOf(findings, methodOf);
  const cwes = [...new Set(findings.flatMap((finding) => finding.cwes ?? []))].flatMap(cweNumber);
  const advisories = [...new Set(findings.flatMap(({ references }) => webReferences(references)))].map((url) => ({
    url,
  }));
  const aliases = [...new Set(findings.flatMap((finding) => finding.aliases))].sort();
  const published = dateTimeOf(first.published);
  const updated = dateTimeOf(first.modified);
  const recommendation = recommendationOf(findings);
  return [
    {
      "bom-ref": `plimsoll:vulnerability:${index}`,
      id: first.id,
      source: { name: first.explanation.key.namespace, url: primaryUrl(first) },
      ...(aliases.length === 0
        ? {}
        : {
            references: aliases.map((id) => ({
              id,
              source: { name: id.split("-")[0] ?? id, url: primaryUrl({ id, references: [] }) },
            })),
          }),
      ratings,
      ...(cwes.length === 0 ? {} : { cwes }),
      ...(first.title === undefined ? {} : { description: first.title }),
      ...(first.description === undefined ? {} : { detail: first.description }),
      ...(recommendation === undefined ? {} : { recommendation }),
      ...(advisories.length === 0 ? {} : { advisories }),
      ...(published === undefined ? {} : { published }),
      ...(updated === undefined ? {} : { updated }),
      ...(suppressed === undefined ? {} : { analysis: analysisOf(suppressed) }),
      affects: affectsOf(findings, refOf),
      properties: propertiesOf(first),
    },
  ];
}

function ratingsOf(findings: readonly Vulnerability[], methodOf: (rating: CvssRating) => string): Rating[] {
  const ratings = new Map<string, Rating>();
  for (const { cvss, severity, severitySource } of findings) {
    // The severity we decided on comes first: readers that take only one take this.
    const decided: Rating = {
      ...(severitySource === undefined ? {} : { source: { name: severitySource } }),
      severity: severityWord(severity),
    };
    const all = [
      decided,
      ...cvss.map((rating) => ({
        source: { name: rating.source },
        score: rating.score,
        severity: severityOf(rating.score, rating.version)?.toLowerCase() ?? "unknown",
        method: methodOf(rating),
        vector: rating.vector,
      })),
    ];
    for (const rating of all) ratings.set(JSON.stringify(rating), rating);
  }
  return [...ratings.values()];
}

/** The standard has no word for negligible; `info` is the one below `low`. */
function severityWord(severity: Severity): string {
  return severity === "NEGLIGIBLE" ? "info" : severity.toLowerCase();
}

function cweNumber(cwe: string): number[] {
  const digits = /^CWE-([1-9]\d{0,6})$/i.exec(cwe)?.[1];
  return digits === undefined ? [] : [Number(digits)];
}

function recommendationOf(findings: readonly Vulnerability[]): string | undefined {
  const upgrades = findings.flatMap(({ package: pkg, fixedVersion }) =>
    fixedVersion === undefined ? [] : [`${pkg.name} ${pkg.version} to ${fixedVersion}`],
  );
  return upgrades.length === 0 ? undefined : `Upgrade ${[...new Set(upgrades)].join(", ")}.`;
}

/** Only VEX says something about exploitability; other rules say that somebody does not want to see it. */
function analysisOf({ by, reason }: SuppressedFinding): BomVulnerability["analysis"] & object {
  const detail = `${by}: ${reason}`;
  const vex = vexStatus({ by, reason });
  if (vex === undefined) return { detail };
  if (vex.status === "fixed") return { state: "resolved", detail };
  const { stated = "" } = vex;
  const justification = ownJustifications.has(stated) ? stated : justifications.get(stated);
  return { state: "not_affected", ...(justification === undefined ? {} : { justification }), detail };
}

/** CycloneDX's own words, which a CycloneDX VEX document used. */
const ownJustifications: ReadonlySet<string> = new Set([
  "code_not_present",
  "code_not_reachable",
  "requires_configuration",
  "requires_dependency",
  "requires_environment",
  "protected_by_compiler",
  "protected_at_runtime",
  "protected_at_perimeter",
  "protected_by_mitigating_control",
]);

/** OpenVEX justifications in CycloneDX's words. */
const justifications: ReadonlyMap<string, string> = new Map([
  ["component_not_present", "code_not_present"],
  ["vulnerable_code_not_present", "code_not_present"],
  ["vulnerable_code_not_in_execute_path", "code_not_reachable"],
  ["vulnerable_code_cannot_be_controlled_by_adversary", "requires_environment"],
  ["inline_mitigations_already_exist", "protected_by_mitigating_control"],
]);

function affectsOf(
  findings: readonly Vulnerability[],
  refOf: (packageId: string) => string,
): BomVulnerability["affects"] {
  return [...groupBy(findings, (finding) => refOf(finding.package.id))].map(([ref, [finding]]) => {
    const fixed = finding?.fixedVersion === finding?.package.version ? undefined : finding?.fixedVersion;
    const versions = [
      ...versionEntry(finding?.package.version, "affected" as const),
      ...versionEntry(fixed, "unaffected" as const),
    ];
    return versions.length === 0 ? { ref } : { ref, versions };
  });
}

/** The schema wants 1 to 1024 characters. */
function versionEntry<Status extends string>(
  version: string | undefined,
  status: Status,
): { version: string; status: Status }[] {
  return version === undefined || version === "" || version.length > 1024 ? [] : [{ version, status }];
}

function propertiesOf(finding: Vulnerability): { name: string; value: string }[] {
  const { severity, status, epss, knownExploited, risk } = finding;
  return [
    { name: "plimsoll:severity", value: severity },
    { name: "plimsoll:status", value: status },
    ...(epss === undefined
      ? []
      : [
          { name: "plimsoll:epss:probability", value: String(epss.probability) },
          { name: "plimsoll:epss:percentile", value: String(epss.percentile) },
        ]),
    ...(knownExploited === undefined ? [] : [{ name: "plimsoll:knownExploited", value: knownExploited.dateAdded }]),
    ...(risk === undefined ? [] : [{ name: "plimsoll:risk", value: String(risk) }]),
  ];
}
