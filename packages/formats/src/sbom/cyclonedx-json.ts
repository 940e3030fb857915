import { append } from "./append.ts";
import { hashName } from "./hash-algorithms.ts";
import type { Property, SbomComponent, SbomDocument } from "./sbom-document.ts";
import { field, listField, record, textField } from "../json/fields.ts";
import { mapped } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";

/** To read a component takes about as long as looking at so many bytes. */
const bytesPerComponent = 2_048;

/** Whether a JSON value is a CycloneDX BOM. Versions before 1.2 had no JSON form. */
export function isCycloneDx(value: unknown): boolean {
  return (
    field(value, "bomFormat") === "CycloneDX" ||
    (textField(value, "$schema")?.includes("cyclonedx.org/schema") === true && record(value) !== undefined)
  );
}

/** The components, distribution and dependency graph of a BOM of any version from 1.2 to 1.7. Unknown fields are left alone. */
export function* readCycloneDx(bom: unknown): Steps<SbomDocument> {
  const edges = yield* dependencyEdges(bom);
  const subjectValue = field(field(bom, "metadata"), "component");
  const read = yield* mapped(flatten(listField(bom, "components")), bytesPerComponent, (value, index) =>
    component(value, index, edges),
  );
  const subject = record(subjectValue) === undefined ? undefined : component(subjectValue, -1, edges);
  const nested = flatten(listField(subjectValue, "components")).map((value, index) =>
    component(value, read.length + index, edges),
  );
  const components = [...read, ...nested];
  const distro = components.find(({ kind }) => kind === "distro");
  return {
    format: `CycloneDX ${textField(bom, "specVersion") ?? ""}`.trim(),
    ...(subject === undefined ? {} : { subject }),
    ...(subject === undefined || !edges.has(subject.ref) ? {} : { subjectNeeds: edges.get(subject.ref) ?? [] }),
    components,
    ...(distro === undefined ? {} : { distro: distroOf(distro) }),
  };
}

/** All components, those inside of other components included, in the order of the document. */
function flatten(roots: readonly unknown[]): unknown[] {
  const flat: unknown[] = [];
  const stack = roots.toReversed();
  while (stack.length > 0) {
    const value = stack.pop();
    if (record(value) === undefined) continue;
    flat.push(value);
    for (const nested of listField(value, "components").toReversed()) stack.push(nested);
  }
  return flat;
}

function* dependencyEdges(bom: unknown): Steps<ReadonlyMap<string, readonly string[]>> {
  const edges = new Map<string, string[]>();
  for (const dependency of listField(bom, "dependencies")) {
    const ref = textField(dependency, "ref");
    if (ref === undefined) continue;
    const needed = listField(dependency, "dependsOn").filter((item) => typeof item === "string");
    append(edges, ref, needed);
    yield bytesPerComponent / 8;
  }
  return edges;
}

function component(value: unknown, index: number, edges: ReadonlyMap<string, readonly string[]>): SbomComponent {
  const ref = textField(value, "bom-ref") ?? `#${index}`;
  const texts = {
    group: textField(value, "group"),
    version: textField(value, "version"),
    purl: textField(value, "purl"),
    supplier: textField(field(value, "supplier"), "name") ?? textField(value, "publisher"),
  };
  const cpe = textField(value, "cpe");
  const properties = propertiesOf(value);
  const evidence = field(value, "evidence");
  return {
    ref,
    kind: kindOf(value),
    ...(textField(value, "type") === modelType ? { isModel: true } : {}),
    name: textField(value, "name") ?? "",
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
    licenses: listField(value, "licenses").flatMap(licenseText),
    cpes: [
      ...(cpe === undefined ? [] : [cpe]),
      ...properties.flatMap(({ name, value: text }) =>
        name === "plimsoll:cpe" || name === "syft:cpe23" ? [text] : [],
      ),
    ],
    hashes: Object.fromEntries(listField(value, "hashes").flatMap(hashEntry)),
    properties,
    paths: listField(evidence, "occurrences").flatMap((occurrence) => textField(occurrence, "location") ?? []),
    dependsOn: [
      ...(edges.get(ref) ?? []),
      ...listField(value, "components").flatMap((child) => textField(child, "bom-ref") ?? []),
    ],
  };
}

/** The type of component that CycloneDX 1.5 and later give to models of machine learning. */
const modelType = "machine-learning-model";

/** Types of components that are packages only when a package URL or the like says so (ECMA-424 §7, component classification). */
const otherTypes: ReadonlySet<string> = new Set([
  "application",
  "container",
  "platform",
  "device",
  "device-driver",
  "firmware",
  "data",
  "cryptographic-asset",
]);

function kindOf(value: unknown): SbomComponent["kind"] {
  const type = textField(value, "type");
  if (type === "operating-system") return "distro";
  if (type === "file") return "file";
  if (textField(value, "purl") !== undefined || type === "library" || type === "framework" || type === modelType)
    return "package";
  // Of a type that no version of the standard has, nobody can say that it is no package.
  if (type === undefined || !otherTypes.has(type)) return "package";
  // An application without identity or version is a lock file, or a name for what it holds.
  return type === "application" && textField(value, "version") !== undefined ? "package" : "group";
}

function licenseText(choice: unknown): string[] {
  const license = field(choice, "license");
  const text = textField(choice, "expression") ?? textField(license, "id") ?? textField(license, "name");
  return text === undefined ? [] : [text];
}

function hashEntry(hash: unknown): [string, string][] {
  const name = hashName(textField(hash, "alg") ?? "");
  const hex = textField(hash, "content");
  return name === undefined || hex === undefined ? [] : [[name, hex]];
}

function propertiesOf(value: unknown): Property[] {
  return listField(value, "properties").flatMap((property) => {
    const name = textField(property, "name");
    const text = field(property, "value");
    return name === undefined || typeof text !== "string" ? [] : [{ name, value: text }];
  });
}

/**
 * The distribution of an operating-system component. Syft's properties are preferred to the name, which may be a title such as `Debian
 * GNU/Linux`.
 */
function distroOf(component: SbomComponent): { name: string; version?: string } {
  const property = (name: string): string | undefined => component.properties.find((it) => it.name === name)?.value;
  const version = property("syft:distro:versionID") ?? component.version;
  return {
    name: property("syft:distro:id") ?? property("aquasecurity:trivy:Type") ?? component.name,
    ...(version === undefined ? {} : { version }),
  };
}
