import { record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type { Advisory, AffectedPackage, FeedRecord } from "@plimsoll/model";
import { malformed } from "../shared/document-text.ts";
import { objectField, objectsField, textsField, textsOf } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";
import { tellWrongParts } from "../shared/wrong-parts.ts";
import { canonicalName, ecosystemBase } from "../shared/osv-names.ts";
import { modulesIn, readQualifiers, readStatus } from "./qualifiers.ts";
import { boundByLastKnown, readRanges } from "./ranges.ts";
import { readAffectedRatings, readRecordRatings, readSeverities } from "./severities.ts";

const severity = shape.orNull(shape.list(shape.texts("type", "score", "source")));
const names = shape.orNull(shape.list(shape.text));
/** Publishers whose programs write null for an empty list do so where the schema has optional ones. */
const expected = shape.fields({
  id: shape.text,
  summary: shape.text,
  details: shape.text,
  published: shape.text,
  modified: shape.text,
  aliases: names,
  upstream: names,
  related: names,
  references: shape.orNull(shape.list(shape.texts("url"))),
  severity,
  database_specific: shape.orNull(shape.entries(shape.anything)),
  affected: shape.list(
    shape.fields({
      package: shape.texts("ecosystem", "name"),
      versions: shape.list(shape.text),
      ranges: shape.list(
        shape.fields({
          type: shape.text,
          events: shape.list(shape.texts("introduced", "fixed", "last_affected", "lastAffected", "limit")),
        }),
      ),
      severity,
      ecosystem_specific: shape.orNull(shape.entries(shape.anything)),
      database_specific: shape.orNull(shape.entries(shape.anything)),
    }),
  ),
});

/**
 * Reads one OSV record: https://ossf.github.io/osv-schema/. `folder` is the ecosystem folder it lay in, if any.
 * Yields the advisory, or why it is left out, and a diagnostic for each part that cannot be used.
 */
export function* readOsvRecord(value: unknown, path: string, folder: string | undefined): Generator<FeedRecord> {
  const document = record(value);
  const id = textField(document, "id");
  if (document === undefined || id === undefined || id.length > maxIdLength) {
    yield malformed(path, "not an OSV record");
    yield { kind: "skipped", id: path, reason: "unreadable", ...sourceOf(folder) };
    return;
  }
  if (isWithdrawn(document)) {
    const modified = readTime(document, "modified");
    yield {
      kind: "skipped",
      id,
      reason: "withdrawn",
      ...sourceOf(folder),
      ...(modified === undefined ? {} : { modified }),
    };
    return;
  }
  // AlmaLinux publishes its bug fix and enhancement errata in the same folder.
  if (/^AL[BE]A-/.test(id)) {
    yield { kind: "skipped", id, reason: "no security advisory", ...sourceOf(folder) };
    return;
  }
  yield* tellWrongParts(path, document, expected);
  const entries = objectsField(document, "affected");
  const modules = modulesIn(textField(document, "summary") ?? "");
  const parts = entries.map((entry) => readAffected(id, entry, { source: ratingSource(id), modules }));
  const affected = parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
  if (affected.length === 0) {
    const reason = parts.find((part) => typeof part === "string") ?? "no affected packages";
    yield { kind: "skipped", id, reason, ...sourceOf(folder) };
    return;
  }
  yield { kind: "advisory", advisory: readAdvisory(document, id, affected, folder) };
  for (const reason of new Set(parts.filter((part) => typeof part === "string"))) {
    yield {
      kind: "diagnostic",
      code: "malformed-advisory",
      effect: "none",
      message: `Part of ${id} is left out: ${reason}`,
      location: { path },
    };
  }
}

const maxIdLength = 256;

/** The source of a record that is left out before its packages were read. */
export function sourceOf(folder: string | undefined): { readonly source?: string } {
  return folder === undefined ? {} : { source: `osv/${folder}` };
}

function readAdvisory(
  record: JsonObject,
  id: string,
  affected: readonly AffectedPackage[],
  folder: string | undefined,
): Advisory {
  const aliases = textsField(record, "aliases").filter((alias) => alias !== id);
  const upstream = readUpstream(record, id, aliases, affected);
  const published = readTime(record, "published");
  const modified = readTime(record, "modified");
  const summary = textField(record, "summary");
  const details = textField(record, "details");
  const cwes = textsField(objectField(record, "database_specific"), "cwe_ids");
  const source = ratingSource(id);
  return {
    id,
    source: `osv/${sourceEcosystem(affected, folder)}`,
    aliases,
    ...(upstream.length === 0 ? {} : { upstream }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    severities: [...readSeverities(record, source), ...readRecordRatings(record, source)],
    ...(cwes.length === 0 ? {} : { cwes }),
    references: textsOf(objectsField(record, "references").map((reference) => textField(reference, "url"))),
    affected,
  };
}

/** The entry, or why it cannot be used. */
function readAffected(
  id: string,
  entry: JsonObject,
  { source, modules }: { readonly source: string; readonly modules: readonly string[] },
): AffectedPackage | string {
  const named = objectField(entry, "package");
  const namespace = textField(named, "ecosystem");
  const name = textField(named, "name");
  if (namespace === undefined || name === undefined) return "names no package";
  const { ranges, expressions, commitRanges } = boundByLastKnown(readRanges(entry), entry);
  const versions = textsField(entry, "versions");
  if (ranges.length === 0 && expressions.length === 0 && versions.length === 0) {
    return commitRanges > 0 ? "only ranges of commits" : "neither ranges nor versions";
  }
  const severities = [...readSeverities(entry, source), ...readAffectedRatings(entry, source)];
  const status = readStatus(entry);
  const qualifiers = readQualifiers(entry, modules);
  return {
    advisory: id,
    namespace,
    name: canonicalName(namespace, name),
    ranges,
    ...(versions.length === 0 ? {} : { versions }),
    ...(expressions.length === 0 ? {} : { expressions }),
    ...(severities.length === 0 ? {} : { severities }),
    ...(status === undefined ? {} : { status }),
    ...(qualifiers === undefined ? {} : { qualifiers }),
  };
}

/**
 * `upstream` where the record has it. Records of some distributions name the CVEs that an erratum covers under `related`
 * instead, where other databases put what is merely similar.
 */
function readUpstream(
  record: JsonObject,
  id: string,
  aliases: readonly string[],
  affected: readonly AffectedPackage[],
): readonly string[] {
  const upstream = textsField(record, "upstream").filter((other) => other !== id);
  if (upstream.length > 0 || aliases.length > 0) return upstream;
  if (!affected.some((entry) => errataEcosystems.has(ecosystemBase(entry.namespace)))) return upstream;
  return textsField(record, "related").filter((other) => other !== id && isCve(other));
}

const errataEcosystems = new Set([
  "AlmaLinux",
  "Rocky Linux",
  "Red Hat",
  "SUSE",
  "openSUSE",
  "Mageia",
  "openEuler",
  "Photon OS",
  "Ubuntu",
]);

/**
 * Whether the record has been taken back. A date ten years or more after the record's own last change is an
 * announcement: there is no clock here to wait for it.
 */
function isWithdrawn(record: JsonObject): boolean {
  const withdrawn = textField(record, "withdrawn");
  if (withdrawn === undefined) return false;
  const modified = Number(/^\d{4}/.exec(textField(record, "modified") ?? "")?.[0]);
  return !(Number(/^\d{4,}/.exec(withdrawn)?.[0]) - modified >= 10);
}

/** Databases that do not know when write the zero of their language: `0001-01-01T00:00:00Z`. */
function readTime(record: JsonObject, name: string): string | undefined {
  const time = textField(record, name);
  return time !== undefined && /^(?!0001-)\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(time) ? time : undefined;
}

/** Who speaks in a record: the id's prefix is its database, https://ossf.github.io/osv-schema/#id-modified-fields. */
function ratingSource(id: string): string {
  const prefix = /^(?:x_)?([A-Za-z0-9]+)/.exec(id)?.[1] ?? id;
  return databases.get(prefix) ?? prefix.toLowerCase();
}

const databases: ReadonlyMap<string, string> = new Map([
  ["ALBA", "alma"],
  ["ALEA", "alma"],
  ["ALSA", "alma"],
  ["BIT", "bitnami"],
  ["CGA", "chainguard"],
  ["CVE", "nvd"],
  ["DLA", "debian"],
  ["DSA", "debian"],
  ["DTSA", "debian"],
  ["GO", "govulndb"],
  ["RHBA", "redhat"],
  ["RHEA", "redhat"],
  ["RHSA", "redhat"],
  ["RLSA", "rocky"],
  ["RXSA", "rocky"],
  ["USN", "ubuntu"],
]);

/** The folder, when the record speaks of that ecosystem; else the first one it speaks of. */
function sourceEcosystem(affected: readonly AffectedPackage[], folder: string | undefined): string {
  const bases = affected.map((entry) => ecosystemBase(entry.namespace));
  return folder !== undefined && bases.includes(folder) ? folder : (bases[0] ?? "unknown");
}
