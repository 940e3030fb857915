import { ruleOut } from "@plimsoll/matcher";
import type { MatchOptions as MatcherOptions } from "@plimsoll/matcher";
import { checkOptions, findingsOf, goesBy, namesOf, optionIs, packageOf, subjectOf } from "@plimsoll/model";
import { loadEcosystems } from "./load-ecosystems.ts";
import { scanChecks } from "./scan-options.ts";
import type {
  AdvisoryStore,
  CallOptions,
  Ecosystem,
  ExplainedFinding,
  Explanation,
  ExplanationStep,
  Finding,
  LayerInfo,
  Location,
  OptionChecks,
  Package,
  Report,
  RuledOut,
  SuppressedFinding,
  Vulnerability,
} from "@plimsoll/model";

/** Options of {@link explain}. */
export interface ExplainOptions extends CallOptions {
  /** Advisories, to explain why a vulnerability is not found. Absent: the explanation uses the report only. */
  readonly advisories?: AdvisoryStore | undefined;
  /** Ecosystems that named the packages. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
  /** The same value as when the report was made. */
  readonly ownedPackages?: MatcherOptions["ownedPackages"];
}

/** Checks of {@link ExplainOptions}. */
export const explainChecks: OptionChecks<ExplainOptions> = {
  advisories: scanChecks.advisories,
  ecosystems: scanChecks.ecosystems,
  ownedPackages: scanChecks.ownedPackages,
  signal: optionIs.signal,
};

/**
 * Explains why a finding of any kind is in a report (for vulnerabilities: file, package, key, advisory, range, severity, fix, filters), or why a
 * vulnerability is not found in other packages or at all (not installed, not affected, another release, not covered, covered by the distribution's
 * advisories).
 * @param id a CVE id, or an alias of the vulnerability, or the id of another finding; case does not matter
 * @throws ScanError when the store cannot be read.
 */
export async function explain(report: Report, id: string, options: ExplainOptions = {}): Promise<Explanation> {
  checkOptions("explain", options, explainChecks);
  const wanted = id.trim();
  const kept = findingsOf(report).filter((finding) => goesBy(finding, [wanted]));
  const suppressed = (report.suppressed ?? []).filter(({ finding }) => goesBy(finding, [wanted]));
  const found = [
    ...kept.map((finding) => accountOf(finding, report)),
    ...suppressed.map((one) => accountOf(one.finding, report, one)),
  ];
  const accounted = new Set(
    [...kept, ...suppressed.map(({ finding }) => finding)].map((finding) => packageOf(finding)?.id),
  );
  // Advisories know nothing of secrets, licences and settings.
  const asked = found.length === 0 || found.some(({ finding }) => finding.kind === "vulnerability");
  const ruledOut = (asked ? await ruledOutOf(report, wanted, options) : []).filter(
    (reason) => reason.package === undefined || !accounted.has(reason.package.id),
  );
  return {
    schemaVersion: 2,
    id: wanted,
    artifact: report.artifact.name,
    verdict: kept.length > 0 ? "found" : suppressed.length > 0 ? "suppressed" : "not-found",
    findings: found,
    // Once it is found somewhere, that no package has some other name is no news.
    ruledOut: found.length > 0 ? ruledOut.filter((reason) => reason.package !== undefined) : ruledOut,
    gaps: report.coverage.gaps.map(({ message, packages }) =>
      packages === undefined ? message : `${message} (${packages} ${packages === 1 ? "package" : "packages"})`,
    ),
  };
}

async function ruledOutOf(report: Report, id: string, options: ExplainOptions): Promise<readonly RuledOut[]> {
  const { advisories, ownedPackages, signal } = options;
  if (advisories !== undefined) {
    const { artifact, packages, diagnostics } = report;
    const inventory = { schemaVersion: 2, artifact, packages, diagnostics } as const;
    const ecosystems = options.ecosystems ?? (await loadEcosystems());
    return ruleOut(inventory, advisories, id, { ecosystems, ownedPackages, signal });
  }
  const message =
    report.vulnerabilities === undefined
      ? "Not scanned for vulnerabilities: the report was made without advisories"
      : `The report does not say why it did not find something; with an advisory database the reason can be given`;
  return [{ code: "no-advisories", message }];
}

