import { append } from "./append.ts";
import { hashName } from "./hash-algorithms.ts";
import { guessedPurl } from "../purl/inferred-purl.ts";
import { readPropertyLines } from "./property-lines.ts";
import type { Property, SbomComponent, SbomDocument } from "./sbom-document.ts";
import { listField, textField, textsField } from "../json/fields.ts";
import { mapped } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";

/** To read a package takes about as long as looking at so many bytes. */
const bytesPerPackage = 2_048;

/** Whether a JSON (or YAML) value is an SPDX 2 document. */
export function isSpdx2(value: unknown): boolean {
  return textField(value, "spdxVersion")?.startsWith("SPDX-2") === true;
}

/** The packages and relationships of an SPDX 2.2 or 2.3 document. */
export function* readSpdx2(document: unknown): Steps<SbomDocument> {
  const graph = yield* readGraph(document);
  const licenseTexts = new Map(
    listField(document, "hasExtractedLicensingInfos").flatMap((info): [string, string][] => {
      const id = textField(info, "licenseId");
      const text = textField(info, "extractedText") ?? textField(info, "name");
      return id === undefined || text === undefined ? [] : [[id, text]];
    }),
  );
  const files = new Map(
    listField(document, "files").flatMap((file): [string, string][] => {
      const id = textField(file, "SPDXID");
      const name = textField(file, "fileName");
      return id === undefined || name === undefined ? [] : [[id, name.replace(/^\.\//, "")]];
    }),
  );
  const components = yield* mapped(listField(document, "packages"), bytesPerPackage, (pkg, index) =>
    component(pkg, index, graph.edges, licenseTexts, files, (ref) => graph.described.has(ref)),
  );
  const subject = components.find(({ ref }) => graph.described.has(ref));
  const distro = components.find(({ kind }) => kind === "distro");
  return {
    format: textField(document, "spdxVersion") ?? "SPDX",
    ...(subject === undefined ? {} : { subject }),
    ...(subject === undefined || !graph.needs.has(subject.ref)
      ? {}
      : { subjectNeeds: graph.needs.get(subject.ref) ?? [] }),
    components,
    ...(distro === undefined
      ? {}
      : {
          distro: {
            name: propertyOf(distro, "aquasecurity:trivy:Type") ?? distro.name,
            ...(distro.version === undefined ? {} : { version: distro.version }),
          },
        }),
  };
}

interface Graph {
  readonly described: ReadonlySet<string>;
  readonly edges: ReadonlyMap<string, readonly string[]>;
  /** The relationships that mean that one package needs another, and not that it contains it. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
}

/** Reads the relationships, which SPDX writes in either direction: always from the package that contains or needs to what it contains or needs. */
function* readGraph(document: unknown): Steps<Graph> {
  const described = new Set(textsField(document, "documentDescribes"));
  const edges = new Map<string, string[]>();
  const needs = new Map<string, string[]>();
  const link = (from: string, to: string): void => append(edges, from, [to]);
  const need = (from: string, to: string): void => {
    link(from, to);
    append(needs, from, [to]);
  };
  for (const relationship of listField(document, "relationships")) {
    const from = textField(relationship, "spdxElementId");
    const to = textField(relationship, "relatedSpdxElement");
    const type = textField(relationship, "relationshipType");
    if (from === undefined || to === undefined) continue;
    yield bytesPerPackage / 8;
    if (type === "DESCRIBES") described.add(to);
    else if (type === "DESCRIBED_BY") described.add(from);
    else if (type === "DEPENDS_ON") need(from, to);
    else if (type?.endsWith("DEPENDENCY_OF") === true) need(to, from);
    else if (type === "CONTAINS") link(from, to);
    else if (type === "CONTAINED_BY") link(to, from);
    // Syft says with OTHER that a file is the evidence of a package.
    else if (type === "OTHER") link(from, to);
  }
  return { described, edges, needs };
}

function component(
  pkg: unknown,
  index: number,
  edges: ReadonlyMap<string, readonly string[]>,
  licenseTexts: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, string>,
  isDescribed: (ref: string) => boolean,
): SbomComponent {
  const ref = textField(pkg, "SPDXID") ?? `#${index}`;
  const references = listField(pkg, "externalRefs");
  const locators = (...types: readonly string[]): string[] =>
    references.flatMap((reference) => {
      const type = textField(reference, "referenceType");
      const locator = textField(reference, "referenceLocator");
      return type !== undefined && types.some((wanted) => type.endsWith(wanted)) && locator !== undefined
        ? [locator]
        : [];
    });
  const [stated] = locators("purl");
  const version = textField(pkg, "versionInfo");
  const supplier = supplierName(textField(pkg, "supplier"));
  const source = sourcePackage(textField(pkg, "sourceInfo"));
  const dependsOn = [...(edges.get(ref) ?? []), ...textsField(pkg, "hasFiles")];
  const name = textField(pkg, "name") ?? "";
  const kind = kindOf(pkg, ref, stated);
  const properties = propertiesOf(pkg);
  const guess =
    stated === undefined && kind === "package" && !isDescribed(ref) && !isOurs(properties)
      ? guessedPurl(
          {
            ref,
            name,
            version,
            supplier: textField(pkg, "supplier") ?? textField(pkg, "originator"),
            downloadLocation: textField(pkg, "downloadLocation"),
            references: references.flatMap((reference) => {
              const type = textField(reference, "referenceType");
              const locator = textField(reference, "referenceLocator");
              return type === undefined || locator === undefined ? [] : [{ type, locator }];
            }),
          },
          locators("cpe23Type", "cpe22Type").length > 0,
        )
      : undefined;
  return {
    ref,
    kind,
    name,
    ...(version === undefined ? {} : { version }),
    ...(stated === undefined ? {} : { purl: stated }),
    ...(guess === undefined ? {} : { purl: guess, purlIsInferred: true }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(source === undefined ? {} : { source }),
    licenses: licenses(textField(pkg, "licenseDeclared"), licenseTexts),
    cpes: locators("cpe23Type", "cpe22Type"),
    hashes: Object.fromEntries(
      listField(pkg, "checksums").flatMap((checksum): [string, string][] => {
        const name = hashName(textField(checksum, "algorithm") ?? "");
        const hex = textField(checksum, "checksumValue");
        return name === undefined || hex === undefined ? [] : [[name, hex]];
      }),
    ),
    properties,
    paths: dependsOn.flatMap((target) => files.get(target) ?? []),
    dependsOn,
  };
}

/** Whether properties are those that Plimsoll's own documents write. */
function isOurs(properties: readonly Property[]): boolean {
  return properties.some(({ name }) => name === "plimsoll:ecosystem");
}

function kindOf(pkg: unknown, ref: string, purl: string | undefined): SbomComponent["kind"] {
  const purpose = textField(pkg, "primaryPackagePurpose")?.replace("_", "-");
  if (purpose === "OPERATING-SYSTEM" || ref.startsWith("SPDXRef-OperatingSystem")) return "distro";
  if (purl !== undefined) return "package";
  if (
    purpose === "CONTAINER" ||
    purpose === "SOURCE" ||
    purpose === "FILE" ||
    /^SPDXRef-(?:Application|ContainerImage|Filesystem|DocumentRoot)/.test(ref)
  )
    return "group";
  return "package";
}

function supplierName(text: string | undefined): string | undefined {
  const [, kind, name, mail] = /^(Person|Organization): ([^(]*)(?:\((.*)\))?$/.exec(text ?? "") ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return mail === undefined || mail === "" ? name.trim() : `${name.trim()} <${mail}>`;
}

/** Reads the source package from the text in which Trivy and Plimsoll write it. */
function sourcePackage(text: string | undefined): { name: string; version?: string } | undefined {
  const [, name, version] = /^built package from: (\S+)(?: (.+))?$/.exec(text ?? "") ?? [];
  return name === undefined ? undefined : { name, ...(version === undefined ? {} : { version }) };
}

function licenses(declared: string | undefined, texts: ReadonlyMap<string, string>): readonly string[] {
  if (declared === undefined || declared === "NOASSERTION" || declared === "NONE") return [];
  if (!declared.includes("LicenseRef-")) return [declared];
  return declared.split(" AND ").map((part) => texts.get(part) ?? part);
}

/**
 * The properties of a package. Plimsoll writes all into one annotation, a line each; Trivy writes an annotation for each, and older
 * versions of it an attribution text.
 */
function propertiesOf(pkg: unknown): Property[] {
  const comments = [
    ...listField(pkg, "annotations").flatMap((annotation) => textField(annotation, "comment") ?? []),
    ...textsField(pkg, "attributionTexts"),
  ];
  return comments
    .flatMap(readPropertyLines)
    .map(({ name, value }) => ({ name: name.includes(":") ? name : `aquasecurity:trivy:${name}`, value }));
}

function propertyOf(component: SbomComponent, name: string): string | undefined {
  return component.properties.find((property) => property.name === name)?.value;
}
