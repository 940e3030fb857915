import { findingsOf, goesBy } from "@plimsoll/model";
import type { Finding, Misconfiguration, Report, SecretFinding, Vulnerability } from "@plimsoll/model";

/** The findings in one target, with the member names of Trivy's JSON, which programs that read compliance reports expect. */
export interface ScanResult {
  readonly Target?: string;
  /** What was scanned, in Trivy's words: `config`, `os-pkgs`, `lang-pkgs`, `secret`. */
  readonly Class?: string;
  readonly Type?: string;
  readonly MisconfSummary?: { readonly Successes: number; readonly Failures: number };
  readonly Misconfigurations?: readonly ScannedMisconfiguration[];
  readonly Vulnerabilities?: readonly ScannedVulnerability[];
  readonly Secrets?: readonly ScannedSecret[];
}

/** A misconfiguration under Trivy's names. */
export interface ScannedMisconfiguration {
  readonly ID?: string;
  readonly AVDID?: string;
  readonly Status?: string;
  readonly [more: string]: unknown;
}

/** A vulnerability under Trivy's names. */
export interface ScannedVulnerability {
  readonly VulnerabilityID?: string;
  readonly VendorIDs?: readonly string[];
  readonly Severity?: string;
  readonly [more: string]: unknown;
}

/** A secret under Trivy's names. */
export interface ScannedSecret {
  readonly RuleID?: string;
  readonly Severity?: string;
  readonly [more: string]: unknown;
}

/** Results by check id. */
export type ResultsByCheck = ReadonlyMap<string, readonly ScanResult[]>;

/**
 * Sorts results by check id: each misconfiguration and vulnerability becomes a result of its own; ids such as `VULN-CRITICAL` collect all findings
 * of a severity.
 */
export function mapResults(results: Iterable<ScanResult>, ids: Iterable<string>): ResultsByCheck {
  const mapped = new Map<string, ScanResult[]>();
  const wanted = new Map([...ids].map((id) => [keyOf(id), id] as const));
  const add = (id: string | undefined, result: ScanResult): void => {
    const asked = id === undefined ? undefined : wanted.get(keyOf(id));
    if (asked === undefined) return;
    const known = mapped.get(asked);
    if (known === undefined) mapped.set(asked, [result]);
    else known.push(result);
  };
  for (const result of results) {
    const { Misconfigurations = [], Vulnerabilities = [], Secrets = [] } = result;
    const place = placeOf(result);
    for (const each of Misconfigurations)
      add(wanted.has(keyOf(each.ID ?? "")) ? each.ID : each.AVDID, {
        ...place,
        MisconfSummary: { Successes: each.Status === "PASS" ? 1 : 0, Failures: each.Status === "FAIL" ? 1 : 0 },
        Misconfigurations: [each],
      });
    for (const each of Vulnerabilities)
      for (const id of new Set([each.VulnerabilityID ?? "", ...(each.VendorIDs ?? [])]))
        add(id, { ...place, Vulnerabilities: [each] });
    for (const [severity, found] of bySeverity(Vulnerabilities))
      add(`VULN-${severity}`, { ...place, Vulnerabilities: found });
    for (const [severity, found] of bySeverity(Secrets)) add(`SECRET-${severity}`, { ...place, Secrets: found });
  }
  return mapped;
}

function placeOf({ Target, Class, Type }: ScanResult): ScanResult {
  return {
    ...(Target === undefined ? {} : { Target }),
    ...(Class === undefined ? {} : { Class }),
    ...(Type === undefined ? {} : { Type }),
  };
}

/** An id in the form in which ids are compared: in one case, and without the `AVD-` that older specifications put before it. */
function keyOf(id: string): string {
  return id.toUpperCase().replace(/^AVD-/, "");
}

function bySeverity<Found extends { readonly Severity?: string }>(all: readonly Found[]): Map<string, Found[]> {
  const found = new Map<string, Found[]>();
  for (const each of all) {
    const severity = each.Severity ?? "UNKNOWN";
    const known = found.get(severity);
    if (known === undefined) found.set(severity, [each]);
    else known.push(each);
  }
  return found;
}

/** The findings of a report that match one of the ids, as results grouped by target. Passed and inconclusive checks are left out. */
export function resultsOf(report: Report, ids: readonly string[]): readonly ScanResult[] {
  return findingsOf(report).flatMap((finding) => resultOf(finding, report, ids));
}

function resultOf(finding: Finding, report: Report, ids: readonly string[]): readonly ScanResult[] {
  switch (finding.kind) {
    case "misconfiguration":
      return finding.status === "fail"
        ? ids.filter((id) => isNamed(finding, id)).map((id) => checked(finding, id))
        : [];
    case "vulnerability":
      return [vulnerable(finding, report)];
    case "secret":
      return [secret(finding)];
    case "license":
      return [];
  }
}

/** Whether an id names the finding's check. */
export function isNamed(finding: Misconfiguration, id: string): boolean {
  return goesBy(finding, [id, id.replace(/^AVD-/i, "")]);
}

function checked(finding: Misconfiguration, id: string): ScanResult {
  const { resource, location, message, title, description, resolution, severity, references, snippet } = finding;
  const range = location?.line === undefined ? {} : { StartLine: location.line, EndLine: location.endLine };
  return {
    Target: location?.path ?? `${resource.type}/${resource.name}`,
    Class: "config",
    Type: resource.type === "dockerfile" ? "dockerfile" : "kubernetes",
    Misconfigurations: [
      {
        ID: id,
        Title: title,
        ...(description === undefined ? {} : { Description: description }),
        Message: message,
        ...(resolution === undefined ? {} : { Resolution: resolution }),
        Severity: severity,
        ...(references.length === 0 ? {} : { References: references }),
        Status: "FAIL",
        CauseMetadata: {
          Resource: `${resource.type}/${resource.name}`,
          ...range,
          ...(snippet === undefined
            ? {}
            : {
                Code: {
                  Lines: snippet.map(({ line, text, cause = false }) => ({
                    Number: line,
                    Content: text,
                    IsCause: cause,
                  })),
                },
              }),
        },
      },
    ],
  };
}

function vulnerable(finding: Vulnerability, { artifact }: Report): ScanResult {
  const { id, aliases, package: pkg, fixedVersion, severity, title, references } = finding;
  return {
    Target: pkg.path ?? artifact.name,
    Class: pkg.ecosystem === artifact.distro?.id ? "os-pkgs" : "lang-pkgs",
    ...(pkg.ecosystem === undefined ? {} : { Type: pkg.ecosystem }),
    Vulnerabilities: [
      {
        VulnerabilityID: id,
        ...(aliases.length === 0 ? {} : { VendorIDs: aliases }),
        PkgName: pkg.name,
        InstalledVersion: pkg.version,
        ...(fixedVersion === undefined ? {} : { FixedVersion: fixedVersion }),
        Severity: severity,
        ...(title === undefined ? {} : { Title: title }),
        ...(references.length === 0 ? {} : { References: references }),
      },
    ],
  };
}

function secret({ id, category, severity, title, location, match }: SecretFinding): ScanResult {
  return {
    Target: location?.path ?? "",
    Class: "secret",
    Secrets: [
      {
        RuleID: id,
        Category: category,
        Severity: severity,
        Title: title,
        ...(location?.line === undefined ? {} : { StartLine: location.line, EndLine: location.endLine }),
        Match: match,
      },
    ],
  };
}