/** Places beyond this many are counted. */
const mostPlaces = 10;

function accountOf(finding: Finding, report: Report, suppressed?: SuppressedFinding): ExplainedFinding {
  const steps: readonly ExplanationStep[] = [
    ...stepsOf(finding, report),
    { step: "filters", text: filtersText(finding, report, suppressed) },
  ];
  return {
    finding,
    ...(suppressed === undefined ? {} : { suppressed: { by: suppressed.by, reason: suppressed.reason } }),
    steps,
  };
}

/** How the finding came about, each kind in its own way. */
function stepsOf(finding: Finding, report: Report): readonly ExplanationStep[] {
  const { layers } = report.artifact;
  switch (finding.kind) {
    case "vulnerability": {
      const pkg = report.packages.find((candidate) => candidate.id === finding.package.id);
      return [
        ...evidenceOf(pkg, layers),
        { step: "package", text: packageText(finding, pkg) },
        ...decisionOf(finding),
        { step: "severity", text: severityText(finding) },
        { step: "fix", text: fixText(finding) },
      ];
    }
    case "secret": {
      const { explanation, match, removedIn, severity } = finding;
      const keyword = explanation.keyword === undefined ? "" : `, since "${explanation.keyword}" stands there`;
      const removed =
        removedIn === undefined ? "" : `; layer ${removedIn.index} removed it, and lower layers still have it`;
      return [
        ...placesOf(finding, layers),
        {
          step: "rule",
          text: withNotes(`The rule ${explanation.rule} matched ${match}${keyword}${removed}`, explanation),
        },
        { step: "severity", text: severity },
      ];
    }
    case "license": {
      const { explanation, category, confidence, severity } = finding;
      const { source, statement } = explanation;
      const stated = statement === undefined ? finding.id : `"${statement}"`;
      const text =
        source === "statement"
          ? `The package states ${stated}`
          : `The text is that of ${finding.id}, with a confidence of ${Math.round(confidence * 100)} %`;
      return [
        ...placesOf(finding, layers),
        { step: "rule", text: withNotes(`${text}; the category of ${finding.id} is ${category}`, explanation) },
        { step: "severity", text: severity },
      ];
    }
    case "misconfiguration": {
      const { explanation, message, resolution, severity, engine } = finding;
      return [
        ...placesOf(finding, layers),
        { step: "resource", text: subjectOf({ ...finding, locations: [] }) },
        { step: "rule", text: withNotes(`${message} (${engine}: ${explanation.rule})`, explanation) },
        { step: "severity", text: severity },
        { step: "fix", text: resolution ?? "No remediation is stated" },
      ];
    }
  }
}

function withNotes(text: string, { notes = [] }: { readonly notes?: readonly string[] }): string {
  return [text, ...notes].join(". ");
}

function placesOf({ locations }: Finding, layers: readonly LayerInfo[]): readonly ExplanationStep[] {
  const steps = locations
    .slice(0, mostPlaces)
    .map((location): ExplanationStep => ({ step: "evidence", text: placeText(location, layers).replace(/,$/, "") }));
  const more = locations.length - steps.length;
  return more > 0 ? [...steps, { step: "evidence", text: `… and ${more} more places` }] : steps;
}

