import { FormatError, parseJson, record, shape, textField } from "@plimsoll/formats";
import { isCve } from "@plimsoll/model";
import type {
  Advisory,
  AdvisoryFeed,
  AdvisorySeverity,
  AffectedQualifiers,
  AffectedRange,
  CallOptions,
  Diagnostic,
  FeedDocument,
  FeedRecord,
} from "@plimsoll/model";
import { commaList } from "../shared/comma-list.ts";
import { severityOfVector } from "../shared/cvss-systems.ts";
import { malformed } from "../shared/document-text.ts";
import { fixedIn } from "../shared/json-feed.ts";
import { canonicalName } from "../shared/osv-names.ts";
import { numberField, objectField, objectsField, textsField } from "../shared/untrusted-json.ts";
import type { JsonObject } from "../shared/untrusted-json.ts";
import { tellWrongParts } from "../shared/wrong-parts.ts";
import { documentLines } from "./lines.ts";
import { scopeOf } from "./scopes.ts";
import type { Scope } from "./scopes.ts";

/**
 * What `clairctl export-updaters` writes (https://github.com/quay/claircore, libvuln/jsonblob): one JSON object in a line, a vulnerability
 * or an enrichment, each with the operation of the updater that it is of. Kept as `clair-updates.json`, or in a folder `clair-updates`.
 */
export const clairUpdates: AdvisoryFeed = {
  id: "clair-updates",
  accepts: (name) => /(?:^|\/)(?:clair-updates\/[^/]+|clair-updates)\.json$/.test(name),
  parse,
};

