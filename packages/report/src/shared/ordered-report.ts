import type { Steps } from "@plimsoll/formats";
import {
  compareBy,
  compareFindings,
  compareText,
  findingsOf,
  kindsLookedFor,
  listFindings,
  sortedSteps,
  type Diagnostic,
  type Package,
  type Report,
  type SuppressedFinding,
} from "@plimsoll/model";

/** The report with its lists in canonical order, so that every format prints equal results as equal characters. */
export function* orderedReport(report: Report): Steps<Report> {
  return {
    ...report,
    packages: yield* sortedSteps(report.packages, comparePackages),
    ...listFindings(yield* sortedSteps(findingsOf(report), compareFindings), kindsLookedFor(report)),
    ...(report.suppressed === undefined
      ? {}
      : { suppressed: yield* sortedSteps(report.suppressed, compareSuppressed) }),
    coverage: {
      ...report.coverage,
      gaps: report.coverage.gaps.toSorted(
        compareBy(
          (a, b) => compareText(a.code, b.code),
          (a, b) => compareText(a.message, b.message),
          (a, b) => compareText(a.path ?? "", b.path ?? ""),
        ),
      ),
    },
    diagnostics: yield* sortedSteps(report.diagnostics, compareDiagnostics),
  };
}

/** By purl, then first location, then id. */
export const comparePackages: (a: Package, b: Package) => number = compareBy(
  (a, b) => compareText(a.purl, b.purl),
  (a, b) => compareText(a.locations[0]?.path ?? "", b.locations[0]?.path ?? ""),
  (a, b) => compareText(a.id, b.id),
);

const compareSuppressed: (a: SuppressedFinding, b: SuppressedFinding) => number = compareBy(
  (a, b) => compareFindings(a.finding, b.finding),
  (a, b) => compareText(a.by, b.by),
  (a, b) => compareText(a.reason, b.reason),
);

const compareDiagnostics: (a: Diagnostic, b: Diagnostic) => number = compareBy(
  (a, b) => compareText(a.location?.path ?? "", b.location?.path ?? ""),
  (a, b) => (a.location?.layer?.index ?? -1) - (b.location?.layer?.index ?? -1),
  (a, b) => compareText(a.code, b.code),
  (a, b) => compareText(a.message, b.message),
);
