import { append } from "./append.ts";
import type { Property, SbomComponent, SbomDocument } from "./sbom-document.ts";
import { field, listField, textField, textsField } from "../json/fields.ts";
import { mapped } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";

/** To read a package takes about as long as looking at so many bytes. */
const bytesPerPackage = 2_048;

/** Whether a JSON value is Syft's own document (https://github.com/anchore/syft/tree/main/schema/json). */
export function isSyft(value: unknown): boolean {
  return (
    Array.isArray(field(value, "artifacts")) && textField(field(value, "schema"), "url")?.includes("syft") === true
  );
}

/** Packages, distribution and layers of Syft's own JSON. */
export function* readSyft(document: unknown): Steps<SbomDocument> {
  const needs = new Map<string, string[]>();
  for (const relationship of listField(document, "artifactRelationships")) {
    const parent = textField(relationship, "parent");
    const child = textField(relationship, "child");
    // The parent is what the child depends on.
    if (textField(relationship, "type") !== "dependency-of" || parent === undefined || child === undefined) continue;
    append(needs, child, [parent]);
    yield bytesPerPackage / 8;
  }
  const distro = field(document, "distro");
  const name = textField(distro, "id") ?? textField(distro, "name");
  const version = textField(distro, "versionID") ?? textField(distro, "version");
  return {
    format: "Syft JSON",
    subject: subject(field(document, "source")),
    components: yield* mapped(listField(document, "artifacts"), bytesPerPackage, (artifact, index) =>
      component(artifact, index, needs),
    ),
    ...(name === undefined ? {} : { distro: { name, ...(version === undefined ? {} : { version }) } }),
  };
}

function subject(source: unknown): SbomComponent {
  const image = field(source, "metadata") ?? field(source, "target");
  const target = field(source, "target");
  const version = textField(image, "manifestDigest");
  const properties = [
    ...listField(image, "layers").flatMap((layer) => propertyOf("DiffID", textField(layer, "digest"))),
    ...textsField(image, "tags").flatMap((tag) => propertyOf("RepoTag", tag)),
  ];
  return {
    ...blank("#source", "group"),
    name: textField(image, "userInput") ?? textField(source, "name") ?? (typeof target === "string" ? target : "sbom"),
    ...(version === undefined ? {} : { version }),
    properties,
  };
}

function component(artifact: unknown, index: number, needs: ReadonlyMap<string, readonly string[]>): SbomComponent {
  const ref = textField(artifact, "id") ?? `#${index}`;
  const version = textField(artifact, "version");
  const purl = textField(artifact, "purl");
  const locations = listField(artifact, "locations");
  return {
    ...blank(ref, "package"),
    name: textField(artifact, "name") ?? "",
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    licenses: listField(artifact, "licenses").flatMap(
      (license) => (typeof license === "string" ? license : textField(license, "value")) ?? [],
    ),
    cpes: listField(artifact, "cpes").flatMap((cpe) => (typeof cpe === "string" ? cpe : textField(cpe, "cpe")) ?? []),
    properties: propertyOf("LayerDiffID", textField(locations[0], "layerID")),
    paths: locations.flatMap((location) => textField(location, "path") ?? []),
    dependsOn: needs.get(ref) ?? [],
  };
}

function blank(ref: string, kind: SbomComponent["kind"]): SbomComponent {
  return { ref, kind, name: "", licenses: [], cpes: [], hashes: {}, properties: [], paths: [], dependsOn: [] };
}

/** A fact of Syft's as a property under the name by which the reader of SBOMs knows it. */
function propertyOf(name: string, value: string | undefined): Property[] {
  return value === undefined ? [] : [{ name: `aquasecurity:trivy:${name}`, value }];
}