async function* parse(document: FeedDocument, options: CallOptions = {}): AsyncGenerator<FeedRecord> {
  const reading = new Reading(document.name);
  try {
    for await (const line of documentLines(document.content)) {
      options.signal?.throwIfAborted();
      yield* reading.line(line);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield malformed(document.name, error);
  }
  yield* reading.summary();
}

const named = shape.texts("name", "version", "kind", "module", "arch");
const expected = shape.fields({
  Updater: shape.text,
  Ref: shape.text,
  Kind: shape.text,
  Vuln: shape.fields({
    ...Object.fromEntries(
      ["name", "description", "issued", "links", "severity", "normalized_severity", "fixed_in_version", "arch_op"].map(
        (field) => [field, shape.text],
      ),
    ),
    package: shape.orNull(named),
    distribution: shape.orNull(shape.texts("did", "version", "version_id")),
    repository: shape.orNull(shape.texts("name", "key")),
    range: shape.orNull(shape.texts("[", ")")),
    Aliases: shape.orNull(shape.list(shape.texts("space", "name"))),
  }),
  Enrichment: shape.fields({ Tags: shape.orNull(shape.list(shape.text)) }),
});

/** Updaters that are told of one by one: Clair has some hundred, a hostile document any number. */
const mostUpdaters = 1_000;

/** Reads the lines of a document, and remembers what they said so far. */
class Reading {
  readonly #name: string;
  #line = 0;
  /** The operation to which the statements read last belong, by updater. */
  readonly #operations = new Map<string, string>();
  /** How many statements of an updater cannot be found, by updater and reason. */
  readonly #left = new Map<string, number>();

  constructor(name: string) {
    this.#name = name;
  }

  *line(text: string): Generator<FeedRecord> {
    this.#line++;
    const place = `${this.#name}:${this.#line}`;
    let entry: JsonObject | undefined;
    try {
      entry = record(parseJson(text));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield malformed(place, error);
      return;
    }
    yield* tellWrongParts(place, entry, expected);
    const updater = textField(entry, "Updater") ?? "";
    const vulnerability = objectField(entry, "Vuln");
    const enrichment = objectField(entry, "Enrichment");
    if (vulnerability === undefined && enrichment === undefined) {
      yield malformed(place, "neither a vulnerability nor an enrichment");
      return;
    }
    yield* this.#operation(`${updater} ${textField(entry, "Kind") ?? ""}`, textField(entry, "Ref") ?? "");
    if (vulnerability !== undefined) yield this.#counted(updater, readVulnerability(vulnerability, place));
    if (enrichment !== undefined) yield* readEnrichment(updater, enrichment);
  }

  /** Of two operations of one updater the later stands in Clair; here both were read, one line at a time. */
  *#operation(updater: string, ref: string): Generator<Diagnostic> {
    const known = this.#operations.get(updater);
    if (known !== undefined || this.#operations.size < mostUpdaters) this.#operations.set(updater, ref);
    if (known !== undefined && known !== ref)
      yield malformed(this.#name, `the file has two operations of ${updater}: records of the older one are kept, too`);
  }

  #counted(updater: string, record: FeedRecord): FeedRecord {
    if (record.kind === "skipped" && record.reason !== notAffected) {
      const own = `${updater.slice(0, 100)}: ${record.reason}`;
      const key = this.#left.size < mostUpdaters || this.#left.has(own) ? own : "others";
      this.#left.set(key, (this.#left.get(key) ?? 0) + 1);
    }
    return record;
  }

  /** What Clair knows and could not be expressed, once for each kind of updater and reason. */
  *summary(): Generator<Diagnostic> {
    for (const [why, count] of this.#left) {
      yield {
        kind: "diagnostic",
        code: "unsupported-format",
        effect: "incomplete",
        message: `Clair's updater ${why} (left out: ${count})`,
        location: { path: this.#name },
      };
    }
  }
}

const notAffected = "not affected";

function readVulnerability(vulnerability: JsonObject, place: string): FeedRecord {
  const title = textField(vulnerability, "name") ?? "";
  // OVAL's titles go on: "CVE-2024-1 on Ubuntu 22.04 LTS (jammy) - low", "ELSA-2024-1:  bash security update (LOW)".
  const id = /^[^\s:]+(?::[^\s:]+)*/.exec(title)?.[0];
  const pkg = objectField(vulnerability, "package");
  const name = textField(pkg, "name");
  if (id === undefined || name === undefined) return malformed(place, "a vulnerability without name or package");
  const source = clairUpdates.id;
  if (vulnerability["Invert"] === true) return { kind: "skipped", id, reason: notAffected, source };
  const scope = scopeOf(vulnerability);
  if (typeof scope === "string") return { kind: "skipped", id, reason: scope, source };
  const ranges = rangesOf(vulnerability, pkg, scope);
  if (typeof ranges === "string") return { kind: "skipped", id, reason: ranges, source };
  const qualifiers = qualifiersOf(vulnerability, pkg, scope);
  if (typeof qualifiers === "string") return { kind: "skipped", id, reason: qualifiers, source };
  const severities = severitiesOf(vulnerability, scope.rater);
  const affected = {
    advisory: id,
    namespace: scope.namespace,
    name: canonicalName(scope.namespace, name),
    ranges,
    ...(severities.length === 0 ? {} : { severities }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
  };
  return {
    kind: "advisory",
    partial: true,
    advisory: { ...describe(vulnerability, id, severities), affected: [affected] },
  };
}

function describe(
  vulnerability: JsonObject,
  id: string,
  severities: readonly AdvisorySeverity[],
): Omit<Advisory, "affected"> {
  const details = textField(vulnerability, "description");
  const issued = textField(vulnerability, "issued");
  const links = (textField(vulnerability, "links") ?? "").split(/\s+/).filter((link) => /^https?:\/\//.test(link));
  const listed = objectsField(vulnerability, "Aliases")
    // Red Hat's tracker, where one entry may be about several flaws.
    .filter((alias) => textField(alias, "space") !== "RHBZ")
    .map((alias) => `${textField(alias, "space") ?? ""}-${textField(alias, "name") ?? ""}`);
  // As Clair's own enrichers find them.
  const linked = links.flatMap((link) => link.match(/CVE-\d{4}-\d{4,10}/g) ?? []);
  const cves = isCve(id) ? [] : [...new Set([...listed, ...linked].filter((other) => isCve(other)))];
  return {
    id,
    source: clairUpdates.id,
    // The public database's aliases are of the same flaw; errata cover several.
    aliases: listed.length > 0 ? [...new Set(listed.filter((alias) => alias !== id && /^[\w-]+-\d/.test(alias)))] : [],
    ...(listed.length > 0 || cves.length === 0 ? {} : { upstream: cves }),
    ...(issued === undefined || issued.startsWith("0001-") ? {} : { published: issued }),
    ...(details === undefined ? {} : { details }),
    severities,
    references: [...new Set(links)],
  };
}

function severitiesOf(vulnerability: JsonObject, source: string): readonly AdvisorySeverity[] {
  const vector = severityOfVector(textField(vulnerability, "severity"), source);
  const word = textField(vulnerability, "normalized_severity");
  if (vector !== undefined) return [vector];
  return word === undefined || word === "Unknown" ? [] : [{ system: "rating", value: word, source }];
}

/** The affected ranges of a vulnerability; a text, where there are none, says why. */
function rangesOf(
  vulnerability: JsonObject,
  pkg: JsonObject | undefined,
  scope: Scope,
): readonly AffectedRange[] | string {
  const fixed = textField(vulnerability, "fixed_in_version");
  if (scope.ranges === "query") return queried(fixed);
  if (scope.ranges === "numbers") return numbered(objectField(vulnerability, "range"), fixed);
  if (fixed === "0" && scope.fixedInZero === "never affected") return notAffected;
  if (fixed !== undefined && !(fixed === "0" && scope.fixedInZero === "not fixed")) return fixedIn(fixed);
  const last = textField(pkg, "version");
  // Clair's rpm matchers take the package's version as the last one that is affected.
  return last === undefined ? fixedIn(undefined) : [{ introduced: "0", end: { kind: "last-affected", version: last } }];
}

/** `fixed=1.2.3&introduced=1.0`, as the updater of the public database encodes it. */
function queried(text: string | undefined): readonly AffectedRange[] {
  const query = new URLSearchParams(text ?? "");
  const introduced = query.get("introduced") || "0";
  const fixed = query.get("fixed");
  const last = query.get("lastAffected");
  if (fixed) return [{ introduced, end: { kind: "fixed", version: fixed } }];
  return [{ introduced, end: last ? { kind: "last-affected", version: last } : { kind: "open" } }];
}

/** `{"[": "semver:0.1.2.0.…", ")": "semver:65535.0.…"}`: epoch, then the parts of the version; 65535 is no end. */
function numbered(range: JsonObject | undefined, fixed: string | undefined): readonly AffectedRange[] | string {
  const lower = numbersOf(textField(range, "["));
  const upper = numbersOf(textField(range, ")"));
  if (lower === undefined || upper === undefined) return "its range is not of semantic versions";
  const introduced = lower.every((number) => number === 0) ? "0" : lower.slice(1, 4).join(".");
  if (upper[0] === 65_535) return [{ introduced, end: { kind: "open" } }];
  if (fixed !== undefined) return [{ introduced, end: { kind: "fixed", version: fixed } }];
  const [, major = 0, minor = 0, patch = 0] = upper;
  // Without a fix the bound is the successor of the last version that is affected.
  const last = patch > 0 ? `${major}.${minor}.${patch - 1}` : undefined;
  if (last !== undefined) return [{ introduced, end: { kind: "last-affected", version: last } }];
  return [{ introduced, end: { kind: "fixed", version: `${major}.${minor}.${patch}` } }];
}

function numbersOf(text: string | undefined): readonly number[] | undefined {
  const numbers = /^semver:(\d{1,10}(?:\.\d{1,10}){9})$/.exec(text ?? "")?.[1];
  return numbers?.split(".").map(Number);
}

function qualifiersOf(
  vulnerability: JsonObject,
  pkg: JsonObject | undefined,
  { modular }: Scope,
): Pick<AffectedQualifiers, "arch" | "modules"> | string {
  const arch = textField(pkg, "arch");
  const operation = textField(vulnerability, "arch_op");
  const modules = modular === true ? { modules: commaList(textField(pkg, "module") ?? "") } : {};
  if (arch === undefined || operation === undefined || operation === "invalid") return modules;
  // The patterns that its updaters write are lists: `amd64|x86_64|aarch64`, where a build may be named more than once.
  if (operation === "not equals" || !/^[\w|-]+$/.test(arch)) return "it holds for architectures that cannot be listed";
  return { ...modules, arch: [...new Set(arch.split("|"))] };
}

/** What Clair's enrichers know of a CVE: the NVD's vector, EPSS, CISA's catalogue. */
function* readEnrichment(updater: string, record: JsonObject): Generator<FeedRecord> {
  const cve = textsField(record, "Tags").find((tag) => isCve(tag));
  const value = objectField(record, "Enrichment");
  const enrichment = cve === undefined ? undefined : enrichmentOf(updater, value);
  if (cve === undefined || enrichment === undefined)
    yield { kind: "skipped", id: cve ?? "", reason: "an enrichment that is not read", source: clairUpdates.id };
  else yield { kind: "enrichment", cve, enrichment };
}

function enrichmentOf(
  updater: string,
  value: JsonObject | undefined,
): Extract<FeedRecord, { kind: "enrichment" }>["enrichment"] | undefined {
  if (updater.startsWith("clair.cvss")) {
    const severity = severityOfVector(textField(value, "vectorString"), "nvd");
    return severity === undefined ? undefined : { severities: [severity] };
  }
  if (updater.startsWith("clair.epss")) {
    const probability = numberField(value, "epss");
    const percentile = numberField(value, "percentile");
    const date = textField(value, "date")?.slice(0, 10);
    return probability === undefined || percentile === undefined || date === undefined
      ? undefined
      : { epss: { probability, percentile, date } };
  }
  const dateAdded = updater.startsWith("clair.kev") ? textField(value, "date_added") : undefined;
  if (dateAdded === undefined) return undefined;
  const dueDate = textField(value, "due_date");
  const ransomware = textField(value, "known_ransomware_campaign_use")?.toLowerCase() === "known";
  return {
    knownExploited: {
      dateAdded,
      ...(dueDate === undefined ? {} : { dueDate }),
      ...(ransomware ? { ransomware } : {}),
    },
  };
}
