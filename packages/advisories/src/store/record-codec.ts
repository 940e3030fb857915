import { jsonIn } from "@plimsoll/formats";
import { fixStatuses } from "@plimsoll/model";
import type {
  Advisory,
  AdvisorySeverity,
  AffectedImport,
  AffectedPackage,
  AffectedQualifiers,
  AffectedRange,
  Enrichment,
  FixStatus,
} from "@plimsoll/model";
import { commaList } from "../feeds/shared/comma-list.ts";
import { readGoImport } from "../feeds/shared/go-import.ts";
import { soleCve } from "./rated-cve.ts";

/**
 * Records as the store holds them: JSON arrays by position, because they are small, compress well, and the engine's own
 * parser reads them faster than any code of ours could. The reader trusts nothing: a store may come from anywhere.
 */

/** Thrown for a record that is not what the writer writes. */
export class RecordError extends Error {
  override readonly name = "RecordError";
}

/** An affected package without its advisory, namespace and name. */
type PackedAffected = readonly [ranges: readonly string[], versions: readonly string[], facts: PackedFacts];

/** x: expressions, u: unaffectedExpressions, p: patched, s: severities, t: status, q: qualifiers. */
type PackedFacts = Readonly<Record<string, unknown>>;

/** What other tables need from a packed advisory: the rows for look-ups by name, and its rating of the one CVE that it is about. */
export function partsOfPacked(
  packed: string,
  id: string,
): {
  readonly rows: readonly { readonly namespace: string; readonly name: string; readonly row: string }[];
  readonly cve?: string;
  readonly severities: readonly AdvisorySeverity[];
} {
  // Checked member by member; thousands of them in a scan.
  const [, aliases, severities, , affected, packedFacts] = list(JSON.parse(packed));
  const upstream = object(packedFacts)["u"];
  const cve = soleCve(id, {
    aliases: texts(aliases),
    ...(upstream === undefined ? {} : { upstream: texts(upstream) }),
  });
  const stated = cve === undefined ? [] : unpackSeverities(severities);
  const rows = list(affected).map((entry) => {
    const [namespace, name, ...statement] = list(entry);
    const own = cve === undefined ? undefined : object(statement[2])["s"];
    if (own !== undefined) stated.push(...unpackSeverities(own));
    return { namespace: text(namespace), name: text(name), row: JSON.stringify([id, ...statement]) };
  });
  return { rows, ...(cve === undefined ? {} : { cve }), severities: stated };
}

/** Rows of one name. */
export function unpackRows(value: unknown, namespace: string, name: string): AffectedPackage[] {
  return list(value).map((each) => {
    const row = list(each);
    return unpackAffected(row, 1, { advisory: text(row[0]), namespace, name });
  });
}

/** A whole advisory without its id, which is its key. */
export function packAdvisory(advisory: Advisory): string {
  const affected = advisory.affected.map((entry) => [entry.namespace, entry.name, ...packAffected(entry)]);
  const facts: Record<string, unknown> = {};
  if (advisory.upstream !== undefined) facts["u"] = advisory.upstream;
  if (advisory.published !== undefined) facts["p"] = advisory.published;
  if (advisory.modified !== undefined) facts["m"] = advisory.modified;
  if (advisory.withdrawn !== undefined) facts["w"] = advisory.withdrawn;
  if (advisory.cwes !== undefined) facts["c"] = advisory.cwes;
  if (advisory.summary !== undefined) facts["s"] = advisory.summary;
  if (advisory.details !== undefined) facts["d"] = advisory.details;
  return JSON.stringify([
    advisory.source,
    advisory.aliases,
    packSeverities(advisory.severities),
    advisory.references,
    affected,
    facts,
  ]);
}

/** @throws RecordError when the value is not what {@link packAdvisory} writes. */
export function unpackAdvisory(value: unknown, id: string): Advisory {
  const [source, aliases, severities, references, affected, packedFacts] = list(value);
  const facts = object(packedFacts);
  return {
    id,
    source: text(source),
    aliases: texts(aliases),
    ...(facts["u"] === undefined ? {} : { upstream: texts(facts["u"]) }),
    ...(facts["p"] === undefined ? {} : { published: text(facts["p"]) }),
    ...(facts["m"] === undefined ? {} : { modified: text(facts["m"]) }),
    ...(facts["w"] === undefined ? {} : { withdrawn: text(facts["w"]) }),
    ...(facts["s"] === undefined ? {} : { summary: text(facts["s"]) }),
    ...(facts["d"] === undefined ? {} : { details: text(facts["d"]) }),
    severities: unpackSeverities(severities),
    ...(facts["c"] === undefined ? {} : { cwes: texts(facts["c"]) }),
    references: texts(references),
    affected: list(affected).map((each) => {
      const entry = list(each);
      return unpackAffected(entry, 2, { advisory: id, namespace: text(entry[0]), name: text(entry[1]) });
    }),
  };
}

