import { kindsLookedFor } from "@plimsoll/model";
import type { Report } from "@plimsoll/model";

/** The coverage verdict in one sentence: how far the number of findings can be trusted. */
export function coverageSentence(report: Report): string {
  if (kindsLookedFor(report).length === 0)
    return "Not looked up: no advisories were given, so nothing is known about vulnerabilities.";
  switch (report.coverage.verdict) {
    case "complete":
      return "Complete: everything that was found could be looked up.";
    case "partial":
      return "Partial: something could not be looked at, so there may be more than is shown.";
    case "unsupported":
      return "Nothing could be looked up, so no findings does not mean no vulnerabilities.";
  }
}

/** Whether a scanner ran and could read everything it was asked to scan. */
export function isSound(report: Report): boolean {
  return kindsLookedFor(report).length > 0 && report.coverage.verdict === "complete";
}

/** The gaps, one line each. */
export function gapLines(report: Report): readonly string[] {
  return report.coverage.gaps.map(({ message, packages, path }) => {
    const where = path === undefined || message.includes(path) ? "" : ` (${path})`;
    const count = packages === undefined ? "" : ` (${packages} package${packages === 1 ? "" : "s"})`;
    return message + where + count;
  });
}
