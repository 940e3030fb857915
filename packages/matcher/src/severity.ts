import { score, severityOf } from "@plimsoll/cvss";
import { compareBy, compareText, severities as worstFirst } from "@plimsoll/model";
import type { AdvisorySeverity, CvssRating, Severity } from "@plimsoll/model";

/** A severity, and who stated it. */
export interface ChosenSeverity {
  readonly severity: Severity;
  readonly source: string;
  /** The choice as people read it. */
  readonly because: string;
}

/** Every severity that is stated for one vulnerability in one package, grouped by the kind of source. */
export interface StatedSeverities {
  /** Severities that the distribution states for its package. */
  readonly own: readonly AdvisorySeverity[];
  /** Severities of advisories that are about this vulnerability alone. */
  readonly advisory: readonly AdvisorySeverity[];
  /** Severities of catalogues of CVEs. */
  readonly catalogue: readonly AdvisorySeverity[];
  /** By advisories that speak of several vulnerabilities at once: the worst of them, as a rule. */
  readonly shared: readonly AdvisorySeverity[];
  /** Severities of advisories about other packages. */
  readonly elsewhere: readonly AdvisorySeverity[];
}

/**
 * Chooses by precedence: the distribution's own rating; then the advisories that speak of this vulnerability alone; then the catalogues, of
 * which the NVD goes before the publisher of the CVE and everybody else; then the shared advisories; then,
 * where all of those are silent, advisories about other packages. Within each, CVSS 4.0 over 3.1 over 3.0
 * over 2.0 whatever the scores, then a rating in words. Among equals the worse counts, then the source's name.
 */
export function chooseSeverity(stated: StatedSeverities): ChosenSeverity | undefined {
  return chosenOf(opinionsOf(stated));
}

/** The severity that each group of sources gives by itself; undefined where the group states none that can be read. */
export type Opinions = { readonly [Who in keyof StatedSeverities]: ChosenSeverity | undefined };

/** Chooses a severity within each group of sources, without weighing one group against another. */
export function opinionsOf({ own, advisory, catalogue, shared, elsewhere }: StatedSeverities): Opinions {
  return {
    own: chooseRating(own),
    advisory: chooseCvss(advisory) ?? chooseRating(advisory),
    catalogue: chooseFromCatalogue(catalogue),
    shared: chooseCvss(shared) ?? chooseRating(shared),
    elsewhere: toldElsewhere(chooseCvss(elsewhere) ?? chooseRating(elsewhere)),
  };
}

/** The severity of the first group that states one, in the order of {@link chooseSeverity}. */
export function chosenOf({ own, advisory, catalogue, shared, elsewhere }: Opinions): ChosenSeverity | undefined {
  return own ?? advisory ?? catalogue ?? shared ?? elsewhere;
}

function toldElsewhere(chosen: ChosenSeverity | undefined): ChosenSeverity | undefined {
  return chosen && { ...chosen, because: `${chosen.because}, which rates the CVE in another package` };
}

/** Every valid vector with its score; sorted by version descending, then source, then vector; each said once. */
export function cvssRatings(severities: readonly AdvisorySeverity[]): readonly CvssRating[] {
  if (severities.length === 0) return [];
  const ratings = new Map<string, CvssRating>();
  for (const { system, value, source } of severities) {
    if (system === "rating") continue;
    const scored = scoreOf(value);
    if (scored === undefined) continue;
    ratings.set(`${source}\n${value}`, { source, version: scored.version, vector: value, score: scored.overall });
  }
  return [...ratings.values()].sort(byVersionThenSource);
}

const byVersionThenSource = compareBy<CvssRating>(
  (a, b) => compareText(b.version, a.version),
  (a, b) => compareText(a.source, b.source),
  (a, b) => compareText(a.vector, b.vector),
);

/** Of ratings that are {@link byVersionThenSource | sorted by source} already. */
const byVersionThenScore = compareBy<CvssRating>(
  (a, b) => compareText(b.version, a.version),
  (a, b) => b.score - a.score,
);

function chooseCvss(severities: readonly AdvisorySeverity[]): ChosenSeverity | undefined {
  const [best] = cvssRatings(severities).toSorted(byVersionThenScore);
  const rated = best && severityOf(best.score, best.version);
  if (best === undefined || rated === undefined) return undefined;
  // CVSS says "none" for a vector without impact: as a finding it is negligible.
  const severity = rated === "NONE" ? "NEGLIGIBLE" : rated;
  return {
    severity,
    source: best.source,
    because: `${severity} by CVSS ${best.version} ${best.score} of ${best.source}`,
  };
}

/** The words that publishers use, in lower case. */
const words: ReadonlyMap<string, Severity> = new Map([
  ["critical", "CRITICAL"],
  ["important", "HIGH"],
  ["high", "HIGH"],
  ["moderate", "MEDIUM"],
  ["medium", "MEDIUM"],
  ["low", "LOW"],
  ["negligible", "NEGLIGIBLE"],
  ["unimportant", "NEGLIGIBLE"],
  ["minimal", "NEGLIGIBLE"],
  ["none", "NEGLIGIBLE"],
]);

function chooseRating(severities: readonly AdvisorySeverity[]): ChosenSeverity | undefined {
  let best: { readonly severity: Severity; readonly source: string } | undefined;
  for (const { system, value, source } of severities) {
    const severity = system === "rating" ? words.get(value.trim().toLowerCase()) : undefined;
    if (severity === undefined) continue;
    const rating = { severity, source };
    if (best === undefined || byWorseThenSource(rating, best) < 0) best = rating;
  }
  return best && { ...best, because: `${best.severity} by the rating of ${best.source}` };
}

const byWorseThenSource = compareBy<Pick<ChosenSeverity, "severity" | "source">>(
  (a, b) => worstFirst.indexOf(a.severity) - worstFirst.indexOf(b.severity),
  (a, b) => compareText(a.source, b.source),
);

function chooseFromCatalogue(severities: readonly AdvisorySeverity[]): ChosenSeverity | undefined {
  if (severities.length === 0) return undefined;
  const nvd = severities.filter(({ source }) => source === "nvd");
  return chooseCvss(nvd) ?? chooseCvss(severities) ?? chooseRating(nvd) ?? chooseRating(severities);
}

const scores = new Map<string, ReturnType<typeof score>>();
const maxMemoized = 4096;

/** The same few vectors come again in every finding. */
function scoreOf(vector: string): ReturnType<typeof score> {
  if (scores.has(vector)) return scores.get(vector);
  const scored = score(vector);
  if (scores.size >= maxMemoized) scores.clear();
  if (vector.length <= 256) scores.set(vector, scored);
  return scored;
}
