import type { Diagnostic, Distro, FoundPackage, Observation, PackageObservation, PartDetector } from "@plimsoll/model";
import { single } from "./data-fields.ts";
import { compactList } from "./layer-result.ts";

/** Longer names and versions are no names: real ones stay below 300 characters. */
const maxNameLength = 4_096;
/** For other texts: a licence may be given in full. */
const maxTextLength = 65_536;
const maxListLength = 100_000;
const maxMessageLength = 2_000;

/** An observation that cannot be used, and why. */
export interface Refusal {
  readonly refused: string;
}

/**
 * A clean copy of what an analyzer (or a cache entry) says: known fields of the right type, in a fixed order, within
 * bounds. Analyzers see hostile files and may be written in plain JavaScript, so nothing is trusted. `part`: the detector whose
 * analyzer it is, where that is no ecosystem.
 */
export function cleanObservation(value: unknown, part: Pick<PartDetector, "clean"> | undefined): Observation | Refusal {
  if (!isRecord(value)) return { refused: "an observation that is no object" };
  if (value["kind"] === "diagnostic") return cleanDiagnostic(value);
  return part === undefined ? cleanPackageFacts(value) : cleanDetected(value, part);
}

/** What ecosystems say: those observations about packages that this package itself puts together. */
function cleanPackageFacts(value: Fields): Observation | Refusal {
  switch (value["kind"]) {
    case "package":
      return cleanPackageObservation(value);
    case "distro":
      return cleanDistroObservation(value);
    case "ownership":
      return {
        kind: "ownership",
        owner: text(value["owner"]) ?? "",
        paths: Array.isArray(value["paths"]) ? value["paths"].filter((path) => typeof path === "string") : [],
      };
    default:
      return { refused: "an observation of an unknown kind" };
  }
}

/** What the detectors of other things say, which they alone understand. */
function cleanDetected(value: Fields, part: Pick<PartDetector, "clean">): Observation | Refusal {
  const data = value["kind"] === "detected" ? part.clean(value["data"]) : undefined;
  return data === undefined
    ? { refused: "an observation that its detector does not know" }
    : { kind: "detected", data };
}

function cleanPackageObservation(value: Fields): Observation | Refusal {
  const found = isRecord(value["package"]) ? value["package"] : {};
  const { name, version } = found;
  if (typeof name !== "string" || name === "") return { refused: "a package without a name" };
  if (typeof version !== "string") return { refused: `package ${name.slice(0, 100)} without a version` };
  if (name.length > maxNameLength) return { refused: `a package name of ${name.length} characters` };
  if (version.length > maxNameLength)
    return { refused: `package ${name.slice(0, 100)} with a version of ${version.length} characters` };
  const line = value["line"];
  const cleaned: Writable<PackageObservation> = { kind: "package", package: cleanPackage(found, name, version) };
  put(cleaned, "at", text(value["at"]));
  if (typeof line === "number" && Number.isSafeInteger(line) && line > 0) cleaned.line = line;
  put(cleaned, "ecosystem", text(value["ecosystem"]));
  put(cleaned, "onlyFor", text(value["onlyFor"]));
  return cleaned;
}

function cleanPackage(found: Fields, name: string, version: string): FoundPackage {
  const source = isRecord(found["source"]) ? found["source"] : {};
  const sourceName = text(source["name"]);
  const sourceVersion = text(source["version"]);
  const cleaned: Writable<FoundPackage> = { name, version };
  if (sourceName !== undefined && sourceVersion !== undefined)
    cleaned.source = { name: sourceName, version: sourceVersion };
  put(cleaned, "architecture", text(found["architecture"]));
  put(cleaned, "licenses", texts(found["licenses"]));
  put(cleaned, "supplier", text(found["supplier"]));
  put(cleaned, "hashes", textRecord(found["hashes"]));
  put(cleaned, "cpes", texts(found["cpes"]));
  put(cleaned, "key", text(found["key"]));
  put(cleaned, "dependsOn", texts(found["dependsOn"]));
  put(cleaned, "scope", oneOf(found["scope"], scopes));
  put(cleaned, "confidence", oneOf(found["confidence"], confidences));
  put(cleaned, "origin", oneOf(found["origin"], origins));
  put(cleaned, "kind", oneOf(found["kind"], kinds));
  put(cleaned, "module", text(found["module"]) || undefined);
  put(cleaned, "relationship", oneOf(found["relationship"], relationships));
  put(cleaned, "facts", textRecord(found["facts"]));
  return cleaned;
}

const scopes = ["dev", "optional"] as const;
const confidences = ["approximate"] as const;
const origins = ["project", "path", "repository", "archive", "manifest"] as const;
const kinds = ["machine-learning-model"] as const;
const relationships = ["root", "workspace", "direct", "indirect"] as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Absent is not undefined. Objects made by spreading cost a third of the reading of a large lock file. */
function put<T, K extends keyof T>(data: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) data[key] = value;
}

function cleanDistroObservation(value: Fields): Observation {
  const given = isRecord(value["distro"]) ? value["distro"] : {};
  const distro: Partial<Distro> = {
    ...single("id", text(given["id"])),
    ...single("versionId", text(given["versionId"])),
    ...single("codename", text(given["codename"])),
    ...single("name", text(given["name"])),
    ...single("prettyName", text(given["prettyName"])),
    ...single("idLike", texts(given["idLike"])),
    ...single("variantId", text(given["variantId"])),
    ...single("cpeName", text(given["cpeName"])),
    ...single("endOfLife", text(given["endOfLife"])),
    ...single("channels", texts(given["channels"])),
    ...single("facts", textRecord(given["facts"])),
  };
  const rank = value["rank"];
  return {
    kind: "distro",
    distro,
    rank: typeof rank === "number" && Number.isFinite(rank) ? rank : 0,
    ...single("onlyFor", text(value["onlyFor"])),
  };
}

function cleanDiagnostic(value: Fields): Diagnostic {
  const place = isRecord(value["location"]) ? value["location"] : undefined;
  const path = text(place?.["path"]);
  const line = place?.["line"];
  return {
    kind: "diagnostic",
    code: (text(value["code"]) ?? "malformed-file") as Diagnostic["code"], // an unknown code is shown as it is
    effect: value["effect"] === "none" ? "none" : "incomplete",
    message: String(value["message"]).slice(0, maxMessageLength),
    ...(path === undefined
      ? {}
      : { location: { path, ...(Number.isSafeInteger(line) ? { line: line as number } : {}) } }), // checked just before
    ...single("analyzer", text(value["analyzer"])),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= maxTextLength ? value : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const kept = value.slice(0, maxListLength);
  // Filtering leaves room for more in what may be one of a million lists.
  const known = kept.every((item) => text(item) !== undefined)
    ? kept
    : compactList(kept.filter((item) => text(item) !== undefined));
  return known.length === 0 ? undefined : known;
}

function textRecord(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value).filter((entry): entry is [string, string] => text(entry[1]) !== undefined);
  // fromEntries defines properties, so that a key named __proto__ is a key like any other.
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === value);
}
