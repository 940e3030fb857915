import type { Advisory, AffectedPackage, Enrichment } from "@plimsoll/model";

/** Merges the records that documents of one source have under one id. Later parts only add. */
export function joinParts(parts: readonly Advisory[]): Advisory {
  const [first, ...rest] = parts;
  if (first === undefined) throw new RangeError("nothing to join");
  if (rest.length === 0) return first;
  const newest = parts.reduce((a, b) => ((b.modified ?? "") > (a.modified ?? "") ? b : a));
  const upstream = distinct(parts.flatMap((part) => part.upstream ?? []));
  const cwes = distinct(parts.flatMap((part) => part.cwes ?? []));
  return {
    ...first,
    ...newest,
    aliases: distinct(parts.flatMap((part) => part.aliases)),
    ...(upstream.length === 0 ? {} : { upstream }),
    ...(cwes.length === 0 ? {} : { cwes }),
    severities: distinctJson(parts.flatMap((part) => part.severities)),
    references: distinct(parts.flatMap((part) => part.references)),
    affected: distinctJson<AffectedPackage>(parts.flatMap((part) => part.affected)),
  };
}

/** Merges what catalogues say about one CVE, most trusted first: lists are united, the first text counts, the newest score. */
export function joinEnrichments(parts: readonly Enrichment[]): Enrichment {
  const severities = distinctJson(parts.flatMap((part) => part.severities ?? []));
  const elsewhere = distinctJson(parts.flatMap((part) => part.elsewhere ?? []));
  const cwes = distinct(parts.flatMap((part) => part.cwes ?? []));
  const epss = parts.reduce<Enrichment["epss"]>(
    (best, { epss: next }) => (next !== undefined && (best === undefined || next.date > best.date) ? next : best),
    undefined,
  );
  const knownExploited = parts.find((part) => part.knownExploited !== undefined)?.knownExploited;
  const title = parts.find((part) => part.title !== undefined)?.title;
  const description = parts.find((part) => part.description !== undefined)?.description;
  const published = parts.find((part) => part.published !== undefined)?.published;
  const modified = parts.reduce((best, part) => ((part.modified ?? "") > best ? (part.modified ?? "") : best), "");
  return {
    ...(severities.length === 0 ? {} : { severities }),
    ...(elsewhere.length === 0 ? {} : { elsewhere }),
    ...(cwes.length === 0 ? {} : { cwes }),
    ...(epss === undefined ? {} : { epss }),
    ...(knownExploited === undefined ? {} : { knownExploited }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(published === undefined ? {} : { published }),
    ...(modified === "" ? {} : { modified }),
  };
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function distinctJson<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
