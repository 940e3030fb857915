// Clair's clients send what its schemas ask for, and more: what is not needed is not looked at, so that six of the published examples,
// which break the schemas, are understood too.
import { isRecord } from "@plimsoll/formats";
import { isDigest } from "@plimsoll/model";
import { HttpError } from "../http/http-error.ts";
import type { ClairLayer, ClairManifest, ClairPackage, ClairVulnerabilityCore } from "./documents.ts";

const maxLayers = 10_000;

/** A manifest to be indexed. @throws HttpError 400 */
export function readManifest(value: unknown): ClairManifest {
  if (!isRecord(value)) throw bad("a manifest is an object");
  const { hash, layers = [] } = value;
  if (!isDigest(hash)) throw bad('the manifest\'s "hash" is no digest such as sha256:…');
  if (layers !== null && !Array.isArray(layers)) throw bad('the manifest\'s "layers" is no list');
  const list: readonly unknown[] = layers ?? [];
  if (list.length > maxLayers) throw bad(`a manifest has at most ${maxLayers} layers`);
  return { hash, layers: list.map(readLayer) };
}

function readLayer(value: unknown, index: number): ClairLayer {
  if (!isRecord(value)) throw bad(`layer ${index} is no object`);
  const { hash, uri, headers } = value;
  if (!isDigest(hash)) throw bad(`the "hash" of layer ${index} is no digest`);
  if (typeof uri !== "string" || !URL.canParse(uri)) throw bad(`the "uri" of layer ${index} is no URI`);
  if (headers === undefined || headers === null) return { hash, uri };
  if (!isRecord(headers)) throw bad(`the "headers" of layer ${index} are no object`);
  const read = Object.entries(headers).map(([name, values]) => {
    const texts = Array.isArray(values) ? values : [values];
    if (!/^[a-zA-Z0-9\-_]+$/.test(name) || !texts.every((text) => typeof text === "string" && !/[\r\n\0]/.test(text)))
      throw bad(`the header "${name.slice(0, 100)}" of layer ${index} cannot be sent`);
    return [name, texts as readonly string[]] as const; // as: checked
  });
  return { hash, uri, headers: Object.fromEntries(read) };
}

/** Digests of manifests to be deleted. @throws HttpError 400 */
export function readBulkDelete(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw bad("a bulk delete is a list of digests");
  return value.map((digest: unknown, at) => {
    if (!isDigest(digest)) throw bad(`entry ${at} is no digest`);
    return digest;
  });
}

/** The vulnerabilities to find in indexed manifests: a list, or the object that Clair's own client sends. @throws HttpError 400 */
export function readSummaries(value: unknown): readonly ClairVulnerabilityCore[] {
  const list = isRecord(value) ? value["vulnerabilities"] : value;
  if (!Array.isArray(list)) throw bad("vulnerability summaries are a list");
  return list.map((summary: unknown, at) => {
    if (!isRecord(summary) || typeof summary["name"] !== "string") throw bad(`summary ${at} has no "name"`);
    const distribution = readNamed(summary["distribution"] ?? summary["dist"]);
    const repository = readNamed(summary["repository"] ?? summary["repo"]);
    const pkg = readPackage(summary["package"]);
    return {
      name: summary["name"],
      normalized_severity: "Unknown",
      ...text(summary, "fixed_in_version"),
      ...range(summary["range"]),
      ...(pkg === undefined ? {} : { package: pkg }),
      ...(distribution === undefined ? {} : { distribution }),
      ...(repository === undefined ? {} : { repository }),
    };
  });
}

function range(value: unknown): Pick<ClairVulnerabilityCore, "range"> {
  return isRecord(value) ? { range: { ...text(value, "["), ...text(value, ")") } } : {};
}

function readPackage(value: unknown): Omit<ClairPackage, "id"> | undefined {
  if (!isRecord(value) || typeof value["name"] !== "string" || value["name"] === "") return undefined;
  const kind = String(value["kind"] ?? "").toUpperCase() === "SOURCE" ? "SOURCE" : "BINARY";
  return {
    name: value["name"],
    version: "",
    kind,
    ...text(value, "version"),
    ...text(value, "arch"),
    ...text(value, "module"),
  };
}

function readNamed(
  value: unknown,
): { readonly id: string; readonly did?: string; readonly version_id?: string; readonly name?: string } | undefined {
  if (!isRecord(value)) return undefined;
  const read = {
    id: "",
    ...text(value, "id"),
    ...text(value, "did"),
    ...text(value, "version_id"),
    ...text(value, "name"),
  };
  return Object.values(read).some((word) => word !== "") ? read : undefined;
}

function text<const Key extends string>(
  value: Readonly<Record<string, unknown>>,
  key: Key,
): { readonly [K in Key]?: string } {
  const found = value[key];
  return (typeof found === "string" && found !== "" ? { [key]: found } : {}) as { readonly [K in Key]?: string }; // as: one key, checked
}

function bad(message: string): HttpError {
  return new HttpError(400, message);
}
