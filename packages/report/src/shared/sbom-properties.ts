import type { Property } from "@plimsoll/formats";
import type { Artifact, Diagnostic, Distro, LayerInfo, LayerRef, Package, PackageLocation } from "@plimsoll/model";
import { packageClass } from "./package-class.ts";
import { stableJson } from "./json-text.ts";

/**
 * Facts about a package that have no standard SBOM field, so that matching the SBOM gives the same findings as matching the image.
 * The `plimsoll:` namespace is ours; its values are text, or JSON where they have parts.
 */
export function packageProperties(pkg: Package): readonly Property[] {
  return [
    property("plimsoll:ecosystem", pkg.ecosystem),
    property("plimsoll:name", pkg.name),
    property("plimsoll:class", pkg.class),
    property("plimsoll:source:name", pkg.source?.name),
    property("plimsoll:source:version", pkg.source?.version),
    property("plimsoll:architecture", pkg.architecture),
    property("plimsoll:supplier", pkg.supplier),
    property("plimsoll:scope", pkg.scope),
    property("plimsoll:confidence", pkg.confidence),
    property("plimsoll:origin", pkg.origin),
    property("plimsoll:kind", pkg.kind),
    property("plimsoll:module", pkg.module),
    property("plimsoll:relationship", pkg.relationship),
    ...(pkg.licenses ?? []).map((license) => property("plimsoll:license", license)),
    ...Object.entries(pkg.facts ?? {})
      .filter(([key]) => factKey.test(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => property(`plimsoll:fact:${key}`, value)),
    ...pkg.locations.map((location) => property("plimsoll:location", stableJson(compactLocation(location)))),
    ...(pkg.foundBy ?? []).map((analyzer) => property("plimsoll:foundBy", analyzer)),
  ].flat();
}

/** Facts are named by analyzers, never by images; anything else came from a strange SBOM. */
const factKey = /^[\w.-]{1,100}$/;

/** Layers are named by index; the artifact's properties say which they are. */
function compactLocation(location: PackageLocation): Record<string, unknown> {
  return { ...location, layer: location.layer?.index };
}

/** The same for the artifact: its layers, its distribution, and what could not be read. */
export function artifactProperties(artifact: Artifact, diagnostics: readonly Diagnostic[]): readonly Property[] {
  return [
    property("plimsoll:kind", artifact.kind),
    property("plimsoll:digest", artifact.digest),
    ...(artifact.indexDigests ?? []).map((digest) => property("plimsoll:indexDigest", digest)),
    property("plimsoll:version", artifact.version),
    property("plimsoll:purl", artifact.purl),
    property("plimsoll:platform", artifact.platform),
    ...(artifact.tags ?? []).map((tag) => property("plimsoll:tag", tag)),
    property("plimsoll:distro", artifact.distro === undefined ? undefined : stableJson(artifact.distro)),
    ...artifact.layers.map((layer) => property("plimsoll:layer", stableJson(layer))),
    ...diagnostics.map((diagnostic) => property("plimsoll:diagnostic", stableJson(diagnostic))),
  ].flat();
}

/**
 * The names under which Trivy reads and writes the same facts, without its `aquasecurity:trivy:` prefix:
 * Trivy needs the source package among them to match distribution packages.
 */
export function trivyProperties(pkg: Package, artifact: Artifact): readonly Property[] {
  const layer = pkg.locations[0]?.layer;
  const source = pkg.source === undefined ? undefined : splitVersion(pkg.source.version);
  return [
    property("FilePath", packageClass(pkg) === "os" ? undefined : pkg.locations[0]?.path),
    property("LayerDiffID", layer?.diffId),
    property("LayerDigest", layerOf(artifact, layer)?.digest),
    property("Modularitylabel", pkg.module),
    property("PkgID", `${pkg.name}@${pkg.version}`),
    property("PkgType", packageClass(pkg) === "os" ? artifact.distro?.id : pkg.ecosystem),
    property("SrcEpoch", source?.epoch),
    property("SrcName", pkg.source?.name),
    property("SrcRelease", source?.release),
    property("SrcVersion", source?.version),
  ].flat();
}

/** Trivy's facts about the image, without prefix. */
export function trivyArtifactProperties(artifact: Artifact): readonly Property[] {
  return [
    ...artifact.layers.map((layer) => property("DiffID", layer.diffId)),
    property("ImageID", artifact.digest),
    ...(artifact.tags ?? []).map((tag) => property("RepoTag", tag)),
    property("SchemaVersion", "2"),
  ].flat();
}

/** Splits `epoch:version-release`. Only the version is always there. */
function splitVersion(text: string): { epoch?: string; version: string; release?: string } {
  const colon = /^\d+:/.exec(text)?.[0].length ?? 0;
  const dash = text.lastIndexOf("-");
  const epoch = colon > 0 ? { epoch: text.slice(0, colon - 1) } : {};
  return dash > colon
    ? { ...epoch, version: text.slice(colon, dash), release: text.slice(dash + 1) }
    : { ...epoch, version: text.slice(colon) };
}

const layersOf = new WeakMap<Artifact, ReadonlyMap<number, LayerInfo>>();

/** Looked up once per package; the index is made once per artifact. */
function layerOf(artifact: Artifact, ref: LayerRef | undefined): LayerInfo | undefined {
  if (ref === undefined) return undefined;
  const layers = layersOf.get(artifact) ?? new Map(artifact.layers.map((layer) => [layer.index, layer]));
  layersOf.set(artifact, layers);
  return layers.get(ref.index);
}

function property(name: string, value: string | undefined): readonly Property[] {
  return value === undefined || value === "" ? [] : [{ name, value }];
}

/** The version of a distribution, for formats that have room for a name and a version only. */
export function distroVersion(distro: Distro): string {
  return distro.versionId ?? distro.codename ?? "";
}