function packAffected(affected: AffectedPackage): PackedAffected {
  const facts: Record<string, unknown> = {};
  if (affected.expressions !== undefined) facts["x"] = affected.expressions;
  if (affected.unaffectedExpressions !== undefined) facts["u"] = affected.unaffectedExpressions;
  if (affected.patched !== undefined) facts["p"] = affected.patched;
  if (affected.severities !== undefined) facts["s"] = packSeverities(affected.severities);
  if (affected.status !== undefined) facts["t"] = affected.status;
  if (affected.qualifiers !== undefined) facts["q"] = packQualifiers(affected.qualifiers);
  return [packRanges(affected.ranges), affected.versions ?? [], facts];
}

/** `from`: where ranges, versions and facts begin in the list. A copy of them would cost more than all else in a process that has just begun. */
function unpackAffected(
  packed: readonly unknown[],
  from: number,
  { advisory, namespace, name }: Pick<AffectedPackage, "advisory" | "namespace" | "name">,
): AffectedPackage {
  const versions = texts(packed[from + 1]);
  const facts = object(packed[from + 2]);
  return {
    advisory,
    namespace,
    name,
    ranges: unpackRanges(packed[from]),
    ...(versions.length === 0 ? {} : { versions }),
    ...(facts["x"] === undefined ? {} : { expressions: texts(facts["x"]) }),
    ...(facts["u"] === undefined ? {} : { unaffectedExpressions: texts(facts["u"]) }),
    ...(facts["p"] === undefined ? {} : { patched: texts(facts["p"]) }),
    ...(facts["s"] === undefined ? {} : { severities: unpackSeverities(facts["s"]) }),
    ...(facts["t"] === undefined ? {} : { status: status(facts["t"]) }),
    ...(facts["q"] === undefined ? {} : { qualifiers: unpackQualifiers(facts["q"]) }),
  };
}

/** Qualifiers as texts: lists with commas between (custom ranges with ` || `), packages of Go as JSON. Stores have held them so since the first. */
function packQualifiers(qualifiers: AffectedQualifiers): Readonly<Record<string, string>> {
  const { arch, os, functions, modules, binaries, imports, customRanges, ...texts } = qualifiers;
  const lists = { arch, os, functions, module: modules, binaries };
  return {
    ...Object.fromEntries(
      Object.entries(lists).flatMap(([name, list]) => (list === undefined ? [] : [[name, list.join(",")]])),
    ),
    ...(imports === undefined ? {} : { imports: JSON.stringify(imports) }),
    ...(customRanges === undefined ? {} : { customRanges: customRanges.join(" || ") }),
    ...texts,
  };
}

function unpackQualifiers(value: unknown): AffectedQualifiers {
  const packed = object(value);
  const put = <Read extends object>(name: string, read: (stored: string) => Read): Read | undefined =>
    packed[name] === undefined ? undefined : read(text(packed[name]));
  return {
    ...put("arch", (stored) => ({ arch: commaList(stored) })),
    ...put("os", (stored) => ({ os: commaList(stored) })),
    ...put("functions", (stored) => ({ functions: commaList(stored) })),
    ...put("module", (stored) => ({ modules: commaList(stored) })),
    ...put("binaries", (stored) => ({ binaries: commaList(stored) })),
    ...put("urgency", (urgency) => ({ urgency })),
    ...put("imports", (stored) => ({ imports: unpackImports(stored) })),
    ...put("customRanges", (stored) => ({ customRanges: stored.split(" || ") })),
    ...put("informational", (informational) => ({ informational })),
    ...put("endOfLife", (endOfLife) => ({ endOfLife })),
  };
}

function unpackImports(stored: string): readonly AffectedImport[] {
  return list(jsonIn(stored)).flatMap((entry) => readGoImport(object(entry)) ?? []);
}

