import type { Advisory, AdvisorySeverity, Enrichment } from "@plimsoll/model";

/** More ratings of one CVE than this tell nothing new. */
const maxRatings = 16;

/** The one CVE that an advisory is about; undefined where it is about several, which its rating then covers together, or about none. */
export function soleCve(
  id: string,
  { aliases, upstream = [] }: Pick<Advisory, "aliases" | "upstream">,
): string | undefined {
  const cves = new Set([id, ...aliases, ...upstream].flatMap(cveOf));
  const [cve] = cves;
  return cves.size === 1 && upstream.every((name) => cveOf(name).length > 0) ? cve : undefined;
}

/** Distributions name their own record of a CVE after it: `ALPINE-CVE-2020-28928`. */
function cveOf(id: string): readonly string[] {
  const cve = /(?:^|-)(CVE-\d{4}-\d{4,})$/.exec(id)?.[1];
  return cve === undefined ? [] : [cve];
}

/** The ratings that an advisory gives its CVE, as a whole and for packages, as a fallback for findings in other packages. */
export function ratingElsewhere(severities: readonly AdvisorySeverity[]): Enrichment | undefined {
  const distinct = new Map(severities.map((each) => [`${each.system}\n${each.value}\n${each.source}`, each]));
  const kept = [...distinct.values()].slice(0, maxRatings);
  return kept.length === 0 ? undefined : { elsewhere: kept };
}

/** The enrichment without the ratings of advisories where a catalogue rates the CVE, since they would never be used. */
export function withoutNeedlessRatings(enrichment: Enrichment): Enrichment {
  const { elsewhere = [], ...rest } = enrichment;
  if (elsewhere.length === 0 || (rest.severities ?? []).length > 0) return rest;
  return { ...rest, elsewhere: elsewhere.slice(0, maxRatings) };
}
