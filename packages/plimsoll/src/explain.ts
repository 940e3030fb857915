import { everyEcosystem } from "@plimsoll/ecosystems";
import { ruleOut } from "@plimsoll/matcher";
import type { MatchOptions as MatcherOptions } from "@plimsoll/matcher";
import type {
  AccountStep,
  AdvisoryStore,
  CallOptions,
  Ecosystem,
  Finding,
  FindingAccount,
  LayerInfo,
  Location,
  Package,
  Report,
  RuledOut,
  SuppressedFinding,
  VulnerabilityAccount,
} from "@plimsoll/model";

/** What {@link explain} may be told. */
export interface ExplainOptions extends CallOptions {
  /** Where to find out why a vulnerability is not there. Absent: only what the report itself tells is told. */
  readonly advisories?: AdvisoryStore | undefined;
  /** Ecosystems that named the packages. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
  /** As the report was made. */
  readonly ownedPackages?: MatcherOptions["ownedPackages"];
}

/**
 * Why a vulnerability is among the findings of a report (file, package, key, advisory, range, severity, fix, filters), and why not in
 * the other packages, or in none: not installed, not affected, another release, not covered, left to the distribution.
 * @param id a CVE id, or any other that the vulnerability goes by; case does not matter
 * @throws ScanError when the store cannot be read.
 */
export async function explain(report: Report, id: string, options: ExplainOptions = {}): Promise<VulnerabilityAccount> {
  const wanted = id.trim();
  const kept = (report.findings ?? []).filter((finding) => goesBy(finding, wanted));
  const suppressed = (report.suppressed ?? []).filter(({ finding }) => goesBy(finding, wanted));
  const found = [
    ...kept.map((finding) => accountOf(finding, report)),
    ...suppressed.map((one) => accountOf(one.finding, report, one)),
  ];
  const accounted = new Set(
    [...kept, ...suppressed.map(({ finding }) => finding)].map((finding) => finding.package.id),
  );
  const ruledOut = (await ruledOutOf(report, wanted, options)).filter(
    (reason) => reason.package === undefined || !accounted.has(reason.package.id),
  );
  return {
    schemaVersion: 1,
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

function goesBy({ id, aliases }: Finding, wanted: string): boolean {
  const name = wanted.toLowerCase();
  return [id, ...aliases].some((own) => own.toLowerCase() === name);
}

async function ruledOutOf(report: Report, id: string, options: ExplainOptions): Promise<readonly RuledOut[]> {
  const { advisories, ecosystems = everyEcosystem, ownedPackages, signal } = options;
  if (advisories !== undefined) {
    const { artifact, packages, diagnostics } = report;
    const inventory = { schemaVersion: 1, artifact, packages, diagnostics } as const;
    return ruleOut(inventory, advisories, id, { ecosystems, ownedPackages, signal });
  }
  const message =
    report.findings === undefined
      ? "Nobody looked for vulnerabilities: the report was made without advisories"
      : `The report does not tell what it did not find; with the advisories at hand, the reason can be told`;
  return [{ code: "no-advisories", message }];
}

/** Places beyond this many are counted. */
const mostPlaces = 10;

function accountOf(finding: Finding, report: Report, suppressed?: SuppressedFinding): FindingAccount {
  const pkg = report.packages.find((candidate) => candidate.id === finding.package.id);
  const steps: readonly AccountStep[] = [
    ...evidenceOf(pkg, report.artifact.layers),
    { step: "package", text: packageText(finding, pkg) },
    ...decisionOf(finding),
    { step: "severity", text: severityText(finding) },
    { step: "fix", text: fixText(finding) },
    { step: "filters", text: filtersText(finding, report, suppressed) },
  ];
  return {
    finding,
    ...(suppressed === undefined ? {} : { suppressed: { by: suppressed.by, reason: suppressed.reason } }),
    steps,
  };
}

function evidenceOf(pkg: Package | undefined, layers: readonly LayerInfo[]): readonly AccountStep[] {
  if (pkg === undefined) return [{ step: "evidence", text: "The report does not list the package" }];
  const by = pkg.foundBy === undefined ? "" : `, found by ${pkg.foundBy.join(", ")}`;
  const steps = pkg.locations.slice(0, mostPlaces).map((location): AccountStep => {
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

function packageText({ package: found }: Finding, pkg: Package | undefined): string {
  const source = pkg?.source;
  const built =
    source === undefined || (source.name === found.name && source.version === found.version)
      ? ""
      : `, built from the source package ${source.name} ${source.version}`;
  return `${found.name} ${found.version} (${found.purl})${built}`;
}

function decisionOf({ explanation, aliases, published, modified }: Finding): readonly AccountStep[] {
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

function severityText({ severity, severitySource, cvss, epss, knownExploited, explanation }: Finding): string {
  const facts = [
    severitySource === undefined ? severity : `${severity}, as ${severitySource} says`,
    ...cvss.map((rating) => `CVSS ${rating.version} ${rating.score} by ${rating.source} (${rating.vector})`),
    ...(epss === undefined ? [] : [`EPSS ${(epss.probability * 100).toFixed(2)} % on ${epss.date}`]),
    ...(knownExploited === undefined ? [] : [`known to be exploited since ${knownExploited.dateAdded}`]),
    ...(explanation.notes ?? []),
  ];
  return facts.join("; ");
}

function fixText({ fixedVersion, fixedVersions, status }: Finding): string {
  if (fixedVersion === undefined) return `No version fixes it (${status.replaceAll("_", " ")})`;
  const others = fixedVersions.filter((version) => version !== fixedVersion);
  return `Fixed in ${fixedVersion}${others.length === 0 ? "" : `; other branches: ${others.join(", ")}`}`;
}

/** Whoever took it out; else that nobody did, with rules that would have and are not in force any more. */
function filtersText(finding: Finding, report: Report, suppressed: SuppressedFinding | undefined): string {
  if (suppressed !== undefined) return `Taken out by ${suppressed.by}: ${suppressed.reason}`;
  const names = [finding.id, ...finding.aliases];
  const remarks = report.diagnostics.filter(
    ({ code, message }) => code === "triage" && names.some((name) => message.includes(name)),
  );
  return ["No filter, ignore rule or VEX statement took it out", ...remarks.map(({ message }) => message)].join("; ");
}
