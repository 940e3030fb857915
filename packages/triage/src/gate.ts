import { isProblem, severities } from "@plimsoll/model";
import type { Finding, Severity } from "@plimsoll/model";

/** Decides whether findings are acceptable, without side effects; the caller acts on a failure. */
export interface Gate {
  readonly id: string;
  /** The findings that are not acceptable; empty when all are. */
  failures<F extends Finding>(findings: readonly F[]): readonly F[];
}

/**
 * Fails for findings of any kind of this severity or worse, but not for checks that passed or could not tell; `UNKNOWN` fails for every finding, because nothing is ruled out.
 * @throws TypeError for a word that is no severity; case does not matter.
 */
export function failAtOrAbove(severity: Severity | Lowercase<Severity>): Gate {
  const threshold = severities.indexOf(String(severity).toUpperCase() as Severity); // a foreign word gives -1
  if (threshold === -1) throw new TypeError(`failAtOrAbove: ${String(severity)} is none of ${severities.join(", ")}`);
  return {
    id: `fail-at-or-above-${severity.toLowerCase()}`,
    failures: (findings) =>
      findings.filter((finding) => isProblem(finding) && severities.indexOf(finding.severity) <= threshold),
  };
}
