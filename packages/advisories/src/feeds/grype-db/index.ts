import { FormatError, jsonIn, record, textField } from "@plimsoll/formats";
import type { SqliteSource } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryFeed,
  AdvisorySeverity,
  AffectedPackage,
  CallOptions,
  FeedDocument,
  FeedRecord,
} from "@plimsoll/model";
import { isForLinux, isLinuxPlatform, wholeCpe } from "../shared/cpe-criteria.ts";
import { severityOfVector } from "../shared/cvss-systems.ts";
import { documentBytes, malformed } from "../shared/document-text.ts";
import { canonicalName } from "../shared/osv-names.ts";
import { objectField, objectsField, textsField, textsOf } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";
import { namespaceOfType, namespacesOfSystem } from "./namespaces.ts";
import { readPackageBlob } from "./package-blob.ts";
import type { BlobStatement } from "./package-blob.ts";
import { Tables } from "./tables.ts";
import type { Row } from "./tables.ts";

/** The most statements that one blob leads to: its ranges times the packages that refer to it. */
const maxStatements = 1_000_000;

/** The most bytes of a file that is held in memory, which is one that cannot be read page by page. */
const maxFileBytes = 2 * 1024 ** 3 - 1;

/**
 * Grype's database, schema 6 (https://github.com/anchore/grype, grype/db/v6): `vulnerability.db` as it lies in the archive, without
 * its indexes. Tables are read from end to end, once. What is stated of applications by CPE goes under `vendor:product`
 * in the namespace `CPE`.
 */
export const grypeDb: AdvisoryFeed = {
  id: "grype-db",
  accepts: (name) => /(?:^|\/)vulnerability\.db$/.test(name),
  parse,
};

async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  try {
    const tables = new Tables(await readable(document, options));
    if (!tables.has("vulnerability_handles") || !tables.has("blobs")) {
      yield malformed(document.name, "it does not have the tables of schema 6");
      return;
    }
    for (const record of readDatabase(tables)) {
      options.signal?.throwIfAborted();
      yield record;
    }
    if (tables.problem !== undefined) yield malformed(document.name, tables.problem);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
}

async function readable(document: FeedDocument, options: CallOptions): Promise<Uint8Array | SqliteSource> {
  const { bytes } = document;
  return bytes?.readSync === undefined
    ? documentBytes(document, options, maxFileBytes)
    : { size: bytes.size, read: (start, end) => bytes.readSync?.(start, end) ?? new Uint8Array(0) };
}

interface Vulnerability {
  readonly id: string;
  readonly provider: string;
  readonly modified: string | undefined;
  readonly published: string | undefined;
  severities: readonly AdvisorySeverity[];
}

/** The vulnerability, the package and the namespaces for which a package blob holds. */
interface Place {
  readonly vulnerability: number;
  readonly name: string;
  readonly namespaces: readonly string[];
}

function* readDatabase(tables: Tables): Generator<FeedRecord> {
  const { vulnerabilities, byBlob, rejected } = readVulnerabilities(tables);
  for (const id of rejected) yield { kind: "skipped", id, reason: "rejected" };
  // Severities stand in the vulnerability's blob and are wanted with every package, so its blobs are read first.
  for (const row of tables.rows("blobs")) {
    const found = vulnerabilities.get(byBlob.get(row.number("id") ?? -1) ?? -1);
    const blob = found === undefined ? undefined : parseObject(row.text("value"));
    if (found === undefined || blob === undefined) continue;
    found.severities = readSeverities(blob, found.provider);
    yield { kind: "advisory", advisory: describe(found, blob), partial: true };
  }
  const places = new Map<number, Place[]>();
  yield* readPlaces(tables, vulnerabilities, places);
  for (const row of tables.rows("blobs")) {
    const held = places.get(row.number("id") ?? -1);
    const blob = held === undefined ? undefined : parseObject(row.text("value"));
    if (held === undefined || blob === undefined) continue;
    places.delete(row.number("id") ?? -1);
    const statements = readPackageBlob(blob);
    // Of both a hostile database has many; their product would be without end.
    if (statements.length * held.length > maxStatements) {
      const id = vulnerabilities.get(held[0]?.vulnerability ?? -1)?.id ?? "";
      throw new FormatError("grype-db", "limit-exceeded", `the statement about ${id} applies to too many packages`);
    }
    for (const place of held) {
      const found = vulnerabilities.get(place.vulnerability);
      yield found === undefined
        ? { kind: "skipped", id: "", reason: "rejected" }
        : stated(found, place, blob, statements);
    }
  }
  for (const { vulnerability } of [...places.values()].flat())
    yield { kind: "skipped", id: vulnerabilities.get(vulnerability)?.id ?? "", reason: "its statement is missing" };
  yield* readCatalogues(tables);
}

