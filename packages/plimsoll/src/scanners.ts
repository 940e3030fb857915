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

/** What every scanner may need beside the inventory; each takes what concerns it. */
export interface ScannerOptions extends CallOptions {
  /** For `vuln`. Absent: that scanner cannot be asked. */
  readonly advisories?: AdvisoryStore | undefined;
  /** Ecosystems that named the packages. Absent: all of them. */
  readonly ecosystems?: readonly Ecosystem[] | undefined;
  /** How language packages inside a distribution package are matched. Absent: by the distribution's advisories alone. */
  readonly ownedPackages?: MatcherOptions["ownedPackages"];
  readonly onEvent?: MatcherOptions["onEvent"];
  /**
   * The time of the scan, RFC 3339, against which the age of the advisories is told: above 7 days it is said, above `maxDbAge` the coverage is
   * partial; comments that ignore findings until a day have expired after it. Absent: dates are stated, and nothing is said of ages.
   */
  readonly now?: string | undefined;
  /** Milliseconds. Absent: 30 days. */
  readonly maxDbAge?: number | undefined;
  /** For `license`. */
  readonly licenses?: LicenseOptions | undefined;
  /** For `misconfig`: which checks, and what they are told. Absent: all of them. */
  readonly configChecks?: CheckConfigsOptions | undefined;
}

/** What one scanner found, and what it could not look at. */
export interface Scanned {
  readonly findings: readonly Finding[];
  /** Findings that the scanner itself left out, with the reason. */
  readonly setAside?: readonly SuppressedFinding[];
  readonly verdict: CoverageVerdict;
  readonly gaps: readonly CoverageGap[];
  /** Ids of the sources of advisories that may speak of what was looked at. */
  readonly asked?: readonly string[];
  /** Problems of its own; those of the inventory stay there. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** Looks for findings of one kind. */
export interface Scanner {
  readonly id: ScannerId;
  readonly finds: FindingKind;
  /** What it has to look for in the one pass over the image, beside packages; loaded when asked for. Absent: packages are enough. */
  detectors?(options: Pick<ScannerOptions, "licenses">): Promise<readonly PartDetector[]>;
  /** Makes findings of an inventory, which the detectors took part in. */
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

/** Every scanner there is, in the order of a report's lists. */
export const everyScanner: readonly Scanner[] = [vulnerabilities, secrets, licenses, misconfigurations];

/** The list of a report that a scanner fills. */
interface ListOfScanner {
  readonly vuln: "vulnerabilities";
  readonly secret: "secrets";
  readonly license: "licenses";
  readonly misconfig: "misconfigurations";
  readonly rbac: "misconfigurations";
}

/** A report in which these scanners looked: their lists are there. Where it is not known which they were, any list may be absent. */
export type ReportOf<S extends ScannerId> = ScannerId extends S
  ? Report
  : Report & { readonly [Id in S as ListOfScanner[Id]]: NonNullable<Report[ListOfScanner[Id]]> };

/** The scanners that run unless others are asked for. */
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

/** The coverage of all scanners together: the worst verdict, and each gap once; a gap of all of them names none. */
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
