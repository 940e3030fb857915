import { FormatError, decompress, field, record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type {
  AdvisoryFeed,
  AdvisorySeverity,
  CallOptions,
  Enrichment,
  FeedDocument,
  FeedRecord,
} from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { cweIds, severityOfVector } from "../shared/cvss-systems.ts";
import { listElements } from "../shared/json-elements.ts";
import { jsonFeed } from "../shared/json-feed.ts";
import { tellWrongParts } from "../shared/wrong-parts.ts";
import { cpeStatements } from "./cpe-statements.ts";
import { objectField, objectsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

const metrics = shape.list(shape.fields({ source: shape.text, cvssData: shape.texts("vectorString") }));
const texts = shape.list(shape.texts("lang", "value"));
const stated = {
  id: shape.text,
  vulnStatus: shape.text,
  published: shape.text,
  lastModified: shape.text,
  descriptions: texts,
  weaknesses: shape.list(shape.fields({ description: texts })),
  metrics: shape.fields({
    cvssMetricV40: metrics,
    cvssMetricV31: metrics,
    cvssMetricV30: metrics,
    cvssMetricV2: metrics,
  }),
  configurations: shape.list(
    shape.fields({
      operator: shape.text,
      nodes: shape.list(shape.fields({ negate: shape.scalar, cpeMatch: shape.list(shape.entries(shape.scalar)) })),
    }),
  ),
};
const listed = shape.fields({ cve: shape.fields(stated) });
/** A single record, or an answer with many. */
const expected = shape.fields({ ...stated, vulnerabilities: shape.list(listed) });

/**
 * The NVD's CVE records, https://nvd.nist.gov/developers/vulnerabilities: answers of its API 2.0 and its yearly JSON 2.0 files.
 * A record enriches what other feeds say of its CVE, and where it names applications by CPE it is an advisory of its own
 * (`nvd/cpe`), in which programs are looked up that no package manager installed.
 */
export const nvd: AdvisoryFeed = {
  id: "nvd",
  accepts: (name) => yearly.test(name) || single.accepts(name),
  parse: (document, options) =>
    yearly.test(document.name) ? readYear(document, options) : single.parse(document, options),
};

/** Files of many records, plain or compressed: read record by record, since a year has more than 100 MB. */
const yearly = /(?:^|\/)nvdcve-2\.0-[^/]+\.json(?:\.gz)?$/;

const single = jsonFeed("nvd", /(?:^|\/)nvd\/(?:.+\/)?[^/]+\.json$/, expected, read);

/** Of documents below this folder only the ratings are taken: `db update` keeps the NVD's files there. */
const ratingsOnly = /(?:^|\/)nvd-ratings\//;

async function* readYear(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  const { name } = document;
  const isWhole = !ratingsOnly.test(name);
  try {
    const list = listElements(decompress(document.content), "vulnerabilities");
    let next = await list.next();
    for (; next.done !== true; next = await list.next()) {
      options.signal?.throwIfAborted();
      yield* tellWrongParts(name, next.value, listed);
      const records = readRecord(objectField(record(next.value), "cve"), name);
      yield* isWhole ? records : ratingsOf(records);
    }
    if (!next.value) yield malformed(name, "no list of vulnerabilities");
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(name, error);
  }
}

/** Ratings without texts and CPEs: what makes the difference to findings, in a tenth of the space. */
function* ratingsOf(records: Iterable<FeedRecord>): Generator<FeedRecord> {
  for (const record of records) {
    if (record.kind === "advisory") continue;
    if (record.kind !== "enrichment") {
      yield record;
      continue;
    }
    const { severities = [], modified } = record.enrichment;
    if (severities.length === 0) yield { kind: "skipped", id: record.cve, reason: "not rated" };
    else yield { ...record, enrichment: { severities, ...(modified === undefined ? {} : { modified }) } };
  }
}

function* read(value: unknown, name: string): Generator<FeedRecord> {
  const document = record(value);
  // A single record is what mirrors with one file per CVE hold.
  const records =
    textField(document, "id") === undefined ? objectsField(document, "vulnerabilities") : [{ cve: document }];
  if (records.length === 0 && field(document, "vulnerabilities") === undefined) {
    yield malformed(name, "no list of vulnerabilities");
  }
  for (const record of records) yield* readRecord(objectField(record, "cve"), name);
}

function* readRecord(cve: JsonObject | undefined, name: string): Generator<FeedRecord> {
  const id = textField(cve, "id");
  if (cve === undefined || id === undefined || !isCve(id)) return yield malformed(name, "a record without CVE id");
  if (textField(cve, "vulnStatus") === "Rejected") return yield { kind: "skipped", id, reason: "rejected" };
  yield { kind: "enrichment", cve: id, enrichment: readEnrichment(cve), whole: true };
  const advisory = `NVD-${id}`;
  const affected = cpeStatements(cve, advisory);
  if (affected.length === 0) return;
  const modified = textField(cve, "lastModified");
  yield {
    kind: "advisory",
    advisory: {
      id: advisory,
      source: "nvd/cpe",
      aliases: [],
      upstream: [id],
      ...(modified === undefined ? {} : { modified }),
      severities: [],
      references: [`https://nvd.nist.gov/vuln/detail/${id}`],
      affected,
    },
  };
}

function readEnrichment(cve: JsonObject): Enrichment {
  const severities = readMetrics(cve);
  const cwes = cweIds(
    objectsField(cve, "weaknesses").flatMap((weakness) =>
      objectsField(weakness, "description").map((text) => textField(text, "value")),
    ),
  );
  const description = objectsField(cve, "descriptions").find((text) => textField(text, "lang") === "en");
  const text = textField(description, "value");
  const published = textField(cve, "published");
  const modified = textField(cve, "lastModified");
  return {
    ...(severities.length === 0 ? {} : { severities }),
    ...(cwes.length === 0 ? {} : { cwes }),
    ...(text === undefined ? {} : { description: text }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
  };
}

/** The NVD repeats what the CVE's publisher rated; `Primary` ratings of its own address are its own. */
function readMetrics(cve: JsonObject): AdvisorySeverity[] {
  const metrics = objectField(cve, "metrics");
  return ["cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"].flatMap((name) =>
    objectsField(metrics, name).flatMap((metric) => {
      const stated = textField(metric, "source") ?? "nvd";
      const source = stated === "nvd@nist.gov" ? "nvd" : stated;
      return severityOfVector(textField(objectField(metric, "cvssData"), "vectorString"), source) ?? [];
    }),
  );
}
