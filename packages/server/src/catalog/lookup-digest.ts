import { isCve } from "@plimsoll/model";
import type { Advisory, AdvisoryStore, CallOptions, Enrichment } from "@plimsoll/model";
import { canonicalText, contentHash } from "./content-hash.ts";
import type { LookupName } from "./matchable-package.ts";

/** Fields of an enrichment that change every day, or are mere text: whatever else is said of a CVE may decide about a finding. */
const withoutEffect: ReadonlySet<string> = new Set<keyof Enrichment>([
  "epss",
  "cwes",
  "title",
  "description",
  "published",
  "modified",
]);

/** How many names are looked up at once. */
const namesPerQuestion = 500;

/**
 * A digest of the advisories about each name, as far as findings depend on them: equal digests, equal findings. Empty where there are no
 * advisories. Descriptions and exploit predictions, which change every day, are not included.
 */
export async function digestLookups(
  names: readonly LookupName[],
  store: AdvisoryStore,
  options: CallOptions = {},
): Promise<readonly string[]> {
  const digests: string[] = [];
  for (let at = 0; at < names.length; at += namesPerQuestion) {
    options.signal?.throwIfAborted();
    const keys = names.slice(at, at + namesPerQuestion).map((name) => ({ ...name, version: "" }));
    const stated = await store.find(keys, options);
    const advisories = await readAdvisories(
      stated.flatMap((list) => list.map(({ advisory }) => advisory)),
      store,
      options,
    );
    const enrichments = await readEnrichments([...advisories.values()], store, options);
    for (const list of stated)
      digests.push(
        list.length === 0
          ? ""
          : contentHash(
              list
                .map((affected) => {
                  const advisory = advisories.get(affected.advisory);
                  return canonicalText([affected, advisory && decidingPart(advisory, enrichments)]);
                })
                .sort()
                .join("\n"),
            ),
      );
  }
  return digests;
}

async function readAdvisories(
  ids: readonly string[],
  store: AdvisoryStore,
  options: CallOptions,
): Promise<ReadonlyMap<string, Advisory>> {
  const distinct = [...new Set(ids)];
  const read = distinct.length === 0 ? [] : await store.read(distinct, options);
  return new Map(distinct.flatMap((id, at) => (read[at] === undefined ? [] : [[id, read[at]] as const])));
}

async function readEnrichments(
  advisories: readonly Advisory[],
  store: AdvisoryStore,
  options: CallOptions,
): Promise<ReadonlyMap<string, Enrichment>> {
  const cves = [...new Set(advisories.flatMap(cvesOf))];
  const read = cves.length === 0 ? [] : await store.enrich(cves, options);
  return new Map(cves.flatMap((cve, at) => (read[at] === undefined ? [] : [[cve, read[at]] as const])));
}

function cvesOf({ id, aliases, upstream = [] }: Advisory): readonly string[] {
  return [id, ...aliases, ...upstream].filter(isCve);
}

function decidingPart(advisory: Advisory, enrichments: ReadonlyMap<string, Enrichment>): unknown {
  const { aliases, upstream, withdrawn, severities, source } = advisory;
  const beside = cvesOf(advisory).map((cve) =>
    Object.entries(enrichments.get(cve) ?? {}).filter(([field]) => !withoutEffect.has(field)),
  );
  return [source, aliases, upstream ?? null, withdrawn ?? null, severities, beside];
}
