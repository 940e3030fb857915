import { record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, Enrichment, FeedRecord } from "@plimsoll/model";
import { cweIds, severityOfVector } from "../shared/cvss-systems.ts";
import { malformed } from "../shared/document-text.ts";
import { jsonFeed } from "../shared/json-feed.ts";
import { objectField, objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

const metric = shape.texts("vectorString");
const container = shape.fields({
  providerMetadata: shape.texts("shortName"),
  descriptions: shape.list(shape.texts("lang", "value")),
  problemTypes: shape.list(shape.fields({ descriptions: shape.list(shape.texts("cweId")) })),
  metrics: shape.list(shape.fields({ cvssV4_0: metric, cvssV3_1: metric, cvssV3_0: metric, cvssV2_0: metric })),
});
const expected = shape.fields({
  cveMetadata: shape.texts("cveId", "state", "datePublished", "dateUpdated"),
  containers: shape.fields({ cna: container, adp: shape.list(container) }),
});

/**
 * CVE records in format 5 (https://github.com/CVEProject/cve-schema), one per file, with what other containers in them add, above all
 * CISA's vulnrichment. Files are expected in folders named `cve`, `cves` or `vulnrichment`; below `vex` they are no CVE records.
 */
export const cve: AdvisoryFeed = jsonFeed(
  "cve",
  /(?<!vex\/)(?<![^/])(?:cves?|vulnrichment)\/(?:.+\/)?CVE-\d{4}-\d{4,}\.json$/,
  expected,
  read,
);

function* read(value: unknown, name: string): Generator<FeedRecord> {
  const document = record(value);
  const metadata = objectField(document, "cveMetadata");
  const id = textField(metadata, "cveId");
  if (document === undefined || id === undefined || !isCve(id)) {
    yield malformed(name, "no CVE record");
    return;
  }
  if (textField(metadata, "state") === "REJECTED") {
    yield { kind: "skipped", id, reason: "rejected" };
    return;
  }
  yield { kind: "enrichment", cve: id, enrichment: readEnrichment(objectField(document, "containers"), metadata) };
}

function readEnrichment(containers: JsonObject | undefined, metadata: JsonObject | undefined): Enrichment {
  const publisher = objectField(containers, "cna");
  // The publisher's own statements come first.
  const all = [...(publisher === undefined ? [] : [publisher]), ...objectsField(containers, "adp")];
  const severities = all.flatMap(readMetrics);
  const cwes = cweIds(
    all.flatMap((container) =>
      objectsField(container, "problemTypes").flatMap((type) =>
        objectsField(type, "descriptions").map((text) => textField(text, "cweId")),
      ),
    ),
  );
  const title = textField(publisher, "title");
  const texts = objectsField(publisher, "descriptions");
  const description = textField(texts.find((text) => textField(text, "lang")?.startsWith("en")) ?? texts[0], "value");
  const published = textField(metadata, "datePublished");
  const modified = textField(metadata, "dateUpdated");
  return {
    ...(severities.length === 0 ? {} : { severities }),
    ...(cwes.length === 0 ? {} : { cwes }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
  };
}

function readMetrics(container: JsonObject): NonNullable<Enrichment["severities"]> {
  const provider = textField(objectField(container, "providerMetadata"), "shortName") ?? "cna";
  const source = provider === "CISA-ADP" ? "cisa" : provider;
  return objectsField(container, "metrics").flatMap((metric) =>
    ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"].flatMap(
      (name) => severityOfVector(textField(objectField(metric, name), "vectorString"), source) ?? [],
    ),
  );
}
