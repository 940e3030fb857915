import { findingKinds, listOfKind, unratedLeftOut } from "@plimsoll/model";
import type { FindingKind, Report, Reporter } from "@plimsoll/model";
import { kindWords } from "./other-findings.ts";
import { judged } from "./suppression.ts";

/** What a format has no place for, in one sentence: `gitlab has no place for 2 secrets`. Undefined: nothing is left out. */
export function leftOutSentence(report: Report, reporter: Pick<Reporter, "id" | "shows">): string | undefined {
  const left = findingKinds.flatMap((kind) => {
    const count = report[listOfKind[kind]]?.length ?? 0;
    if (count === 0 || reporter.shows.includes(kind)) return [];
    return [`${count} ${count === 1 ? kind : listOfKind[kind]}`];
  });
  return left.length === 0 ? undefined : `${reporter.id} has no place for ${left.join(", ")}: left out`;
}

/** `106 unrated findings left out`: those without a severity, which a severity filter removed. Undefined: none. */
export function unratedSentence(report: Report): string | undefined {
  const count = unratedLeftOut(report).length;
  return count === 0 ? undefined : `${count} unrated ${count === 1 ? "finding" : "findings"} left out`;
}

/** How many findings are not shown, one sentence for each reason; empty when all are. */
export function notShown(report: Report): readonly string[] {
  const all = report.suppressed ?? [];
  const unrated = unratedLeftOut(report).length;
  const byRules = judged(all).length;
  const byFilters = all.length - byRules - unrated;
  return [
    ...(byRules === 0 ? [] : [`${byRules} more ${byRules === 1 ? "is" : "are"} suppressed by rules`]),
    ...(byFilters === 0 ? [] : [`${byFilters} more ${byFilters === 1 ? "is" : "are"} left out by filters`]),
    ...(unrated === 0 ? [] : [unratedSentence(report) ?? ""]),
  ];
}

/**
 * The sentence for an empty list of findings: `No secrets found`. It differs where unrated findings were left out, and where not everything could
 * be scanned.
 */
export function noneFound(report: Report, kind: FindingKind): string {
  const many = kindWords[kind][1];
  const unrated = unratedLeftOut(report).filter((finding) => finding.kind === kind).length;
  if (unrated > 0) return `No ${many} of the chosen severities, ${unrated} unrated left out`;
  const none = `No ${many} found`;
  return report.coverage.verdict === "complete"
    ? none
    : `${none} in what could be looked ${kind === "vulnerability" ? "up" : "at"}`;
}