function readVulnerabilities(tables: Tables): {
  readonly vulnerabilities: ReadonlyMap<number, Vulnerability>;
  readonly byBlob: ReadonlyMap<number, number>;
  readonly rejected: readonly string[];
} {
  const vulnerabilities = new Map<number, Vulnerability>();
  const byBlob = new Map<number, number>();
  const rejected: string[] = [];
  for (const row of tables.rows("vulnerability_handles")) {
    const key = row.number("id");
    const id = row.text("name");
    if (key === undefined || id === undefined) continue;
    if (row.text("status") === "rejected" || row.text("withdrawn_date") !== undefined) {
      rejected.push(id);
      continue;
    }
    const modified = timeOf(row.text("modified_date"));
    const published = timeOf(row.text("published_date"));
    vulnerabilities.set(key, { id, provider: row.text("provider_id") ?? "grype", modified, published, severities: [] });
    byBlob.set(row.number("blob_id") ?? -1, key);
  }
  return { vulnerabilities, byBlob, rejected };
}

/** Fills in package blobs and where they hold; a blob may serve many packages. Tells what holds nowhere that we look. */
function* readPlaces(
  tables: Tables,
  vulnerabilities: ReadonlyMap<number, Vulnerability>,
  places: Map<number, Place[]>,
): Generator<FeedRecord> {
  const leftOut = (row: Row, reason: string): FeedRecord => {
    const id = vulnerabilities.get(row.number("vulnerability_id") ?? -1)?.id ?? "";
    return { kind: "skipped", id, reason };
  };
  const packages = new Map<number, { readonly type: string; readonly name: string }>();
  for (const row of tables.rows("packages")) {
    packages.set(row.number("id") ?? -1, { type: row.text("ecosystem") ?? "", name: row.text("name") ?? "" });
  }
  const systems = new Map<number, readonly string[]>();
  for (const row of tables.rows("operating_systems")) {
    const system = {
      name: row.text("name") ?? "",
      major: row.text("major_version") ?? "",
      minor: row.text("minor_version") ?? "",
      label: row.text("label_version") ?? "",
      channel: row.text("channel") ?? "",
    };
    systems.set(row.number("id") ?? -1, namespacesOfSystem(system));
  }
  for (const row of tables.rows("affected_package_handles")) {
    const found = packages.get(row.number("package_id") ?? -1);
    const vulnerability = row.number("vulnerability_id");
    const blob = row.number("blob_id");
    if (found === undefined || vulnerability === undefined || blob === undefined) {
      yield leftOut(row, "names no package");
      continue;
    }
    const system = row.number("operating_system_id");
    const library = namespaceOfType(found.type);
    const namespaces = system === undefined ? (library === undefined ? [] : [library]) : (systems.get(system) ?? []);
    if (namespaces.length === 0) {
      yield leftOut(
        row,
        system === undefined ? `for packages of type ${found.type}` : "for an operating system that is not supported",
      );
      continue;
    }
    const name = system === undefined ? canonicalName(library ?? "", found.name) : found.name;
    addPlace(places, blob, { vulnerability, name, namespaces });
  }
  const applications = readApplications(tables);
  for (const row of tables.rows("affected_cpe_handles")) {
    const name = applications.get(row.number("cpe_id") ?? -1);
    const vulnerability = row.number("vulnerability_id");
    const blob = row.number("blob_id");
    if (name === undefined || vulnerability === undefined || blob === undefined) {
      yield leftOut(row, "its CPE names no application for Linux");
      continue;
    }
    addPlace(places, blob, { vulnerability, name, namespaces: ["CPE"] });
  }
  for (const table of ["unaffected_package_handles", "unaffected_cpe_handles"])
    for (const row of tables.rows(table)) yield leftOut(row, "states only what is not affected");
}

function addPlace(places: Map<number, Place[]>, blob: number, place: Place): void {
  const known = places.get(blob);
  if (known === undefined) places.set(blob, [place]);
  else known.push(place);
}

/** `vendor:product` of the applications among the CPE names, by their keys. */
function readApplications(tables: Tables): ReadonlyMap<number, string> {
  const applications = new Map<number, string>();
  for (const row of tables.rows("cpes")) {
    const vendor = row.text("vendor");
    const product = row.text("product");
    if (row.text("part") !== "a" || vendor === undefined || product === undefined) continue;
    if (!isForLinux((row.text("target_software") ?? "").toLowerCase())) continue;
    applications.set(row.number("id") ?? -1, `${vendor}:${product}`.toLowerCase());
  }
  return applications;
}

