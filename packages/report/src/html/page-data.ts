import { severities, type Package, type Vulnerability, type Report } from "@plimsoll/model";
import { primaryUrl, webReferences } from "../shared/primary-url.ts";
import { statedScore } from "../shared/representative-score.ts";
import { clipped, scriptJson } from "./escape-html.ts";

/** References shown per finding: the rest is one click away, on the first page. */
const maxReferences = 20;

/** The data that the page's script filters and sorts, as JSON: the vulnerabilities, with visible text and web addresses only. */
export function* pageData(report: Report): Iterable<string> {
  const places = new Map(report.packages.map((pkg) => [pkg.id, pkg]));
  yield `{"severities":${scriptJson(severities)},"findings":[`;
  let separator = "";
  for (const finding of report.vulnerabilities ?? []) {
    yield separator + scriptJson(findingData(finding, places.get(finding.package.id)));
    separator = ",";
  }
  yield "]}";
}

function findingData(finding: Vulnerability, pkg: Package | undefined): Readonly<Record<string, unknown>> {
  return {
    id: clipped(finding.id) || "unnamed",
    severity: finding.severity,
    source: clipped(finding.severitySource ?? ""),
    name: clipped(finding.package.name),
    version: clipped(finding.package.version),
    purl: clipped(finding.package.purl),
    ecosystem: clipped(pkg?.ecosystem ?? ""),
    paths: (pkg?.locations ?? []).slice(0, 10).map(({ path }) => clipped(path)),
    fixed: clipped(finding.fixedVersion ?? ""),
    status: finding.status.replaceAll("_", " "),
    title: clipped(finding.title ?? ""),
    description: clipped(finding.description ?? ""),
    url: primaryUrl(finding),
    references: webReferences(finding.references).slice(0, maxReferences),
    aliases: finding.aliases.slice(0, 20).map(clipped),
    weaknesses: (finding.cwes ?? []).slice(0, 20).map(clipped),
    published: clipped(finding.published ?? ""),
    modified: clipped(finding.modified ?? ""),
    score: statedScore(finding) ?? -1,
    ratings: finding.cvss.slice(0, 10).map(({ source, version, score, vector }) => ({
      source: clipped(source),
      version,
      score,
      vector: clipped(vector),
    })),
    epss: finding.epss?.probability ?? -1,
    percentile: finding.epss?.percentile ?? -1,
    exploited: clipped(finding.knownExploited?.dateAdded ?? ""),
    due: clipped(finding.knownExploited?.dueDate ?? ""),
    ransomware: finding.knownExploited?.ransomware === true,
    risk: finding.risk ?? -1,
    layer: finding.layer?.index ?? -1,
    createdBy: clipped(finding.layer?.createdBy ?? ""),
    explanation: explanationOf(finding),
  };
}

function explanationOf({ explanation }: Vulnerability): string {
  const { key, comparedVersion, advisory, range, scheme, confidence, notes = [] } = explanation;
  const sentences = [
    `Looked up as ${key.name} in ${key.namespace}.`,
    `${advisory} covers ${range}, and ${comparedVersion} lies in it by the order of ${scheme} versions.`,
    confidence === "exact" ? "Identity and version are certain." : "Identity or version was found by a heuristic.",
    ...notes.map((note) => `${note}.`),
  ];
  return sentences.map(clipped).join(" ");
}
