// How old the data is that a report stands on, and whether the distribution still gets any.
import type { CoverageGap, Diagnostic, Distro, SourceInfo } from "@plimsoll/model";

/** Advisory data older than so many milliseconds is mentioned in the report. */
const worthTelling = 7 * 24 * 60 * 60 * 1000;

/** The default of `maxDbAge` in milliseconds (30 days): with older data the coverage is partial. */
export const defaultMaxDbAge: number = 30 * 24 * 60 * 60 * 1000;

/** The sources with advisories for these namespaces: those of their ecosystems, and those without an ecosystem. */
export function askedSources(sources: readonly SourceInfo[], namespaces: readonly string[]): readonly SourceInfo[] {
  const ecosystems = new Set(namespaces.map((namespace) => namespace.replace(/:.*/, "").toLowerCase()));
  return sources.filter(({ id }) => {
    const slash = id.lastIndexOf("/");
    return (
      slash < 0 ||
      ecosystems.has(
        id
          .slice(slash + 1)
          .replace(/:.*/, "")
          .toLowerCase(),
      )
    );
  });
}

/** When a source was last known to be current: when it was fetched, else its newest record. */
export function knownCurrent({ checkedAt, updatedAt }: SourceInfo): string | undefined {
  return checkedAt ?? updatedAt;
}

/** The consequences of the age of advisory data for a report. */
export interface Freshness {
  readonly gaps: readonly CoverageGap[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Which of the asked sources are old, and whether the distribution's release is past its end of support.
 * @param now RFC 3339; without it ages are not judged, and a release counts as ended when data is newer than its end of support
 */
export function freshnessOf(
  asked: readonly SourceInfo[],
  {
    distro,
    now,
    maxDbAge = defaultMaxDbAge,
  }: {
    readonly distro?: Distro | undefined;
    readonly now?: string | undefined;
    readonly maxDbAge?: number | undefined;
  },
): Freshness {
  const gaps: CoverageGap[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const source of asked) {
    const date = knownCurrent(source);
    const age = now === undefined || date === undefined ? Number.NaN : Date.parse(now) - Date.parse(date);
    if (date === undefined || !(age > Math.min(worthTelling, maxDbAge))) continue;
    const how = source.checkedAt === undefined ? "its newest record is of that day" : "it was fetched then";
    const message = `${source.id} was last known to be current on ${date.slice(0, 10)}, ${Math.floor(age / 86_400_000)} days ago: ${how}`;
    const isTooOld = age > maxDbAge;
    if (isTooOld) gaps.push({ code: "stale-advisories", message });
    diagnostics.push({
      kind: "diagnostic",
      code: "stale-advisories",
      effect: isTooOld ? "incomplete" : "none",
      message,
    });
  }
  const ended = endOf(distro, now ?? newestOf(asked));
  if (ended !== undefined) gaps.push(ended);
  return { gaps, diagnostics };
}

function endOf(distro: Distro | undefined, now: string | undefined): CoverageGap | undefined {
  const end = distro?.endOfLife;
  if (distro === undefined || end === undefined || now === undefined || end >= now.slice(0, 10)) return undefined;
  const name = distro.prettyName ?? [distro.id, distro.versionId].filter((part) => part !== undefined).join(" ");
  return { code: "end-of-life", message: `${name} has received no advisories since ${end}` };
}

function newestOf(sources: readonly SourceInfo[]): string | undefined {
  return sources
    .flatMap((source) => knownCurrent(source) ?? [])
    .sort()
    .at(-1);
}
