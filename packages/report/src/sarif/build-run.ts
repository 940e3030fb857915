import { scoreOfSeverity } from "@plimsoll/model";
import type { Steps } from "@plimsoll/formats";
import type { Diagnostic, Vulnerability, Package, PackageLocation, Report, Severity } from "@plimsoll/model";
import { sha256Hex } from "../shared/content-id.ts";
import { groupBy } from "../shared/group-by.ts";
import { flatItems, items } from "../shared/items.ts";
import { escapeMarkdown, markdownLink } from "../shared/markdown.ts";
import { packageClass } from "../shared/package-class.ts";
import { pathUri } from "../shared/path-uri.ts";
import { detailOf, headlineOf, otherLists, placeOf, remedyOf } from "../shared/other-findings.ts";
import type { OtherFinding } from "../shared/other-findings.ts";
import { pageOf, primaryUrl, webReferences } from "../shared/primary-url.ts";
import { representativeScore } from "../shared/representative-score.ts";
import { judged, suppressedVulnerabilities } from "../shared/suppression.ts";
import { visibleText } from "../shared/visible-text.ts";

type Json = Readonly<Record<string, unknown>>;

/** The one run of an ordered report. */
export function* buildRun(report: Report): Steps<Json> {
  const shown = report.vulnerabilities ?? [];
  const hidden = suppressedVulnerabilities(judged(report.suppressed));
  const packages = new Map(report.packages.map((pkg) => [pkg.id, pkg]));
  const byId = groupBy([...shown, ...hidden.map(({ finding }) => finding)], ({ id }) => id);
  const others = otherLists(report).flatMap(({ findings }) => findings);
  const hiddenOthers = judged(report.suppressed).flatMap(({ finding, ...rest }) =>
    finding.kind === "vulnerability" ? [] : [{ ...rest, finding }],
  );
  const otherRules = new Map(
    [...others, ...hiddenOthers.map(({ finding }) => finding)].map((each) => [ruleKey(each), each]),
  );
  const ruleIds = [...byId.keys(), ...otherRules.keys()];
  const ruleIndex = new Map(ruleIds.map((id, index) => [id, index]));
  const toResult = (finding: Vulnerability): Json =>
    result(finding, packages.get(finding.package.id), ruleIndex.get(finding.id) ?? -1, report);
  return {
    tool: {
      driver: {
        name: report.tool.name,
        version: report.tool.version,
        rules: [
          ...(yield* flatItems(byId.values(), (findings) => rule(findings, packages))),
          ...(yield* items([...otherRules.values()], otherRule)),
        ],
      },
    },
    invocations: [
      { executionSuccessful: true, toolExecutionNotifications: yield* items(report.diagnostics, notification) },
    ],
    originalUriBaseIds: { ROOTPATH: { uri: "file:///" } },
    columnKind: "utf16CodeUnits",
    results: [
      ...(yield* items(shown, toResult)),
      ...(yield* items(hidden, ({ finding, by, reason }) => ({
        ...toResult(finding),
        suppressions: [{ kind: "external", status: "accepted", justification: visibleText(`${by}: ${reason}`) }],
      }))),
      ...(yield* items(others, (finding) => otherResult(finding, ruleIndex.get(ruleKey(finding)) ?? -1, report))),
      ...(yield* items(hiddenOthers, ({ finding, by, reason }) => ({
        ...otherResult(finding, ruleIndex.get(ruleKey(finding)) ?? -1, report),
        suppressions: [{ kind: "external", status: "accepted", justification: visibleText(`${by}: ${reason}`) }],
      }))),
    ],
    properties: {
      artifact: visibleText(report.artifact.name),
      ...(report.artifact.digest === undefined ? {} : { digest: report.artifact.digest }),
      coverage: report.coverage.verdict,
    },
  };
}

/** The rule of a vulnerability. Its texts are those of the worst of its findings. */
function rule(findings: readonly Vulnerability[], packages: ReadonlyMap<string, Package>): Json[] {
  const [worst] = findings.toSorted((a, b) => representativeScore(b) - representativeScore(a));
  if (worst === undefined) return [];
  const pkg = packages.get(worst.package.id);
  const title = visibleText(worst.title ?? worst.id) || "vulnerability";
  const os = pkg !== undefined && packageClass(pkg) === "os";
  return [
    {
      id: visibleText(worst.id) || "unnamed",
      name: os ? "OsPackageVulnerability" : "LibraryVulnerability",
      shortDescription: { text: title },
      fullDescription: { text: visibleText(worst.description ?? worst.title ?? worst.id) || title },
      defaultConfiguration: { level: levels[worst.severity] },
      helpUri: primaryUrl(worst),
      help: { text: helpText(findings, worst), markdown: helpMarkdown(findings, worst) },
      properties: {
        precision: worst.explanation.confidence === "exact" ? "very-high" : "medium",
        "security-severity": representativeScore(worst).toFixed(1),
        tags: ["vulnerability", "security", worst.severity],
      },
    },
  ];
}

