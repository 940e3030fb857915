import { record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { AdvisoryFeed, AffectedPackage, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { fixedIn, jsonFeed } from "../shared/json-feed.ts";
import { objectField, objectsField, textsField, textsOf } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";

const expected = shape.fields({
  id: shape.text,
  severity: shape.text,
  packages: shape.list(shape.texts("name", "epoch", "version", "release", "arch")),
  cveids: shape.list(shape.text),
  references: shape.list(shape.texts("href")),
  issued: shape.texts("date"),
  updated: shape.texts("date"),
});

/**
 * Amazon Linux' advisories (https://alas.aws.amazon.com/), one per file, as JSON with the fields of its `updateinfo.xml`. The folder
 * names the release: `amazon/2023/ALAS2023-2024-1.json`.
 */
export const amazon: AdvisoryFeed = jsonFeed("amazon", /(?:^|\/)amazon\/\d+\/ALAS[^/]*\.json$/, expected, read);

function* read(value: unknown, document: string): Generator<FeedRecord> {
  const advisory = record(value);
  const id = textField(advisory, "id");
  const release = /\/(\d+)\/[^/]+$/.exec(`/${document}`)?.[1];
  if (advisory === undefined || id === undefined || release === undefined) {
    yield malformed(document, "no advisory");
    return;
  }
  const affected = objectsField(advisory, "packages").flatMap((pkg) => readPackage(pkg, id, release) ?? []);
  if (affected.length === 0) {
    yield { kind: "skipped", id, reason: "no affected packages" };
    return;
  }
  const summary = textField(advisory, "title");
  const details = textField(advisory, "description");
  const rating = textField(advisory, "severity");
  const published = timeOf(textField(objectField(advisory, "issued"), "date"));
  const modified = timeOf(textField(objectField(advisory, "updated"), "date"));
  yield {
    kind: "advisory",
    advisory: {
      id,
      source: "amazon",
      aliases: [],
      upstream: textsField(advisory, "cveids").filter(isCve),
      ...(published === undefined ? {} : { published }),
      ...(modified === undefined ? {} : { modified }),
      ...(summary === undefined ? {} : { summary }),
      ...(details === undefined ? {} : { details }),
      severities: rating === undefined ? [] : [{ system: "rating", value: rating, source: "amazon" }],
      references: textsOf(objectsField(advisory, "references").map((reference) => textField(reference, "href"))),
      affected: unite(affected),
    },
  };
}

function readPackage(pkg: JsonObject, advisory: string, release: string): AffectedPackage | undefined {
  const name = textField(pkg, "name");
  const version = textField(pkg, "version");
  if (name === undefined || version === undefined) return undefined;
  const epoch = textField(pkg, "epoch") ?? "0";
  const build = textField(pkg, "release");
  const fixed = `${epoch === "0" ? "" : `${epoch}:`}${version}${build === undefined ? "" : `-${build}`}`;
  const arch = textField(pkg, "arch");
  return {
    advisory,
    namespace: `Amazon Linux:${release}`,
    name,
    ranges: fixedIn(fixed),
    ...(arch === undefined ? {} : { qualifiers: { arch: [arch] } }),
  };
}

/** Unites the entries of a package for several architectures into one that has them all. */
function unite(packages: readonly AffectedPackage[]): readonly AffectedPackage[] {
  const united = new Map<string, AffectedPackage>();
  for (const pkg of packages) {
    const key = JSON.stringify([pkg.name, pkg.ranges]);
    const known = united.get(key)?.qualifiers?.arch ?? [];
    const arch = [...new Set([...known, ...(pkg.qualifiers?.arch ?? [])])];
    united.set(key, arch.length === 0 ? pkg : { ...pkg, qualifiers: { arch } });
  }
  return [...united.values()];
}

/** The time as RFC 3339, from a text such as `2021-08-13 17:31`, which is in UTC. */
function timeOf(text: string | undefined): string | undefined {
  const [, day, minute, second = "00"] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::(\d\d))?Z?$/.exec(text ?? "") ?? [];
  return day === undefined ? undefined : `${day}T${minute}:${second}Z`;
}
