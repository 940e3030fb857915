import { guessedPurl } from "../purl/inferred-purl.ts";
import { append } from "./append.ts";
import { hashName } from "./hash-algorithms.ts";
import { readPropertyLines } from "./property-lines.ts";
import type { Property, SbomComponent, SbomDocument } from "./sbom-document.ts";
import { field, listField, textField, textsField } from "../json/fields.ts";

/** Whether a JSON value is an SPDX 3.0 document (https://spdx.github.io/spdx-spec/v3.0.1/serializations/). */
export function isSpdx3(value: unknown): boolean {
  const context = field(value, "@context");
  const contexts = Array.isArray(context) ? context : [context];
  return (
    contexts.some((it) => typeof it === "string" && it.includes("spdx.org/rdf/3")) &&
    Array.isArray(field(value, "@graph"))
  );
}

/** The packages of the graph, with what annotations and relationships say of them. */
export function readSpdx3(document: unknown): SbomDocument {
  const elements = listField(document, "@graph");
  const links = readRelationships(elements);
  const annotations = readAnnotations(elements);
  const agents = namesOf(elements, /^(?:Organization|Person|SoftwareAgent|Agent)$/);
  const licenses = licenseTexts(elements);
  const packages = elements.filter((element) => typeOf(element) === "software_Package");
  const rootIds = new Set(
    elements.flatMap((element) =>
      /^(?:software_Sbom|SpdxDocument|Bom)$/.test(typeOf(element)) ? textsField(element, "rootElement") : [],
    ),
  );
  const components = packages.map((element, index): SbomComponent => {
    const ref = textField(element, "spdxId") ?? `#${index}`;
    const stated = textField(element, "software_packageUrl") ?? identifiers(element, "packageUrl")[0];
    const version = textField(element, "software_packageVersion");
    const supplier = agents.get(textField(element, "suppliedBy") ?? "");
    const source = /^built package from: (\S+)(?: (.+))?$/.exec(textField(element, "software_sourceInfo") ?? "");
    const name = textField(element, "name") ?? "";
    const kind = kindOf(element, stated);
    const cpes = [...identifiers(element, "cpe23"), ...identifiers(element, "cpe22")];
    const properties = annotations.get(ref) ?? [];
    // Our own documents say in properties exactly what a package is.
    const isOurs = properties.some(({ name: property }) => property === "plimsoll:ecosystem");
    const downloadLocation = textField(element, "software_downloadLocation");
    const guess =
      stated === undefined && kind === "package" && !rootIds.has(ref) && !isOurs
        ? guessedPurl({ ref, name, version, supplier, downloadLocation, references: [] }, cpes.length > 0)
        : undefined;
    return {
      ref,
      kind,
      name,
      ...(version === undefined ? {} : { version }),
      ...(stated === undefined ? {} : { purl: stated }),
      ...(guess === undefined ? {} : { purl: guess, purlIsInferred: true }),
      ...(supplier === undefined ? {} : { supplier }),
      ...(source?.[1] === undefined
        ? {}
        : { source: { name: source[1], ...(source[2] === undefined ? {} : { version: source[2] }) } }),
      licenses: (links.licenses.get(ref) ?? []).flatMap((id) => licenses.get(id) ?? []),
      cpes,
      hashes: Object.fromEntries(
        listField(element, "verifiedUsing").flatMap((hash): [string, string][] => {
          const name = hashName(textField(hash, "algorithm") ?? "");
          const hex = textField(hash, "hashValue");
          return name === undefined || hex === undefined ? [] : [[name, hex]];
        }),
      ),
      properties,
      paths: [],
      dependsOn: links.edges.get(ref) ?? [],
    };
  });
  const subject = components.find(({ ref, kind }) => rootIds.has(ref) && kind === "group");
  const distro = components.find(({ kind }) => kind === "distro");
  return {
    format: "SPDX 3",
    ...(subject === undefined ? {} : { subject }),
    ...(subject === undefined || !links.needs.has(subject.ref)
      ? {}
      : { subjectNeeds: links.needs.get(subject.ref) ?? [] }),
    components,
    ...(distro === undefined
      ? {}
      : { distro: { name: distro.name, ...(distro.version === undefined ? {} : { version: distro.version }) } }),
  };
}

function kindOf(element: unknown, purl: string | undefined): SbomComponent["kind"] {
  const purpose = textField(element, "software_primaryPurpose");
  if (purpose === "operatingSystem") return "distro";
  if (purl !== undefined) return "package";
  return purpose === "container" || purpose === "source" || purpose === "filesystemImage" ? "group" : "package";
}

interface Links {
  readonly edges: ReadonlyMap<string, string[]>;
  /** The relationships that mean that one package needs another, and not that it contains it. */
  readonly needs: ReadonlyMap<string, string[]>;
  readonly licenses: ReadonlyMap<string, string[]>;
}

function readRelationships(elements: readonly unknown[]): Links {
  const edges = new Map<string, string[]>();
  const needs = new Map<string, string[]>();
  const licenses = new Map<string, string[]>();
  for (const element of elements) {
    const from = textField(element, "from");
    const type = textField(element, "relationshipType");
    if (from === undefined) continue;
    const target =
      type === "contains" || type === "dependsOn" ? edges : type === "hasDeclaredLicense" ? licenses : undefined;
    if (target !== undefined) append(target, from, textsField(element, "to"));
    if (type === "dependsOn") append(needs, from, textsField(element, "to"));
  }
  return { edges, needs, licenses };
}

function readAnnotations(elements: readonly unknown[]): ReadonlyMap<string, Property[]> {
  const annotations = new Map<string, Property[]>();
  for (const element of elements) {
    const subject = textField(element, "subject");
    const statement = textField(element, "statement");
    if (typeOf(element) !== "Annotation" || subject === undefined || statement === undefined) continue;
    append(annotations, subject, readPropertyLines(statement));
  }
  return annotations;
}

function licenseTexts(elements: readonly unknown[]): ReadonlyMap<string, string> {
  return new Map(
    elements.flatMap((element): [string, string][] => {
      const id = textField(element, "spdxId");
      const text =
        textField(element, "simplelicensing_licenseExpression") ?? textField(element, "simplelicensing_licenseText");
      return id === undefined || text === undefined ? [] : [[id, text]];
    }),
  );
}

function namesOf(elements: readonly unknown[], type: RegExp): ReadonlyMap<string, string> {
  return new Map(
    elements.flatMap((element): [string, string][] => {
      const id = textField(element, "spdxId");
      const name = textField(element, "name");
      return id === undefined || name === undefined || !type.test(typeOf(element)) ? [] : [[id, name]];
    }),
  );
}

function identifiers(element: unknown, type: string): string[] {
  return listField(element, "externalIdentifier").flatMap((it) =>
    textField(it, "externalIdentifierType") === type ? (textField(it, "identifier") ?? []) : [],
  );
}

function typeOf(element: unknown): string {
  return textField(element, "type") ?? textField(element, "@type") ?? "";
}