const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  CRITICAL: "error",
  HIGH: "error",
  MEDIUM: "warning",
  LOW: "note",
  NEGLIGIBLE: "note",
  UNKNOWN: "note",
};

function helpText(findings: readonly Vulnerability[], worst: Vulnerability): string {
  const packages = findings.map(
    ({ package: pkg, fixedVersion }) =>
      `${visibleText(pkg.name)} ${visibleText(pkg.version)}: ${fixedVersion === undefined ? "no fix" : `fixed in ${visibleText(fixedVersion)}`}`,
  );
  return [`${visibleText(worst.id)}: ${worst.severity.toLowerCase()}`, ...new Set(packages), primaryUrl(worst)].join(
    "\n",
  );
}

function helpMarkdown(findings: readonly Vulnerability[], worst: Vulnerability): string {
  const rows = findings.map(
    ({ package: pkg, fixedVersion, severity }) =>
      `|${severity}|${escapeMarkdown(pkg.name)}|${escapeMarkdown(pkg.version)}|${escapeMarkdown(fixedVersion ?? "")}|`,
  );
  const links = webReferences(worst.references)
    .slice(0, 10)
    .map((url) => `* ${markdownLink(url, url)}`);
  return [
    `**${markdownLink(worst.id, primaryUrl(worst))}** ${escapeMarkdown(worst.title ?? "")}`,
    "",
    "|Severity|Package|Installed|Fixed|",
    "|---|---|---|---|",
    ...new Set(rows),
    ...(links.length === 0 ? [] : ["", ...links]),
  ].join("\n");
}

function result(finding: Vulnerability, pkg: Package | undefined, ruleIndex: number, report: Report): Json {
  const { package: named, fixedVersion, severity, explanation } = finding;
  const fix = fixedVersion === undefined ? `no fix (${finding.status})` : `fixed in ${fixedVersion}`;
  const message = `${named.name} ${named.version}: ${finding.id} (${severity.toLowerCase()}), ${fix}. ${finding.title ?? ""}`;
  const locations = pkg?.locations ?? [];
  return {
    ruleId: visibleText(finding.id) || "unnamed",
    ruleIndex,
    level: levels[severity],
    message: { text: plainMessage(message) },
    locations: (locations.length === 0 ? [undefined] : locations).map((location) =>
      locationOf(location, finding, report),
    ),
    partialFingerprints: {
      // Without the version: the same finding after an upgrade that did not help is the same finding.
      "plimsoll/v1": sha256Hex(
        JSON.stringify([finding.id, explanation.key.namespace, named.name, locations[0]?.path ?? ""]),
      ),
    },
    properties: {
      purl: visibleText(named.purl),
      installedVersion: visibleText(named.version),
      ...(fixedVersion === undefined ? {} : { fixedVersion: visibleText(fixedVersion) }),
      status: finding.status,
      severity,
      ...(finding.epss === undefined ? {} : { epss: finding.epss.probability }),
      ...(finding.knownExploited === undefined ? {} : { knownExploited: true }),
    },
  };
}

/** Rules of two kinds may have one id; of several findings of a rule the first speaks for it. */
function ruleKey({ kind, id }: OtherFinding): string {
  return `${kind}\n${id}`;
}

const otherRuleNames: Readonly<Record<OtherFinding["kind"], string>> = {
  secret: "Secret",
  license: "License",
  misconfiguration: "Misconfiguration",
};

/** The rule, licence or check behind findings that are no vulnerabilities. */
function otherRule(finding: OtherFinding): Json {
  const title = visibleText(headlineOf(finding)) || finding.kind;
  const description = finding.kind === "misconfiguration" ? finding.description : undefined;
  const page = pageOf(finding);
  const remedy = visibleText(remedyOf(finding) ?? "");
  return {
    id: visibleText(finding.id) || "unnamed",
    name: otherRuleNames[finding.kind],
    shortDescription: { text: title },
    fullDescription: { text: visibleText(description ?? "") || title },
    defaultConfiguration: { level: levels[finding.severity] },
    ...(page === undefined ? {} : { helpUri: page }),
    help: { text: remedy || title, markdown: escapeMarkdown(remedy || title) },
    properties: {
      precision: finding.kind === "license" && finding.confidence < 1 ? "medium" : "very-high",
      "security-severity": scoreOfSeverity(finding.severity).toFixed(1),
      tags: [
        finding.kind,
        "security",
        finding.severity,
        ...(finding.kind === "misconfiguration" && finding.engine === "audit" ? ["kubernetes", "infrastructure"] : []),
      ],
    },
  };
}

