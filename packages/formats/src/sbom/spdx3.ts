import { guessedPurl } from "../purl/inferred-purl.ts";
import { append } from "./append.ts";
import { hashName } from "./hash-algorithms.ts";
import { readPropertyLines } from "./property-lines.ts";
import type { Property, SbomComponent, SbomDocument } from "./sbom-document.ts";
import { field, listField, textField, textsField } from "../json/fields.ts";
import { mapped } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";

/** Whether a JSON value is an SPDX 3.0 document (https://spdx.github.io/spdx-spec/v3.0.1/serializations/). */
export function isSpdx3(value: unknown): boolean {
  const context = field(value, "@context");
  const contexts = Array.isArray(context) ? context : [context];
  return (
    contexts.some((it) => typeof it === "string" && it.includes("spdx.org/rdf/3")) &&
    Array.isArray(field(value, "@graph"))
  );
}

/** To read a package, or another element, takes about as long as looking at so many bytes. */
const bytesPerPackage = 2_048;
const bytesPerElement = 512;

/** The packages of the graph, with what annotations and relationships say of them. */
export function* readSpdx3(document: unknown): Steps<SbomDocument> {
  const graph = yield* readGraph(listField(document, "@graph"));
  const { edges, needs, declared, annotations, agents, licenses, parts, rootIds } = graph;
  const components = yield* mapped(graph.packages, bytesPerPackage, (element, index): SbomComponent => {
    const ref = textField(element, "spdxId") ?? `#${index}`;
    const stated = textField(element, "software_packageUrl") ?? identifiers(element, /^(?:packageUrl|purl)$/, parts)[0];
    const version = textField(element, "software_packageVersion");
    const supplier = agents.get(textField(element, "suppliedBy") ?? "");
    const source = /^built package from: (\S+)(?: (.+))?$/.exec(textField(element, "software_sourceInfo") ?? "");
    const name = textField(element, "name") ?? "";
    const kind = kindOf(element, stated);
    const cpes = [...identifiers(element, /^cpe23/, parts), ...identifiers(element, /^cpe22/, parts)];
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
      licenses: (declared.get(ref) ?? []).flatMap((id) => licenses.get(id) ?? []),
      cpes,
      hashes: Object.fromEntries(
        partsOf(element, "verifiedUsing", parts).flatMap((hash): [string, string][] => {
          const name = hashName(textField(hash, "algorithm") ?? "");
          const hex = textField(hash, "hashValue");
          return name === undefined || hex === undefined ? [] : [[name, hex]];
        }),
      ),
      properties,
      paths: [],
      dependsOn: edges.get(ref) ?? [],
    };
  });
  const subject = components.find(({ ref, kind }) => rootIds.has(ref) && kind === "group");
  const distro = components.find(({ kind }) => kind === "distro");
  return {
    format: "SPDX 3",
    ...(subject === undefined ? {} : { subject }),
    ...(subject === undefined || !needs.has(subject.ref) ? {} : { subjectNeeds: needs.get(subject.ref) ?? [] }),
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

interface Graph {
  readonly packages: readonly unknown[];
  readonly edges: ReadonlyMap<string, string[]>;
  /** The relationships that mean that one package needs another, and not that it contains it. */
  readonly needs: ReadonlyMap<string, string[]>;
  /** Ids of declared licences. */
  readonly declared: ReadonlyMap<string, string[]>;
  readonly annotations: ReadonlyMap<string, Property[]>;
  /** Names of organisations, persons and programs. */
  readonly agents: ReadonlyMap<string, string>;
  /** Texts of licences. */
  readonly licenses: ReadonlyMap<string, string>;
  /** Identifiers and hashes that stand in the graph by themselves, where packages name them by their ids (sbom-tool). */
  readonly parts: ReadonlyMap<string, unknown>;
  /** Ids of what documents are about. */
  readonly rootIds: ReadonlySet<string>;
}

function* readGraph(elements: readonly unknown[]): Steps<Graph> {
  const packages: unknown[] = [];
  const edges = new Map<string, string[]>();
  const needs = new Map<string, string[]>();
  const declared = new Map<string, string[]>();
  const annotations = new Map<string, Property[]>();
  const agents = new Map<string, string>();
  const licenses = new Map<string, string>();
  const parts = new Map<string, unknown>();
  const rootIds = new Set<string>();
  for (const element of elements) {
    const type = typeOf(element);
    if (type === "software_Package") packages.push(element);
    if (/^(?:software_Sbom|SpdxDocument|Bom)$/.test(type))
      for (const id of textsField(element, "rootElement")) rootIds.add(id);
    const from = textField(element, "from");
    const relation = textField(element, "relationshipType");
    if (from !== undefined && relation !== undefined) {
      const to = textsField(element, "to");
      if (relation === "contains" || relation === "dependsOn") append(edges, from, to);
      if (relation === "dependsOn") append(needs, from, to);
      if (relation === "hasDeclaredLicense") append(declared, from, to);
    }
    const subject = textField(element, "subject");
    const statement = textField(element, "statement");
    if (type === "Annotation" && subject !== undefined && statement !== undefined)
      append(annotations, subject, readPropertyLines(statement));
    const id = textField(element, "spdxId");
    const name = textField(element, "name");
    if (id !== undefined && name !== undefined && /^(?:Organization|Person|SoftwareAgent|Agent)$/.test(type))
      agents.set(id, name);
    const license =
      textField(element, "simplelicensing_licenseExpression") ?? textField(element, "simplelicensing_licenseText");
    if (id !== undefined && license !== undefined) licenses.set(id, license);
    const nodeId = id ?? textField(element, "@id");
    if (nodeId !== undefined && /^(?:ExternalIdentifier|Hash)$/.test(type)) parts.set(nodeId, element);
    yield bytesPerElement;
  }
  return { packages, edges, needs, declared, annotations, agents, licenses, parts, rootIds };
}

function identifiers(element: unknown, type: RegExp, parts: Graph["parts"]): string[] {
  return partsOf(element, "externalIdentifier", parts).flatMap((it) =>
    type.test(textField(it, "externalIdentifierType") ?? "") ? (textField(it, "identifier") ?? []) : [],
  );
}

/** The parts of an element, whether they stand in it or are named by their ids, as JSON-LD allows. */
function partsOf(element: unknown, key: string, parts: Graph["parts"]): unknown[] {
  return listField(element, key).map((it) => (typeof it === "string" ? parts.get(it) : it));
}

function typeOf(element: unknown): string {
  return textField(element, "type") ?? textField(element, "@type") ?? "";
}
