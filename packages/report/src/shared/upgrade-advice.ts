import { compareText, severities, type Severity, type Vulnerability } from "@plimsoll/model";
import { groupBy } from "./group-by.ts";

/** Orders two versions by the scheme with that id; undefined: it cannot tell. */
export type CompareVersions = (scheme: string, a: string, b: string) => number | undefined;

/** One version to upgrade to, and the vulnerabilities that it fixes. */
export interface UpgradeStep {
  readonly version: string;
  readonly mends: readonly Vulnerability[];
  /** `severe`: it fixes everything fixable of HIGH and above; `all`: everything fixable; `some`: the order of versions is not known. */
  readonly reach: "severe" | "all" | "some";
}

/** What to do about one package. */
export interface UpgradeAdvice {
  readonly name: string;
  readonly installed: string;
  /** All vulnerabilities of the package, with and without a fix. */
  readonly findings: readonly Vulnerability[];
  /** The smallest upgrade first; two where a smaller upgrade already fixes everything of HIGH and above. */
  readonly steps: readonly UpgradeStep[];
}

/**
 * For each package the smallest version that fixes everything fixable and, if smaller, the smallest that fixes everything of HIGH and above. A
 * version is taken to include the fixes of all versions before it. Sorted by the number of vulnerabilities that the upgrade removes, most severe
 * first.
 */
export function upgradeAdvice(
  findings: readonly Vulnerability[],
  compare: CompareVersions | undefined,
): readonly UpgradeAdvice[] {
  const packages = groupBy(findings, ({ package: pkg }) => JSON.stringify([pkg.name, pkg.version]));
  const advice = [...packages.values()].flatMap((own): UpgradeAdvice[] => {
    const [first] = own;
    const steps = stepsOf(own, compare);
    if (first === undefined || steps.length === 0) return [];
    return [{ name: first.package.name, installed: first.package.version, findings: own, steps }];
  });
  return advice.sort((a, b) => byRemoval(a, b) || compareText(a.name, b.name) || compareText(a.installed, b.installed));
}

function stepsOf(findings: readonly Vulnerability[], compare: CompareVersions | undefined): readonly UpgradeStep[] {
  const fixable = findings.filter(({ fixedVersion }) => fixedVersion !== undefined);
  const scheme = fixable[0]?.explanation.scheme ?? "";
  const order = (a: string, b: string): number | undefined => (a === b ? 0 : compare?.(scheme, a, b));
  const highest = (list: readonly Vulnerability[]): string | undefined =>
    list
      .map(({ fixedVersion = "" }) => fixedVersion)
      .reduce<string | undefined>((most, version) => {
        const compared = most === undefined ? undefined : order(version, most);
        return compared !== undefined && compared > 0 ? version : most;
      }, list[0]?.fixedVersion);
  const all = highest(fixable);
  if (all === undefined) return [];
  const mendedBy = (version: string): readonly Vulnerability[] =>
    fixable.filter(({ fixedVersion = "" }) => {
      const compared = order(fixedVersion, version);
      return compared !== undefined && compared <= 0;
    });
  const mends = mendedBy(all);
  // Versions that cannot be ordered: none of them is known to have the fixes of the others.
  if (mends.length < fixable.length) return [{ version: all, mends, reach: "some" }];
  const severe = fixable.filter(isSevere);
  const enough = highest(severe);
  const cheaper = enough !== undefined && severe.length < fixable.length && (order(enough, all) ?? 0) < 0;
  return [
    ...(cheaper ? [{ version: enough, mends: mendedBy(enough), reach: "severe" as const }] : []),
    { version: all, mends, reach: "all" },
  ];
}

function isSevere({ severity }: Vulnerability): boolean {
  return severity === "CRITICAL" || severity === "HIGH";
}

function byRemoval(a: UpgradeAdvice, b: UpgradeAdvice): number {
  const count = ({ steps }: UpgradeAdvice, severity: Severity): number =>
    steps.at(-1)?.mends.filter((finding) => finding.severity === severity).length ?? 0;
  for (const severity of severities) {
    const difference = count(b, severity) - count(a, severity);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `1.1.1g-r0 fixes 4, all HIGH and above; 1.1.1k-r0 fixes 6 of 7`. */
export function stepsText({ steps, findings }: UpgradeAdvice): string {
  return steps
    .map(({ version, mends, reach }) => {
      if (reach === "severe") return `${version} fixes ${mends.length}, all HIGH and above`;
      const all = mends.length === findings.length && mends.length > 1 ? "all " : "";
      return `${version} fixes ${all}${mends.length}${mends.length < findings.length ? ` of ${findings.length}` : ""}`;
    })
    .join("; ");
}
