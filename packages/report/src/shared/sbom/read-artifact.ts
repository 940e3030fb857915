import { isDigest } from "@plimsoll/model";
import type { Artifact, Diagnostic, DiagnosticCode, Distro, LayerInfo, Location } from "@plimsoll/model";
import { distroId, field, jsonIn, releaseNamed, textField } from "@plimsoll/formats";
import { indexProperties } from "./property-index.ts";
import { parseDistro } from "./read-distro.ts";
import type { SbomDocument } from "@plimsoll/formats";

/** The artifact that the SBOM describes. */
export function readArtifact(document: SbomDocument, distroOfPackages: Distro | undefined): Artifact {
  const { subject } = document;
  const properties = indexProperties(subject?.properties ?? []);
  const digest = [
    properties.one("plimsoll:digest"),
    properties.one("aquasecurity:trivy:ImageID"),
    subject?.version,
  ].find(isDigest);
  const indexDigests = [
    ...properties.all("plimsoll:indexDigest"),
    // `name@sha256:…`
    ...properties.all("aquasecurity:trivy:RepoDigest").map((text) => text.slice(text.lastIndexOf("@") + 1)),
  ].filter(isDigest);
  const stated = properties.one("plimsoll:version") ?? subject?.version;
  const version = stated === "" || isDigest(stated) ? undefined : stated;
  const purl = properties.one("plimsoll:purl") ?? (subject?.purlIsInferred === true ? undefined : subject?.purl);
  const platform = properties.one("plimsoll:platform");
  const tags = [...properties.all("plimsoll:tag"), ...properties.all("aquasecurity:trivy:RepoTag")];
  const distro = readDistro(document, properties.one("plimsoll:distro")) ?? distroOfPackages;
  return {
    name: subject?.name ?? "sbom",
    kind: "sbom",
    ...(digest === undefined ? {} : { digest }),
    ...(indexDigests.length === 0 ? {} : { indexDigests: [...new Set(indexDigests)] }),
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    ...(platform === undefined ? {} : { platform }),
    ...(tags.length === 0 ? {} : { tags: [...new Set(tags)] }),
    ...(distro === undefined ? {} : { distro }),
    layers: layersOf(properties.all("plimsoll:layer"), properties.all("aquasecurity:trivy:DiffID")),
  };
}

function readDistro(document: SbomDocument, own: string | undefined): Distro | undefined {
  const stated = own === undefined ? undefined : parseDistro(own);
  if (stated !== undefined || document.distro === undefined) return stated;
  const { name, version } = document.distro;
  const named = releaseNamed(version ?? "");
  if (named?.id === distroId(name)) return { ...named, codename: (version ?? "").trim().toLowerCase() };
  return { id: distroId(name), ...(version === undefined || version === "" ? {} : { versionId: version }) };
}

function layersOf(own: readonly string[], diffIds: readonly string[]): readonly LayerInfo[] {
  if (own.length > 0) return own.flatMap((text) => layerOfProperty(text) ?? []).sort((a, b) => a.index - b.index);
  return diffIds.filter(isDigest).map((diffId, index) => ({ index, diffId, digest: diffId, size: 0 }));
}

function layerOfProperty(text: string): LayerInfo | undefined {
  const value = jsonIn(text);
  const diffId = textField(value, "diffId");
  const digest = textField(value, "digest") ?? diffId;
  const index = field(value, "index");
  const size = field(value, "size");
  const createdBy = textField(value, "createdBy");
  const base = field(value, "base");
  if (!isDigest(diffId) || !isDigest(digest) || !isIndex(index)) return undefined;
  return {
    index,
    digest,
    diffId,
    size: isIndex(size) ? size : 0,
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(typeof base === "boolean" ? { base } : {}),
  };
}

/** The diagnostics of the scan that wrote the document, so that matching it again still states what could not be read. */
export function readDiagnostics(document: SbomDocument): Diagnostic[] {
  return indexProperties(document.subject?.properties ?? [])
    .all("plimsoll:diagnostic")
    .flatMap((text) => readDiagnostic(jsonIn(text)) ?? []);
}

const codes: Readonly<Record<DiagnosticCode, true>> = {
  "malformed-file": true,
  "malformed-version": true,
  "malformed-layer": true,
  "malformed-advisory": true,
  "limit-exceeded": true,
  "unsupported-format": true,
  "unresolved-dependencies": true,
  "unreadable-file": true,
  "unknown-distro": true,
  "unsupported-distro": true,
  "no-advisories": true,
  "third-party-package": true,
  "unknown-version": true,
  "stale-advisories": true,
  "digest-mismatch": true,
  "analyzer-failed": true,
  "unresolved-configuration": true,
  "check-failed": true,
  "untrusted-attestation": true,
  "unrated-findings": true,
  triage: true,
};

function readDiagnostic(value: unknown): Diagnostic | undefined {
  const code = textField(value, "code");
  const message = textField(value, "message");
  const effect = field(value, "effect");
  const analyzer = textField(value, "analyzer");
  if (message === undefined || (effect !== "none" && effect !== "incomplete") || !isCode(code)) return undefined;
  const location = readLocation(field(value, "location"));
  return {
    kind: "diagnostic",
    code,
    effect,
    message,
    ...(location === undefined ? {} : { location }),
    ...(analyzer === undefined ? {} : { analyzer }),
  };
}

function readLocation(value: unknown): Location | undefined {
  const path = textField(value, "path");
  const layer = field(value, "layer");
  const diffId = textField(layer, "diffId");
  const index = field(layer, "index");
  const line = field(value, "line");
  if (path === undefined) return undefined;
  return {
    path,
    ...(isDigest(diffId) && isIndex(index) ? { layer: { index, diffId } } : {}),
    ...(isIndex(line) ? { line } : {}),
  };
}

function isCode(code: string | undefined): code is DiagnosticCode {
  return code !== undefined && Object.hasOwn(codes, code);
}

export function isIndex(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
