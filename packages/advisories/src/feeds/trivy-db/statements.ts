import { field, listField, textField } from "@plimsoll/formats";
import type { AdvisorySeverity, AffectedPackage, AffectedRange, Enrichment, FixStatus } from "@plimsoll/model";
import { numberField, objectField, objectsField, textsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";
import type { Bucket } from "./buckets.ts";

/** What an advisory of the database says about one package, before it is known under which namespaces. */
export interface Statement extends Omit<AffectedPackage, "namespace" | "name"> {
  /** Indexes of the products of Red Hat for which it holds. */
  readonly products?: readonly number[];
}

/** https://github.com/aquasecurity/trivy-db, pkg/types/types.go. */
const severityWords = ["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/** pkg/types/status.go. The second, not affected, is no statement at all. */
const statuses: readonly (FixStatus | undefined)[] = [
  undefined,
  undefined,
  "affected",
  "fixed",
  "under_investigation",
  "will_not_fix",
  "fix_deferred",
  "end_of_life",
];
const notAffected = 1;

/**
 * Reads the advisory JSON under `package / id`: one fixed version per architecture in buckets of distributions, ranges in those of
 * libraries and of vendors that rebuild packages of distributions.
 */
export function readStatements(bucket: Bucket, id: string, advisory: JsonObject, source: string): readonly Statement[] {
  const isRanges = ["VulnerableVersions", "PatchedVersions"].some((name) => field(advisory, name) !== undefined);
  if (bucket.kind === "library" || isRanges) return [readLibrary(id, advisory, source)];
  const entries = objectsField(advisory, "Entries");
  const fixes = (entries.length > 0 ? entries : [advisory]).flatMap((entry) => readFix(id, entry, source) ?? []);
  return bucket.fixesOnly === true
    ? fixes.filter(({ ranges }) => ranges.every(({ end }) => end.kind !== "open"))
    : fixes;
}

/** Fields that must be texts, and lists, wherever they stand (pkg/types/types.go). */
const texts = ["FixedVersion", "AffectedVersion"];
const lists = ["VulnerableVersions", "PatchedVersions", "UnaffectedVersions", "Entries", "Arches", "Affected", "Cves"];

/** What is wrong with an advisory's JSON; undefined when its fields are of the kinds that the schema has. */
export function problemOf(advisory: JsonObject): string | undefined {
  const text = texts.find((name) => !["string", "undefined"].includes(typeof (field(advisory, name) ?? undefined)));
  if (text !== undefined) return `${text} is no text`;
  const list = lists.find((name) => !Array.isArray(field(advisory, name) ?? []));
  if (list !== undefined) return `${list} is no list`;
  return objectsField(advisory, "Entries")
    .map(problemOf)
    .find((problem) => problem !== undefined);
}

/** Reads Red Hat's advisories, which name their CVEs unless the key does. */
export function readRedHat(key: string, advisory: JsonObject, source: string): readonly Statement[] {
  return objectsField(advisory, "Entries").flatMap((entry) => {
    const products = [...new Set(listField(entry, "Affected").filter((index) => typeof index === "number"))];
    return objectsField(entry, "Cves").flatMap((cve) => {
      const rating = severityOf(field(cve, "Severity"), source);
      const fix = readFix(textField(cve, "ID") ?? key, entry, source);
      return fix === undefined ? [] : [{ ...fix, products, ...(rating.length === 0 ? {} : { severities: rating }) }];
    });
  });
}

function readFix(id: string, entry: JsonObject, source: string): Statement | undefined {
  const code = numberField(entry, "Status") ?? 0;
  if (code === notAffected) return undefined;
  const fixed = textField(entry, "FixedVersion");
  const introduced = textField(entry, "AffectedVersion") ?? "0";
  const end: AffectedRange["end"] = fixed === undefined ? { kind: "open" } : { kind: "fixed", version: fixed };
  const severities = severityOf(field(entry, "Severity"), source);
  const arches = textsField(entry, "Arches");
  const status = fixed === undefined ? statuses[code] : undefined;
  return {
    advisory: id,
    ranges: [{ introduced, end }],
    ...(severities.length === 0 ? {} : { severities }),
    ...(status === undefined ? {} : { status }),
    ...(arches.length === 0 ? {} : { qualifiers: { arch: arches } }),
  };
}

/**
 * Affected: inside any of the vulnerable ranges (all versions when there are none), and inside no patched or unaffected
 * one. An empty text stands for every version (pkg/detector/library/compare).
 */
function readLibrary(id: string, advisory: JsonObject, source: string): Statement {
  const lists = ["VulnerableVersions", "PatchedVersions"].map((name) => listField(advisory, name));
  const everything: readonly AffectedRange[] = [{ introduced: "0", end: { kind: "open" } }];
  const severities = severityOf(field(advisory, "Severity"), source);
  const rated = severities.length === 0 ? {} : { severities };
  if (lists.some((list) => list.includes(""))) return { advisory: id, ranges: everything, ...rated };
  const vulnerable = textsField(advisory, "VulnerableVersions");
  const patched = textsField(advisory, "PatchedVersions");
  const unaffected = [...patched, ...textsField(advisory, "UnaffectedVersions")];
  return {
    advisory: id,
    ranges: vulnerable.length === 0 ? everything : [],
    ...(vulnerable.length === 0 ? {} : { expressions: vulnerable }),
    ...(unaffected.length === 0 ? {} : { unaffectedExpressions: unaffected }),
    ...(patched.length === 0 ? {} : { patched }),
    ...rated,
  };
}

function severityOf(value: unknown, source: string): AdvisorySeverity[] {
  const word = typeof value === "number" && value > 0 ? severityWords[value] : undefined;
  return word === undefined ? [] : [{ system: "rating", value: word, source }];
}

/** Reads a record of the `vulnerability` bucket. */
export function readVulnerability(vulnerability: JsonObject): Enrichment & { readonly references: readonly string[] } {
  const severities = [...readVectors(vulnerability), ...readVendorRatings(vulnerability)];
  const cwes = textsField(vulnerability, "CweIDs");
  const title = textField(vulnerability, "Title");
  const description = textField(vulnerability, "Description");
  const published = textField(vulnerability, "PublishedDate");
  const modified = textField(vulnerability, "LastModifiedDate");
  return {
    references: textsField(vulnerability, "References"),
    ...(severities.length === 0 ? {} : { severities }),
    ...(cwes.length === 0 ? {} : { cwes }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
  };
}

function readVectors(vulnerability: JsonObject): AdvisorySeverity[] {
  const bySource = objectField(vulnerability, "CVSS");
  return Object.keys(bySource ?? {}).flatMap((source) =>
    (["V40Vector", "V3Vector", "V2Vector"] as const).flatMap((name): AdvisorySeverity[] => {
      const value = textField(objectField(bySource, source), name);
      if (value === undefined) return [];
      const system = value.startsWith("CVSS:4.0/")
        ? "cvss-4.0"
        : value.startsWith("CVSS:3.1/")
          ? "cvss-3.1"
          : value.startsWith("CVSS:3.0/")
            ? "cvss-3.0"
            : name === "V2Vector"
              ? "cvss-2.0"
              : undefined;
      return system === undefined ? [] : [{ system, value, source }];
    }),
  );
}

function readVendorRatings(vulnerability: JsonObject): AdvisorySeverity[] {
  const bySource = objectField(vulnerability, "VendorSeverity");
  return Object.keys(bySource ?? {}).flatMap((source) => severityOf(field(bySource, source), source));
}

/** The rating that a source gives a vulnerability. */
export function vendorRating(vulnerability: JsonObject | undefined, source: string): AdvisorySeverity[] {
  const bySource = objectField(vulnerability, "VendorSeverity");
  const own = severityOf(field(bySource, source), source);
  // Records of one vendor alone have their rating as a word.
  const word = bySource === undefined ? textField(vulnerability, "Severity") : undefined;
  return own.length > 0 || word === undefined ? own : [{ system: "rating", value: word, source }];
}