function stated(
  found: Vulnerability,
  place: Place,
  blob: JsonObject,
  statements: readonly BlobStatement[],
): FeedRecord {
  const platforms = textsField(objectField(blob, "qualifiers"), "platform_cpes");
  if (platforms.length > 0 && !platforms.some((platform) => isLinuxPlatform(wholeCpe(platform))))
    return { kind: "skipped", id: found.id, reason: "for another platform" };
  const ratings = found.severities.length === 0 ? {} : { severities: found.severities };
  const affected = statements.flatMap((statement) =>
    place.namespaces.map((namespace): AffectedPackage => ({
      advisory: found.id,
      namespace,
      name: place.name,
      ...ratings,
      ...statement,
    })),
  );
  if (affected.length === 0) return { kind: "skipped", id: found.id, reason: "not affected" };
  const upstream = textsField(blob, "cves").filter((id) => id !== found.id);
  return {
    kind: "advisory",
    advisory: { ...bare(found), ...(upstream.length === 0 ? {} : { upstream }), affected },
    partial: true,
  };
}

function bare(found: Vulnerability): Advisory {
  return { id: found.id, source: grypeDb.id, aliases: [], severities: [], references: [], affected: [] };
}

function describe(found: Vulnerability, blob: JsonObject): Advisory {
  const details = textField(blob, "description");
  return {
    ...bare(found),
    aliases: textsField(blob, "aliases").filter((alias) => alias !== found.id),
    ...(found.published === undefined ? {} : { published: found.published }),
    ...(found.modified === undefined ? {} : { modified: found.modified }),
    ...(details === undefined ? {} : { details }),
    severities: found.severities,
    references: textsOf(objectsField(blob, "refs").map((reference) => textField(reference, "url"))),
  };
}

function readSeverities(blob: JsonObject, provider: string): AdvisorySeverity[] {
  return objectsField(blob, "severities").flatMap((severity) => {
    const source = textField(severity, "source") ?? provider;
    const word = textField(severity, "value");
    if (word !== undefined) return [{ system: "rating" as const, value: word, source }];
    return severityOfVector(textField(objectField(severity, "value"), "vector"), source) ?? [];
  });
}

function* readCatalogues(tables: Tables): Generator<FeedRecord> {
  const date = [...tables.rows("epss_metadata")].map((row) => row.text("date")?.slice(0, 10))[0];
  for (const row of tables.rows("epss_handles")) {
    const cve = row.text("cve") ?? "";
    const probability = row.number("epss");
    const percentile = row.number("percentile");
    if (!isCve(cve) || date === undefined || probability === undefined || percentile === undefined) continue;
    yield { kind: "enrichment", cve, enrichment: { epss: { probability, percentile, date } } };
  }
  for (const row of tables.rows("cwe_handles")) {
    const cve = row.text("cve") ?? "";
    const cwe = row.text("cwe");
    if (isCve(cve) && cwe !== undefined) yield { kind: "enrichment", cve, enrichment: { cwes: [cwe] } };
  }
  yield* readExploited(tables);
}

function* readExploited(tables: Tables): Generator<FeedRecord> {
  const byBlob = new Map<number, string>();
  for (const row of tables.rows("known_exploited_vulnerability_handles")) {
    byBlob.set(row.number("blob_id") ?? -1, row.text("cve") ?? "");
  }
  if (byBlob.size === 0) return;
  for (const row of tables.rows("blobs")) {
    const cve = byBlob.get(row.number("id") ?? -1);
    const blob = cve === undefined ? undefined : parseObject(row.text("value"));
    const dateAdded = textField(blob, "date_added")?.slice(0, 10);
    if (cve === undefined || dateAdded === undefined || !isCve(cve)) continue;
    const dueDate = textField(blob, "due_date")?.slice(0, 10);
    const ransomware = textField(blob, "known_ransomware_campaign_use")?.toLowerCase() === "known";
    const knownExploited = {
      dateAdded,
      ...(dueDate === undefined ? {} : { dueDate }),
      ...(ransomware ? { ransomware } : {}),
    };
    yield { kind: "enrichment", cve, enrichment: { knownExploited } };
  }
}

function parseObject(text: string | undefined): JsonObject | undefined {
  return text === undefined ? undefined : record(jsonIn(text));
}

/** The time as RFC 3339, from a text such as `2024-01-02 03:04:05+00:00`. */
function timeOf(text: string | undefined): string | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/.exec(text ?? "") ?? [];
  return day === undefined || time === undefined || day.startsWith("0001") ? undefined : `${day}T${time}Z`;
}
