// What looks for findings, one line each: a scanner is named here and nowhere else.
import { match } from "@plimsoll/matcher";
import type { MatchOptions as MatcherOptions } from "@plimsoll/matcher";
import { ScanError } from "@plimsoll/model";
import { licenses } from "./license-scanner.ts";
import { loadEcosystems } from "./load-ecosystems.ts";
import type { LicenseOptions } from "./license-scanner.ts";
import type {
  AdvisoryStore,
  CallOptions,
  Coverage,
  CoverageGap,
  CoverageVerdict,
  Diagnostic,
  Ecosystem,
  Finding,
  FindingKind,
  Inventory,
  PartDetector,
  Report,
  ScannerId,
  SuppressedFinding,
} from "@plimsoll/model";
import { askedSources, freshnessOf } from "./freshness.ts";
import type { CheckConfigsOptions } from "./misconfig/check-configs.ts";
import { misconfigurations } from "./misconfig/scanner.ts";
import { secrets } from "./secret-scanner.ts";

/** The options of all scanners; each uses its own. */
export interface ScannerOptions extends CallOptions {
  /** The advisories for the scanner `vuln`, which requires them. */
  readonly advisories?: AdvisoryStore | undefined;
  /** Ecosystems that named the packages. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
  /** How language packages inside a distribution package are matched. Absent: by the distribution's advisories alone. */
  readonly ownedPackages?: MatcherOptions["ownedPackages"];
  readonly onEvent?: MatcherOptions["onEvent"];
  /**
   * The time of the scan, RFC 3339, with which the age of advisories and the expiry of ignore comments are judged: above 7 days the report has a
   * diagnostic, above `maxDbAge` its coverage is partial. Absent: ages are not judged.
   */
  readonly now?: string | undefined;
  /** Largest age of advisories in milliseconds, see `now`. Absent: 30 days. */
  readonly maxDbAge?: number | undefined;
  /** Options of the scanner `license`. */
  readonly licenses?: LicenseOptions | undefined;
  /** For `misconfig`: which checks to run, and their options. Absent: all checks. */
  readonly configChecks?: CheckConfigsOptions | undefined;
  /** Leave out findings that are only under these paths; globs with `*`, `**` and `?`. */
  readonly ignorePaths?: readonly string[] | undefined;
}

/** The result of one scanner: findings and coverage. */
export interface Scanned {
  readonly findings: readonly Finding[];
  /** Findings that the scanner itself suppressed, with the reason. */
  readonly setAside?: readonly SuppressedFinding[];
  readonly verdict: CoverageVerdict;
  readonly gaps: readonly CoverageGap[];
  /** Ids of the advisory sources that were asked about the packages. */
  readonly asked?: readonly string[];
  /** Diagnostics of the scanner, without those of the inventory. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** A scanner, which finds one kind of findings. */
export interface Scanner {
  readonly id: ScannerId;
  readonly finds: FindingKind;
  /** Loads the detectors that must take part in reading the image. Absent: the scanner needs only packages. */
  detectors?(options: Pick<ScannerOptions, "licenses">): Promise<readonly PartDetector[]>;
  /** Makes findings from an inventory for which the detectors were used. */
  scan(inventory: Inventory, options: ScannerOptions): Promise<Scanned>;
}

const vulnerabilities: Scanner = {
  id: "vuln",
  finds: "vulnerability",
  async scan(inventory, options) {
    const { advisories, signal, onEvent, ownedPackages, now, maxDbAge } = options;
    if (advisories === undefined)
      throw new ScanError({ kind: "invalid-option", option: "advisories", reason: "the scanner vuln needs some" });
    const ecosystems = options.ecosystems ?? (await loadEcosystems());
    const matched = await match(inventory, advisories, { ecosystems, signal, onEvent, ownedPackages });
    const { vulnerabilities: findings, setAside, coverage } = matched;
    const asked = askedSources(advisories.sources, matched.namespaces);
    const fresh = freshnessOf(asked, { distro: inventory.artifact.distro, now, maxDbAge });
    return {
      findings,
      setAside,
      verdict: coverage.verdict === "complete" && fresh.gaps.length > 0 ? "partial" : coverage.verdict,
      gaps: [...coverage.gaps, ...fresh.gaps],
      asked: asked.map(({ id }) => id),
      diagnostics: [...matched.diagnostics, ...fresh.diagnostics],
    };
  },
};

/** Every scanner, in the order of a report's lists. */
export const everyScanner: readonly Scanner[] = [vulnerabilities, secrets, licenses, misconfigurations];

/** The list of a report that a scanner fills. */
interface ListOfScanner {
  readonly vuln: "vulnerabilities";
  readonly secret: "secrets";
  readonly license: "licenses";
  readonly misconfig: "misconfigurations";
  readonly rbac: "misconfigurations";
}

/** A report of these scanners, which has their lists. Where the scanners are not known statically, any list may be absent. */
export type ReportOf<S extends ScannerId> = ScannerId extends S
  ? Report
  : Report & { readonly [Id in S as ListOfScanner[Id]]: NonNullable<Report[ListOfScanner[Id]]> };

/** The scanners that run by default. */
export const usualScanners: readonly ["vuln"] = ["vuln"];

/**
 * The scanners with these ids, each once, in the order of a report's lists.
 * @throws ScanError `invalid-option` for an id that no scanner has.
 */
export function scannersNamed(ids: readonly ScannerId[]): readonly Scanner[] {
  const stranger = ids.find((id) => !everyScanner.some((scanner) => scanner.id === id));
  if (stranger !== undefined)
    throw new ScanError({
      kind: "invalid-option",
      option: "scanners",
      reason: `"${String(stranger)}" is none of ${everyScanner.map(({ id }) => id).join(", ")}`,
    });
  return everyScanner.filter(({ id }) => ids.includes(id));
}

const verdicts: readonly CoverageVerdict[] = ["complete", "partial", "unsupported"];

/** The coverage of all scanners together: the worst verdict, and each gap once; a gap that all scanners have names no scanner. */
export function joinCoverage(scanned: readonly (readonly [ScannerId, Scanned])[]): Coverage {
  const gaps = new Map<string, { readonly gap: CoverageGap; readonly scanners: Set<ScannerId> }>();
  for (const [id, { gaps: own }] of scanned)
    for (const { scanner = id, ...gap } of own) {
      const key = JSON.stringify([gap.code, gap.message, gap.path, gap.packages]);
      const known = gaps.get(key);
      if (known === undefined) gaps.set(key, { gap, scanners: new Set([scanner]) });
      else known.scanners.add(scanner);
    }
  return {
    verdict: scanned.reduce<CoverageVerdict>(
      (worst, [, { verdict }]) => (verdicts.indexOf(verdict) > verdicts.indexOf(worst) ? verdict : worst),
      "complete",
    ),
    scanners: Object.fromEntries(scanned.map(([id, { verdict }]) => [id, verdict])),
    gaps: [...gaps.values()].flatMap(({ gap, scanners }) =>
      scanned.length > 1 && scanners.size === scanned.length
        ? [gap]
        : [...scanners].map((scanner) => ({ scanner, ...gap })),
    ),
  };
}
