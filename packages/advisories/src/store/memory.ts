import type { Advisory, AdvisoryKey, AdvisoryStore, AffectedPackage, Enrichment, SourceInfo } from "@plimsoll/model";
import { compareText } from "@plimsoll/model";
import { endOfSupport } from "./end-of-support.ts";
import { isNamed } from "./advisory-names.ts";
import { joinEnrichments } from "./merge-records.ts";
import { ratingElsewhere, soleCve, withoutNeedlessRatings } from "./rated-cve.ts";

/**
 * A store in memory of given advisories: for tests and for a handful of private advisories. Without `sources` they are counted from the
 * advisories.
 */
export function memoryStore(
  advisories: readonly Advisory[],
  enrichments: Readonly<Record<string, Enrichment>> | ReadonlyMap<string, Enrichment> = {},
  sources: readonly SourceInfo[] = countSources(advisories),
): AdvisoryStore {
  const kept = advisories.filter((advisory) => advisory.withdrawn === undefined);
  const byId = new Map(kept.map((advisory) => [advisory.id, advisory]));
  const byName = new Map<string, AffectedPackage[]>();
  const namespaces = new Set<string>();
  for (const advisory of byId.values()) {
    for (const affected of advisory.affected) {
      namespaces.add(affected.namespace);
      const key = nameKey(affected);
      const known = byName.get(key);
      if (known === undefined) byName.set(key, [affected]);
      else known.push(affected);
    }
  }
  const byCve = new Map<string, Enrichment>(enrichments instanceof Map ? enrichments : Object.entries(enrichments));
  for (const [cve, ratings] of ratingsByCve(byId.values()))
    byCve.set(cve, withoutNeedlessRatings(joinEnrichments([byCve.get(cve) ?? {}, ...ratings])));
  const find: AdvisoryStore["find"] = async (keys) => keys.map((key) => byName.get(nameKey(key)) ?? []);
  const covers = (namespace: string): boolean => namespaces.has(namespace);
  return {
    revision: `memory:${fingerprint(JSON.stringify([kept, [...byCve]]))}`,
    sources,
    covers,
    find,
    endOfSupport: (distribution, version, options = {}) =>
      endOfSupport({ covers, find }, distribution, version, options),
    read: async (ids) => ids.map((id) => byId.get(id)),
    enrich: async (cves) => cves.map((cve) => byCve.get(cve)),
    named: async (id) =>
      [...byId.values()].filter((advisory) => isNamed(advisory, id)).sort((a, b) => compareText(a.id, b.id)),
  };
}

function ratingsByCve(advisories: Iterable<Advisory>): ReadonlyMap<string, readonly Enrichment[]> {
  const ratings = new Map<string, Enrichment[]>();
  for (const advisory of advisories) {
    const cve = soleCve(advisory.id, advisory);
    const stated = [...advisory.severities, ...advisory.affected.flatMap(({ severities = [] }) => severities)];
    const rating = ratingElsewhere(stated);
    if (cve !== undefined && rating !== undefined) ratings.set(cve, [...(ratings.get(cve) ?? []), rating]);
  }
  return ratings;
}

function nameKey(key: Pick<AdvisoryKey, "namespace" | "name">): string {
  return `${key.namespace}\0${key.name}`;
}

function countSources(advisories: readonly Advisory[]): SourceInfo[] {
  const sources = new Map<string, { records: number; updatedAt?: string }>();
  for (const { source, modified } of advisories) {
    const known = sources.get(source) ?? { records: 0 };
    known.records++;
    if (modified !== undefined && (known.updatedAt === undefined || modified > known.updatedAt)) {
      known.updatedAt = modified;
    }
    sources.set(source, known);
  }
  return [...sources].sort(([a], [b]) => compareText(a, b)).map(([id, counted]) => ({ id, ...counted }));
}

/** 64 bits of two multiplicative hashes: tells data apart, protects nothing. */
function fingerprint(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x5bd1e995);
    second ^= second >>> 15;
  }
  return [first, second].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
