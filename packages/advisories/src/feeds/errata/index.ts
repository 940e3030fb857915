import { record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { Advisory, AdvisoryFeed, AffectedPackage, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { fixedIn, jsonFeed } from "../shared/json-feed.ts";
import { uniteArches } from "../shared/unite-arches.ts";
import { numberField, objectField, objectsField, textsField, textsOf } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

const collection = {
  module: shape.either(shape.texts("name", "stream"), shape.anything),
  packages: shape.list(shape.fields({ name: shape.text, version: shape.text, release: shape.text, arch: shape.text })),
};
const time = shape.fields({ date: shape.text, $date: shape.scalar });
const expected = shape.fields({
  ...collection,
  pkglist: shape.orNull(shape.fields(collection)),
  collections: shape.list(shape.fields(collection)),
  references: shape.list(shape.texts("id", "href")),
  cveids: shape.list(shape.text),
  severity: shape.text,
  issued: time,
  issued_date: time,
  updated: time,
  updated_date: time,
});

/**
 * Errata as JSON, one per file, with the fields of `updateinfo.xml`: of AlmaLinux (https://errata.almalinux.org/8/errata.json), and of Rocky Linux
 * and Bottlerocket as https://github.com/aquasecurity/vuln-list keeps them. Folders name distribution and release: `rocky/9/…/RLSA-2024-1.json`.
 */
export const errata: AdvisoryFeed = jsonFeed(
  "errata",
  /(?:^|\/)(?:alma\/\d+\/(?:.+\/)?AL[A-Z]{2}-[^/]+|rocky\/\d[\d.]*\/(?:.+\/)?R[LX]SA-[^/]+|bottlerocket\/BRSA-[^/]+)\.json$/,
  expected,
  read,
);

interface Distribution {
  readonly namespace: string;
  readonly rater: string;
}

function distributionOf(name: string): Distribution | undefined {
  const [, folder = "", release = ""] = /(?:^|\/)(alma|rocky|bottlerocket)\/(?:(\d+)[\d.]*\/)?/.exec(name) ?? [];
  switch (folder) {
    case "alma":
      return { namespace: `AlmaLinux:${release}`, rater: folder };
    case "rocky":
      return { namespace: `Rocky Linux:${release}`, rater: folder };
    case "bottlerocket":
      return { namespace: "Bottlerocket", rater: folder };
    default:
      return undefined;
  }
}

function* read(value: unknown, document: string): Generator<FeedRecord> {
  const distribution = distributionOf(document);
  const erratum = record(value);
  const id = textField(erratum, "id") ?? textField(erratum, "updateinfo_id");
  if (erratum === undefined || id === undefined || distribution === undefined) {
    yield malformed(document, "no erratum");
    return;
  }
  const { namespace, rater } = distribution;
  const source = `errata/${namespace}`;
  const affected = uniteArches(collectionsOf(erratum).flatMap((each) => readCollection(each, id, namespace)));
  if (affected.length === 0) {
    yield { kind: "skipped", id, reason: "no affected packages", source };
    return;
  }
  const references = objectsField(erratum, "references");
  const cves = [...textsField(erratum, "cveids"), ...references.map((reference) => textField(reference, "id"))];
  const rating = textField(erratum, "severity");
  const summary = textField(erratum, "title");
  const details = textField(erratum, "description");
  const published = timeOf(objectField(erratum, "issued") ?? objectField(erratum, "issued_date"));
  const modified = timeOf(objectField(erratum, "updated") ?? objectField(erratum, "updated_date"));
  const advisory: Advisory = {
    id,
    source,
    aliases: [],
    upstream: textsOf(cves).filter(isCve),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    severities:
      rating === undefined || /^none$/i.test(rating) ? [] : [{ system: "rating", value: rating, source: rater }],
    references: textsOf(references.map((reference) => textField(reference, "href"))),
    affected,
  };
  // One erratum may be spread over the repositories and architectures of a release.
  yield { kind: "advisory", advisory, partial: true };
}

/** Lists of packages: one of the erratum's own, or one for each repository. */
function collectionsOf(erratum: JsonObject): readonly JsonObject[] {
  const list = objectField(erratum, "pkglist");
  return [erratum, ...(list === undefined ? [] : [list]), ...objectsField(erratum, "collections")];
}

function readCollection(collection: JsonObject, advisory: string, namespace: string): readonly AffectedPackage[] {
  const module = objectField(collection, "module");
  const stream =
    textField(module, "name") === undefined
      ? undefined
      : `${textField(module, "name")}:${textField(module, "stream") ?? ""}`;
  return objectsField(collection, "packages").flatMap((pkg) => {
    const [name, version, release, arch] = ["name", "version", "release", "arch"].map((each) => textField(pkg, each));
    if (name === undefined || version === undefined || arch === "src") return [];
    const epoch = numberField(pkg, "epoch") ?? 0;
    const fixed = `${epoch === 0 ? "" : `${epoch}:`}${version}${release === undefined ? "" : `-${release}`}`;
    const qualifiers = {
      ...(arch === undefined ? {} : { arch: [arch] }),
      ...(stream === undefined ? {} : { modules: [stream] }),
    };
    return [
      {
        advisory,
        namespace,
        name,
        ranges: fixedIn(fixed),
        ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
      },
    ];
  });
}

/** `{"date": "2021-07-22 03:17:17"}`, in UTC, or `{"$date": 1628596858000}`, milliseconds since 1970. */
function timeOf(time: JsonObject | undefined): string | undefined {
  const millis = numberField(time, "$date");
  if (millis !== undefined && Math.abs(millis) < 8e15) return new Date(millis).toISOString();
  const [, day, clock = "00:00:00"] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?/.exec(textField(time, "date") ?? "") ?? [];
  return day === undefined ? undefined : `${day}T${clock}Z`;
}
