import { isDistributionPurl, nativePurlName, parsePurl } from "@plimsoll/formats";
import type { PurlParts, SbomComponent, SbomDocument } from "@plimsoll/formats";
import type { FoundPackage, PackageObservation } from "@plimsoll/model";

/** Ecosystems that are called like their purl type, and those that are not. */
const ecosystemOfType: ReadonlyMap<string, string> = new Map([
  ..."alpm apk bitnami cargo cocoapods composer conan conda cpan cran deb gem golang hackage hex jsr julia luarocks maven npm"
    .concat(" nuget opkg pear pub pypi rpm swift")
    .split(" ")
    .map((type) => [type, type] as const),
  ["generic", "program"],
  ["ebuild", "portage"],
  ["brew", "homebrew"],
  ["bioconductor", "cran"],
  ["huggingface", "ai-model"],
]);

/** Types of purls that name whole images or documents, not packages. */
const imageTypes: ReadonlySet<string> = new Set(["oci", "swid"]);

/** Qualifiers that ecosystems compute purls and advisory keys from, as facts of the same name. */
const factQualifiers = ["build", "channel", "distro", "platform", "subdir", "uuid"] as const;

/**
 * The packages that a document names, each for the ecosystem of its package URL. A component without one counts when it has a CPE name.
 * Its edges are kept where both ends are packages. `fallback` is called first for components that have no package URL, where the path
 * of the document tells more about them.
 */
export function* packagesOf(
  { components }: SbomDocument,
  fallback?: (component: SbomComponent) => PackageObservation | undefined,
): Generator<PackageObservation> {
  const seen = new Set<string>();
  for (const component of components) {
    const observation = (component.purl === undefined ? fallback?.(component) : undefined) ?? packageOf(component);
    if (observation === undefined) continue;
    const identity = JSON.stringify(observation);
    if (!seen.has(identity)) yield observation;
    seen.add(identity);
  }
}

function packageOf(component: SbomComponent): PackageObservation | undefined {
  if (component.kind === "distro" || component.kind === "file") return undefined;
  const purl = component.purl === undefined || component.purl.length > 10_000 ? undefined : parsePurl(component.purl);
  if (component.isModel === true) return modelOf(component, purl);
  if (purl === undefined) return component.purl === undefined ? byCpe(component) : undefined;
  if (imageTypes.has(purl.type)) return undefined;
  const version = versionOf(purl, component);
  // A tag is the version of what an image was built from, as in hardened images; a digest names an artifact.
  if (version === undefined || (purl.type === "docker" && version.startsWith("sha256:"))) return undefined;
  const source = sourceOf(purl, version);
  const ecosystem = ecosystemOfType.get(purl.type);
  const facts = ecosystem === undefined ? { purl: component.purl ?? "" } : factsOf(purl);
  const architecture = purl.qualifiers?.["arch"];
  return {
    kind: "package",
    package: {
      name: nativePurlName(purl),
      version,
      ...(source === undefined ? {} : { source }),
      ...(architecture === undefined ? {} : { architecture }),
      ...commonFields(component),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    },
    ...(ecosystem === undefined ? {} : { ecosystem }),
    ...(isDistributionPurl(purl.type) && purl.namespace !== undefined ? { onlyFor: purl.namespace } : {}),
  };
}

/** A library of Java by its group, artifact and version, where a document states these and no package URL. */
export function mavenArtifact(component: SbomComponent): PackageObservation | undefined {
  const { group, name, version } = component;
  if (group === undefined || name === "" || version === undefined || component.kind !== "package") return undefined;
  // Modules of the JDK have its version, and nobody publishes them one by one.
  if (/^(?:java|jdk)\./.test(group)) return undefined;
  return {
    kind: "package",
    package: { name: `${group}:${name}`, version, ...commonFields(component), confidence: "approximate" },
    ecosystem: "maven",
  };
}

/** A model of machine learning, which may be known by its name alone. */
function modelOf(component: SbomComponent, purl: PurlParts | undefined): PackageObservation | undefined {
  const name = purl === undefined ? component.name : nativePurlName(purl);
  if (name === "") return undefined;
  const facts = purl?.type === "huggingface" ? { facts: { registry: "huggingface" } } : {};
  const version = purl?.version ?? component.version ?? "";
  const ecosystem = ecosystemOfType.get("huggingface");
  return {
    kind: "package",
    package: { name, version, ...commonFields(component), kind: "machine-learning-model", ...facts },
    ...(ecosystem === undefined ? {} : { ecosystem }),
  };
}

function commonFields(component: SbomComponent): Partial<FoundPackage> {
  const licenses = component.licenses.filter((license) => license !== "NOASSERTION" && license !== "NONE");
  return {
    key: component.ref,
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(component.supplier === undefined ? {} : { supplier: component.supplier }),
    ...(Object.keys(component.hashes).length === 0 ? {} : { hashes: component.hashes }),
    ...(component.cpes.length === 0 ? {} : { cpes: component.cpes }),
    ...(component.dependsOn.length === 0 ? {} : { dependsOn: component.dependsOn }),
    ...(component.purlIsInferred === true ? { confidence: "approximate" } : {}),
  };
}

/** A program that has no package URL but a name that the NVD knows. */
function byCpe(component: SbomComponent): PackageObservation | undefined {
  const [cpe] = component.cpes;
  const [, product, stated] = /^cpe:2\.3:[aoh]:[^:]+:((?:\\.|[^:\\])+):((?:\\.|[^:\\])+)/.exec(cpe ?? "") ?? [];
  const version = component.version ?? (stated === "*" || stated === "-" ? undefined : stated?.replaceAll("\\", ""));
  const name = component.name || product?.replaceAll("\\", "");
  if (cpe === undefined || name === undefined || version === undefined) return undefined;
  return { kind: "package", package: { name, version, ...commonFields(component) }, ecosystem: "program" };
}

/** The epoch of distribution packages stands in a qualifier. */
function versionOf(purl: PurlParts, component: SbomComponent): string | undefined {
  const version = purl.version ?? component.version;
  const epoch = purl.qualifiers?.["epoch"];
  const isPlain = epoch === undefined || !/^[1-9]\d{0,8}$/.test(epoch) || version?.includes(":") === true;
  return isPlain || version === undefined ? version : `${epoch}:${version}`;
}

/** The `upstream` qualifier of distribution packages: `name`, `name@version`, or the file name of a source rpm. */
function sourceOf(purl: PurlParts, version: string): FoundPackage["source"] {
  const upstream = purl.qualifiers?.["upstream"];
  if (upstream === undefined || !isDistributionPurl(purl.type)) return undefined;
  const [, rpm, rpmVersion] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(upstream) ?? [];
  if (rpm !== undefined && rpmVersion !== undefined) return { name: rpm, version: rpmVersion };
  const cut = upstream.lastIndexOf("@");
  return cut > 0 ? { name: upstream.slice(0, cut), version: upstream.slice(cut + 1) } : { name: upstream, version };
}

function factsOf(purl: PurlParts): Readonly<Record<string, string>> {
  const facts = factQualifiers.flatMap((name) => {
    const value = purl.qualifiers?.[name];
    return value === undefined || (name === "distro" && isDistributionPurl(purl.type)) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(facts);
}