function evidenceOf(pkg: Package | undefined, layers: readonly LayerInfo[]): readonly ExplanationStep[] {
  if (pkg === undefined) return [{ step: "evidence", text: "The report does not list the package" }];
  const by = pkg.foundBy === undefined ? "" : `, found by ${pkg.foundBy.join(", ")}`;
  const steps = pkg.locations.slice(0, mostPlaces).map((location): ExplanationStep => {
    const { evidence, ownedBy } = location;
    const kind =
      evidence === "installed"
        ? "says it is installed"
        : evidence === "declared"
          ? "asks for it"
          : "asks for a range it is guessed from";
    const owner = ownedBy === undefined ? "" : `; the file belongs to ${ownedBy}`;
    return { step: "evidence", text: `${placeText(location, layers)} ${kind}${by}${owner}` };
  });
  const more = pkg.locations.length - steps.length;
  return more > 0 ? [...steps, { step: "evidence", text: `… and ${more} more places` }] : steps;
}

function placeText({ path, line, layer }: Location, layers: readonly LayerInfo[]): string {
  const at = line === undefined ? path : `${path}, line ${line}`;
  if (layer === undefined) return at;
  const info = layers.find(({ index, diffId }) => index === layer.index && diffId === layer.diffId);
  const base = info?.base === true ? " of the base image" : "";
  const by = info?.createdBy === undefined ? "" : ` (${info.createdBy})`;
  return `${at}, in layer ${layer.index}${base}${by},`;
}

function packageText({ package: found }: Vulnerability, pkg: Package | undefined): string {
  const source = pkg?.source;
  const built =
    source === undefined || (source.name === found.name && source.version === found.version)
      ? ""
      : `, built from the source package ${source.name} ${source.version}`;
  return `${found.name} ${found.version} (${found.purl})${built}`;
}

function decisionOf({ explanation, aliases, published, modified }: Vulnerability): readonly ExplanationStep[] {
  const { key, comparedVersion, advisory, range, scheme, confidence } = explanation;
  const dates = [
    ...(published === undefined ? [] : [`published ${published}`]),
    ...(modified === undefined ? [] : [`changed ${modified}`]),
  ];
  const others = aliases.filter((alias) => alias !== advisory);
  const also = others.length === 0 ? "" : `, also known as ${others.join(", ")}`;
  const sure = confidence === "exact" ? "" : "; name or version are a guess, so this is approximate";
  return [
    { step: "key", text: `Looked up as ${key.name} ${comparedVersion} in ${key.namespace}` },
    { step: "advisory", text: `${advisory} speaks of it${also}${dates.length === 0 ? "" : ` (${dates.join(", ")})`}` },
    { step: "range", text: `It affects ${range}, and ${comparedVersion} lies in it by the order of ${scheme}${sure}` },
  ];
}

function severityText({ severity, severitySource, cvss, epss, knownExploited, explanation }: Vulnerability): string {
  const facts = [
    severitySource === undefined ? severity : `${severity}, as ${severitySource} says`,
    ...cvss.map((rating) => `CVSS ${rating.version} ${rating.score} by ${rating.source} (${rating.vector})`),
    ...(epss === undefined ? [] : [`EPSS ${(epss.probability * 100).toFixed(2)} % on ${epss.date}`]),
    ...(knownExploited === undefined ? [] : [`known to be exploited since ${knownExploited.dateAdded}`]),
  ];
  return withNotes(facts.join("; "), explanation);
}

function fixText({ fixedVersion, fixedVersions, status }: Vulnerability): string {
  if (fixedVersion === undefined) return `No version fixes it (${status.replaceAll("_", " ")})`;
  const others = fixedVersions.filter((version) => version !== fixedVersion);
  return `Fixed in ${fixedVersion}${others.length === 0 ? "" : `; other branches: ${others.join(", ")}`}`;
}

/** Whoever took it out; else that nobody did, with rules that would have and are not in force any more. */
function filtersText(finding: Finding, report: Report, suppressed: SuppressedFinding | undefined): string {
  if (suppressed !== undefined) return `Suppressed by ${suppressed.by}: ${suppressed.reason}`;
  const names = namesOf(finding);
  const remarks = report.diagnostics.filter(
    ({ code, message }) => code === "triage" && names.some((name) => message.includes(name)),
  );
  return ["No filter, ignore rule or VEX statement suppressed it", ...remarks.map(({ message }) => message)].join("; ");
}