/** What SARIF calls the answers of a check (§3.27.9); a check that did not fail has no level. */
const resultKinds = { fail: "fail", pass: "pass", manual: "review", unknown: "open" } as const;

function otherResult(finding: OtherFinding, ruleIndex: number, { artifact }: Report): Json {
  const kind = finding.kind === "misconfiguration" ? resultKinds[finding.status] : "fail";
  const places = finding.locations.length === 0 ? [undefined] : finding.locations;
  return {
    ruleId: visibleText(finding.id) || "unnamed",
    ruleIndex,
    ...(kind === "fail" ? {} : { kind }),
    level: kind === "fail" ? levels[finding.severity] : "none",
    message: { text: plainMessage(`${headlineOf(finding)}: ${detailOf(finding)}`) || "finding" },
    locations: places.map((location) => ({
      physicalLocation: {
        artifactLocation: { uri: pathUri(location?.path ?? artifact.name), uriBaseId: "ROOTPATH" },
        region: {
          startLine: Math.max(1, location?.line ?? 1),
          ...(location?.column === undefined ? {} : { startColumn: Math.max(1, location.column) }),
          ...(location?.endLine === undefined ? {} : { endLine: Math.max(1, location.line ?? 1, location.endLine) }),
          ...(location?.endColumn === undefined ? {} : { endColumn: Math.max(1, location.endColumn) }),
        },
      },
      message: { text: plainMessage(placeOf(finding)) || "image" },
    })),
    ...fixesOf(finding),
    partialFingerprints: { "plimsoll/v1": visibleText(finding.fingerprint) },
    properties: { severity: finding.severity, kind: finding.kind },
  };
}

/** Edits that mend what was found (§3.55): one change for each file. */
function fixesOf(finding: OtherFinding): Json {
  if (finding.kind !== "misconfiguration" || finding.fix === undefined) return {};
  const paths = [...new Set(finding.fix.edits.map(({ path }) => path))];
  const { edits } = finding.fix;
  return {
    fixes: [
      {
        description: { text: plainMessage(finding.resolution ?? finding.message) || "fix" },
        artifactChanges: paths.map((path) => ({
          artifactLocation: { uri: pathUri(path), uriBaseId: "ROOTPATH" },
          replacements: edits
            .filter((edit) => edit.path === path)
            .map(({ start, end, text }) => ({
              deletedRegion: {
                startLine: start.line,
                startColumn: start.column,
                endLine: end.line,
                endColumn: end.column,
              },
              ...(text === "" ? {} : { insertedContent: { text } }),
            })),
        })),
      },
    ],
  };
}

/** Brackets and backslashes start links and escapes in SARIF's plain text (§3.11.6). */
function plainMessage(text: string): string {
  return visibleText(text)
    .trim()
    .replace(/[\\[\]]/g, "\\$&");
}

function locationOf(location: PackageLocation | undefined, finding: Vulnerability, report: Report): Json {
  const { artifact } = report;
  const where = location?.path ?? artifact.name;
  const layer = location?.layer?.diffId ?? finding.layer?.diffId;
  return {
    physicalLocation: {
      artifactLocation: { uri: pathUri(where), uriBaseId: "ROOTPATH" },
      region: { startLine: Math.max(1, location?.line ?? 1) },
    },
    logicalLocations: [
      {
        name: visibleText(finding.package.name),
        fullyQualifiedName: visibleText(`${artifact.name}:${finding.package.name}@${finding.package.version}`),
        kind: "package",
      },
    ],
    message: { text: plainMessage(`${where}${layer === undefined ? "" : ` in layer ${layer}`}`) || "image" },
  };
}

function notification({ code, effect, message, location }: Diagnostic): Json {
  return {
    descriptor: { id: code },
    level: effect === "incomplete" ? "warning" : "note",
    message: { text: plainMessage(message) || code },
    ...(location === undefined
      ? {}
      : {
          locations: [
            { physicalLocation: { artifactLocation: { uri: pathUri(location.path), uriBaseId: "ROOTPATH" } } },
          ],
        }),
  };
}