/** Two texts per range: where it begins, and `<1.2` (fixed), `<=1.2` (last affected) or nothing (open). */
function packRanges(ranges: readonly AffectedRange[]): string[] {
  return ranges.flatMap(({ introduced, end }) => [
    introduced,
    end.kind === "open" ? "" : end.kind === "fixed" ? `<${end.version}` : `<=${end.version}`,
  ]);
}

function unpackRanges(value: unknown): AffectedRange[] {
  const packed = texts(value);
  const ranges: AffectedRange[] = [];
  for (let at = 0; at + 1 < packed.length; at += 2) {
    ranges.push({ introduced: packed[at] ?? "", end: unpackEnd(packed[at + 1] ?? "") });
  }
  return ranges;
}

function unpackEnd(packed: string): AffectedRange["end"] {
  if (packed === "") return { kind: "open" };
  if (packed.startsWith("<=")) return { kind: "last-affected", version: packed.slice(2) };
  if (packed.startsWith("<")) return { kind: "fixed", version: packed.slice(1) };
  throw new RecordError("a range without an end");
}

function packSeverities(severities: readonly AdvisorySeverity[]): string[] {
  return severities.flatMap(({ system, value, source }) => [system, value, source]);
}

const systems: ReadonlySet<string> = new Set<AdvisorySeverity["system"]>([
  "cvss-2.0",
  "cvss-3.0",
  "cvss-3.1",
  "cvss-4.0",
  "rating",
]);

function unpackSeverities(value: unknown): AdvisorySeverity[] {
  const packed = texts(value);
  const severities: AdvisorySeverity[] = [];
  for (let at = 0; at + 2 < packed.length; at += 3) {
    const [system = "", rating = "", source = ""] = packed.slice(at, at + 3);
    if (!systems.has(system)) throw new RecordError("an unknown severity system");
    severities.push({ system: system as AdvisorySeverity["system"], value: rating, source }); // as: checked against the list
  }
  return severities;
}

/** @throws RecordError when the value is not an enrichment. */
export function unpackEnrichment(value: unknown): Enrichment {
  const facts = object(value);
  return {
    ...(facts["severities"] === undefined ? {} : { severities: unpackStatedSeverities(facts["severities"]) }),
    ...(facts["elsewhere"] === undefined ? {} : { elsewhere: unpackStatedSeverities(facts["elsewhere"]) }),
    ...(facts["cwes"] === undefined ? {} : { cwes: texts(facts["cwes"]) }),
    ...(facts["epss"] === undefined ? {} : { epss: unpackEpss(facts["epss"]) }),
    ...(facts["knownExploited"] === undefined ? {} : { knownExploited: unpackExploited(facts["knownExploited"]) }),
    ...(facts["title"] === undefined ? {} : { title: text(facts["title"]) }),
    ...(facts["description"] === undefined ? {} : { description: text(facts["description"]) }),
    ...(facts["published"] === undefined ? {} : { published: text(facts["published"]) }),
    ...(facts["modified"] === undefined ? {} : { modified: text(facts["modified"]) }),
  };
}

function unpackStatedSeverities(value: unknown): AdvisorySeverity[] {
  return unpackSeverities(
    list(value).flatMap((each) => {
      const { system, value: stated, source } = object(each);
      return [system, stated, source];
    }),
  );
}

function unpackEpss(value: unknown): NonNullable<Enrichment["epss"]> {
  const { probability, percentile, date } = object(value);
  if (typeof probability !== "number" || typeof percentile !== "number") throw new RecordError("a score is no number");
  return { probability, percentile, date: text(date) };
}

function unpackExploited(value: unknown): NonNullable<Enrichment["knownExploited"]> {
  const { dateAdded, dueDate, ransomware } = object(value);
  return {
    dateAdded: text(dateAdded),
    ...(dueDate === undefined ? {} : { dueDate: text(dueDate) }),
    ...(ransomware === true ? { ransomware } : {}),
  };
}

const statuses: ReadonlySet<string> = new Set(fixStatuses);

function status(value: unknown): FixStatus {
  if (typeof value !== "string" || !statuses.has(value)) throw new RecordError("an unknown status");
  return value as FixStatus; // as: checked against the list
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new RecordError("a list is missing");
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new RecordError("a text is missing");
  return value;
}

function texts(value: unknown): readonly string[] {
  const values = list(value);
  for (const each of values) if (typeof each !== "string") throw new RecordError("a text is missing");
  return values as readonly string[]; // as: every element was checked
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new RecordError("facts are missing");
  return value as Readonly<Record<string, unknown>>; // as: just checked
}
