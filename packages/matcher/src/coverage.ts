import { compareBy, compareText } from "@plimsoll/model";
import type { Coverage, CoverageGap, CoverageVerdict, Diagnostic } from "@plimsoll/model";

/** What the verdict is made from. */
export interface CoverageFacts {
  /** Packages in the inventory. */
  readonly packages: number;
  /** Packages for which advisories could be looked up. */
  readonly covered: number;
  readonly gaps: readonly CoverageGap[];
  /** Problems of the inventory and of matching. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Tells "nothing found" from "could not look". Gaps are sorted, each sentence once. */
export function coverageOf({ packages, covered, gaps, diagnostics }: CoverageFacts): Coverage {
  const all = new Map<string, CoverageGap>();
  const add = (gap: CoverageGap): void =>
    void all.set(`${gap.code}\n${gap.message}\n${gap.path ?? ""}`, { scanner: "vuln", ...gap });
  if (packages === 0) add({ code: "no-packages", message: "No packages were found: there was nothing to match" });
  gaps.forEach(add);
  for (const { code, effect, message, location } of diagnostics) {
    if (effect === "incomplete") add({ code, message, ...(location === undefined ? {} : { path: location.path }) });
  }
  const list = [...all.values()].sort(byCodeAndMessage);
  const verdict: CoverageVerdict = covered === 0 ? "unsupported" : list.length > 0 ? "partial" : "complete";
  return { verdict, scanners: { vuln: verdict }, gaps: list };
}

const byCodeAndMessage = compareBy<CoverageGap>(
  (a, b) => compareText(a.code, b.code),
  (a, b) => compareText(a.message, b.message),
  (a, b) => compareText(a.path ?? "", b.path ?? ""),
);
