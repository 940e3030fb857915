import type { Diagnostic, Distro, Inventory, Package, PackageLocation } from "@plimsoll/model";
import { compareText } from "@plimsoll/model";
import { groupBy } from "../group-by.ts";
import { readArtifact, readDiagnostics } from "./read-artifact.ts";
import { indexLayers, readPackage, type ReadPackage } from "./read-package.ts";
import { distroOfPurl, formatPurl, mapped, registryForm } from "@plimsoll/formats";
import type { SbomComponent, SbomDocument, Steps } from "@plimsoll/formats";

/** To read or place a package takes about as long as looking at so many bytes; to look once at a component, at so many. */
const bytesPerPackage = 4_096;
const bytesPerLook = 256;

/** The inventory that an SBOM describes, to be matched like that of a scanned image. Its packages are still to be sorted. */
export function* toInventory(document: SbomDocument): Steps<Inventory> {
  const layers = indexLayers(readArtifact(document, undefined).layers);
  const components = document.components.filter(({ kind }) => kind === "package");
  const found = yield* mapped(components, bytesPerPackage, (component) => {
    const pkg = readPackage(component, layers);
    return pkg === undefined ? undefined : { ...pkg, component };
  });
  const read = found.filter((each) => each !== undefined);
  const { packages, idOfRef } = yield* mergePackages(read, document);
  const dependencies = needsOfSubject(document, idOfRef);
  return {
    schemaVersion: 2,
    artifact: {
      ...readArtifact(document, yield* commonDistro(read)),
      ...(dependencies === undefined ? {} : { dependencies }),
    },
    packages,
    diagnostics: [
      ...readDiagnostics(document),
      ...(document.problems ?? []).map(wrongPart),
      ...(yield* unidentified(document, read)),
    ],
  };
}

function wrongPart(problem: string): Diagnostic {
  return { kind: "diagnostic", code: "malformed-file", effect: "incomplete", message: `In the SBOM, ${problem}` };
}

interface PackageOfComponent extends ReadPackage {
  readonly component: SbomComponent;
}

/** What is the same package in whatever spelling the document has for it: its package URL in the form of its registry. */
function identityOf({ package: pkg, purl }: ReadPackage): string {
  return purl === undefined ? pkg.id : formatPurl(registryForm(purl));
}

/** Components with one id, or that are one package in several spellings, are one package at several places. */
function* mergePackages(
  read: readonly PackageOfComponent[],
  document: SbomDocument,
): Steps<{ readonly packages: readonly Package[]; readonly idOfRef: ReadonlyMap<string, string> }> {
  const identities = yield* mapped(read, bytesPerPackage, (found) =>
    found.isOwn ? found.package.id : identityOf(found),
  );
  const byIdentity = new Map<string, PackageOfComponent[]>();
  const idOfRef = new Map<string, string>();
  for (const [at, found] of read.entries()) {
    const identity = identities[at] ?? "";
    let same = byIdentity.get(identity);
    if (same === undefined) byIdentity.set(identity, (same = []));
    same.push(found);
    yield bytesPerLook;
  }
  const groups = [...byIdentity.values()];
  for (const same of groups) {
    for (const { component } of same) idOfRef.set(component.ref, same[0]?.package.id ?? "");
    yield bytesPerLook;
  }
  const declaredIn = yield* lockFilesOf(document);
  const merged = yield* mapped(groups, bytesPerPackage, (same) => {
    const [first] = same;
    if (first === undefined) return undefined;
    const locations = same.flatMap(({ package: pkg, component }) =>
      pkg.locations.length > 0 ? pkg.locations : (declaredIn.get(component.ref) ?? []),
    );
    const needed = same.flatMap(({ component }) => component.dependsOn.flatMap((ref) => idOfRef.get(ref) ?? []));
    const dependencies = [...new Set(needed)].filter((id) => id !== first.package.id).sort();
    return {
      ...first.package,
      locations: uniqueLocations(locations),
      ...(dependencies.length === 0 ? {} : { dependencies }),
    };
  });
  return { packages: merged.filter((each) => each !== undefined), idOfRef };
}

/** Ids of the packages that the subject needs; groups between, such as lock files, stand for what they hold. */
function needsOfSubject(
  { subject, subjectNeeds, components }: SbomDocument,
  idOfRef: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  if (subjectNeeds === undefined || subject === undefined || idOfRef.has(subject.ref)) return undefined;
  // Where we looked ourselves, the edges of the document follow from the packages, and will again.
  const kind = subject.properties.find(({ name }) => name === "plimsoll:kind")?.value;
  if (kind !== undefined && kind !== "sbom") return undefined;
  const groups = new Map(components.flatMap((each) => (each.kind === "group" ? [[each.ref, each] as const] : [])));
  const ids = new Set<string>();
  const refs = new Set(subjectNeeds);
  for (const ref of refs) {
    const id = idOfRef.get(ref);
    if (id !== undefined) ids.add(id);
    for (const held of groups.get(ref)?.dependsOn ?? []) refs.add(held);
  }
  return [...ids].sort(compareText);
}

/** Other groups are called after what they hold: `jar`, `node-core-components`. */
const pathLike = /\/|\.[a-z]{1,12}$/i;

/** Groups that hold packages without a place of their own are the lock files that ask for them. */
function* lockFilesOf(document: SbomDocument): Steps<ReadonlyMap<string, readonly PackageLocation[]>> {
  const places = new Map<string, PackageLocation[]>();
  for (const { ref, kind, name, dependsOn } of document.components) {
    yield bytesPerLook;
    if ((kind !== "group" && kind !== "file") || !pathLike.test(name) || ref === document.subject?.ref) continue;
    for (const ref of dependsOn) {
      const place: PackageLocation = { path: name.replace(/^\/+/, ""), evidence: "declared" };
      places.set(ref, [...(places.get(ref) ?? []).slice(0, 20), place]);
    }
  }
  return places;
}

function uniqueLocations(locations: readonly PackageLocation[]): readonly PackageLocation[] {
  const byKey = new Map(
    locations.map((location) => [JSON.stringify([location.path, location.layer?.index, location.line]), location]),
  );
  return [...byKey.values()].sort((a, b) => compareText(a.path, b.path));
}

/** The distribution most packages name in their purl, for documents that do not state one. */
function* commonDistro(read: readonly ReadPackage[]): Steps<Distro | undefined> {
  const distros = yield* mapped(read, bytesPerLook, ({ purl }) =>
    purl === undefined ? undefined : distroOfPurl(purl),
  );
  const named = distros.filter((distro) => distro !== undefined);
  const counted = groupBy(named, ({ id, versionId }) => JSON.stringify([id, versionId]));
  const [most] = [...counted.values()].sort((a, b) => b.length - a.length);
  return most?.[0];
}

/** A diagnostic with the number of packages that cannot be looked up, if there are any. */
function* unidentified(document: SbomDocument, read: readonly PackageOfComponent[]): Steps<Diagnostic[]> {
  const known = new Set(read.map(({ component }) => component.ref));
  const others: SbomComponent[] = [];
  for (const component of document.components) {
    const { ref, kind, purl } = component;
    if (kind === "package" && !known.has(ref) && !/^pkg:(?:oci|docker)\//.test(purl ?? "")) others.push(component);
    yield bytesPerLook;
  }
  const [first] = others;
  if (first === undefined) return [];
  const count = others.length === 1 ? "1 component has" : `${others.length} components have`;
  return [
    {
      kind: "diagnostic",
      code: "unsupported-format",
      effect: "incomplete",
      message: `${count} no readable package URL and cannot be looked up, such as ${first.name.slice(0, 100)}`,
    },
  ];
}
