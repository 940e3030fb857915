import { compileGlob } from "@plimsoll/formats";
import { checkOptions, fixStatuses, optionIs, packageOf, severities as severityWords } from "@plimsoll/model";
import type { FilterId, Finding, FixStatus, Package, Severity, TriageRule } from "@plimsoll/model";

/** The plain filters of a scan, as options. */
export interface FilterOptions {
  /** Keep only these. */
  readonly severities?: readonly Severity[] | undefined;
  /** Leave out vulnerabilities that no version fixes. */
  readonly ignoreUnfixed?: boolean | undefined;
  /** Leave out vulnerabilities with these statuses. */
  readonly ignoreStatuses?: readonly FixStatus[] | undefined;
  /** Keep, of the findings in packages, only those in packages of the operating system (`os`) or of languages (`library`). */
  readonly packageTypes?: readonly ("os" | "library")[] | undefined;
  /** Ids of the ecosystems whose packages are the operating system's; needed by `packageTypes`. */
  readonly osEcosystems?: readonly string[] | undefined;
  /** Leave out what was found only under these paths; globs with `*`, `**` and `?`. */
  readonly ignorePaths?: readonly string[] | undefined;
}

const severityNames = optionIs.listOf(optionIs.oneOf(severityWords));
const statusNames = optionIs.listOf(optionIs.oneOf(fixStatuses));
const typeNames = optionIs.listOf(optionIs.oneOf(["os", "library"]));

/**
 * The rules for a set of filters; empty when none is set.
 * @throws TypeError for a filter, or a value in one, that does not exist, since otherwise nothing would be filtered without notice.
 */
export function filterRules(options: FilterOptions): readonly TriageRule[] {
  checkOptions("filterRules", options, {
    severities: severityNames,
    ignoreUnfixed: optionIs.flag,
    ignoreStatuses: statusNames,
    packageTypes: typeNames,
    osEcosystems: optionIs.listOf(optionIs.text),
    ignorePaths: optionIs.listOf(optionIs.text),
  });
  const { severities, ignoreUnfixed, ignoreStatuses = [], packageTypes, osEcosystems = [], ignorePaths = [] } = options;
  return [
    ...(ignoreUnfixed === true ? [ignoreUnfixedFindings] : []),
    ...(ignoreStatuses.length === 0 ? [] : [withoutStatuses(ignoreStatuses)]),
    ...(packageTypes === undefined ? [] : [onlyPackageTypes(packageTypes, osEcosystems)]),
    ...(ignorePaths.length === 0 ? [] : [withoutPaths(ignorePaths)]),
    // Last, so that what is named as left out for want of a rating would else have been shown.
    ...(severities === undefined ? [] : [onlySeverities(severities)]),
  ];
}

/** Keeps findings of these severities. */
export function onlySeverities(severities: readonly Severity[]): TriageRule {
  checkOptions("onlySeverities", { severities }, { severities: severityNames });
  const wanted = new Set(severities);
  return {
    id: "severity",
    judge: ({ severity }) =>
      wanted.has(severity)
        ? undefined
        : {
            kind: "suppress",
            by: "severity" satisfies FilterId,
            reason: `${severity} is not among ${severities.join(", ")}`,
          },
  };
}

/** Keeps vulnerabilities that a version fixes, and findings of other kinds. */
export const ignoreUnfixedFindings: TriageRule = {
  id: "ignore-unfixed",
  judge: (finding) =>
    finding.kind === "vulnerability" && finding.fixedVersion === undefined
      ? { kind: "suppress", by: "ignore-unfixed" satisfies FilterId, reason: "No version fixes it" }
      : undefined,
};

/** Leaves out vulnerabilities with these statuses. */
export function withoutStatuses(statuses: readonly FixStatus[]): TriageRule {
  checkOptions("withoutStatuses", { statuses }, { statuses: statusNames });
  const unwanted = new Set(statuses);
  return {
    id: "ignore-status",
    judge: (finding) =>
      finding.kind === "vulnerability" && unwanted.has(finding.status)
        ? { kind: "suppress", by: "ignore-status" satisfies FilterId, reason: `Its status is ${finding.status}` }
        : undefined,
  };
}

/** Keeps findings in packages of these types, and those in no package. A package that the report does not list counts as a library. */
export function onlyPackageTypes(types: readonly ("os" | "library")[], osEcosystems: readonly string[]): TriageRule {
  checkOptions("onlyPackageTypes", { types }, { types: typeNames });
  const wanted = new Set(types);
  const os = new Set(osEcosystems);
  return {
    id: "package-types",
    judge: (finding, pkg) => {
      if (packageOf(finding) === undefined) return undefined;
      const type = pkg !== undefined && os.has(pkg.ecosystem) ? "os" : "library";
      return wanted.has(type)
        ? undefined
        : { kind: "suppress", by: "package-types" satisfies FilterId, reason: `Its package is of type ${type}` };
    },
  };
}

/** Leaves out findings of which every location, or every one of their package, matches one of these globs. */
export function withoutPaths(globs: readonly string[]): TriageRule {
  checkOptions("withoutPaths", { globs }, { globs: optionIs.listOf(optionIs.text) });
  const matchers = globs.map((glob) => ({ glob, matches: remembered(compileGlob(glob)) }));
  return {
    id: "ignore-paths",
    judge: (finding, pkg) => {
      const glob = coveringGlob(pathsOf(finding, pkg), matchers);
      return glob === undefined
        ? undefined
        : { kind: "suppress", by: "ignore-paths" satisfies FilterId, reason: `It was found only under ${glob}` };
    },
  };
}

/** The same answers. Thousands of findings may be in one file, one after the other. */
function remembered(matches: (path: string) => boolean): (path: string) => boolean {
  let last: { readonly path: string; readonly answer: boolean } | undefined;
  return (path) => {
    if (last?.path !== path) last = { path, answer: matches(path) };
    return last.answer;
  };
}

interface GlobMatcher {
  readonly glob: string;
  matches(path: string): boolean;
}

/** The globs that cover all places; undefined where one place is left, or there is none. */
function coveringGlob(paths: readonly string[], matchers: readonly GlobMatcher[]): string | undefined {
  if (paths.length === 0) return undefined;
  const globs = new Set<string>();
  for (const path of paths) {
    const matcher = matchers.find(({ matches }) => matches(path));
    if (matcher === undefined) return undefined;
    globs.add(matcher.glob);
  }
  return [...globs].join(", ");
}

/** Where a finding, or the package it is in, was seen. */
export function pathsOf(finding: Finding, pkg: Package | undefined): readonly string[] {
  return (pkg ?? finding).locations.map(({ path }) => path);
}
