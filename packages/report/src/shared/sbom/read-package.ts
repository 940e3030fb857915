import { formatPurl, isDistributionPurl, jsonIn, nativePurlName, parsePurl, type PurlParts } from "@plimsoll/formats";
import { isDigest, withTypedFacts } from "@plimsoll/model";
import type { LayerInfo, Package, PackageLocation } from "@plimsoll/model";
import { field, textField } from "@plimsoll/formats";
import { indexProperties, type PropertyIndex } from "./property-index.ts";
import { isIndex } from "./read-artifact.ts";
import type { SbomComponent } from "@plimsoll/formats";

/** A package without its dependencies, and the distribution that its purl names. */
export interface ReadPackage {
  readonly package: Package;
  readonly purl: PurlParts | undefined;
  /** Whether Plimsoll wrote the component: those are told apart by package id, components of other tools by what they describe. */
  readonly isOwn: boolean;
}

/** Looks up layers by the digest or index that a location states. */
export interface LayerIndex {
  readonly byIndex: ReadonlyMap<number, LayerInfo>;
  readonly byDiffId: ReadonlyMap<string, LayerInfo>;
}

/** Builds the index, once per document: a hostile one has many layers and many locations. */
export function indexLayers(layers: readonly LayerInfo[]): LayerIndex {
  return {
    byIndex: new Map(layers.map((layer) => [layer.index, layer])),
    // The lowest layer with these contents is the one that brought them.
    byDiffId: new Map(layers.toReversed().map((layer) => [layer.diffId, layer])),
  };
}

/** Images inside documents about images: what they are about, not what is in them. */
const imageTypes: ReadonlySet<string> = new Set(["oci", "docker"]);

/**
 * The package that a component describes; undefined when nothing states its ecosystem.
 * Our own properties win, then those of Trivy and Syft, then the package URL.
 */
export function readPackage(component: SbomComponent, layers: LayerIndex): ReadPackage | undefined {
  const properties = indexProperties(component.properties);
  const purl = component.purl === undefined || component.purl.length > 10_000 ? undefined : parsePurl(component.purl);
  const ecosystem = properties.one("plimsoll:ecosystem") ?? foreignEcosystem(component, purl);
  if (ecosystem === undefined || imageTypes.has(ecosystem)) return undefined;
  const own = properties.one("plimsoll:ecosystem") !== undefined;
  const version = own
    ? (properties.one("plimsoll:version") ?? component.version ?? "")
    : foreignVersion(component, purl);
  const source = readSource(component, properties, purl);
  const architecture = properties.one("plimsoll:architecture") ?? purl?.qualifiers?.["arch"];
  const licenses = own ? properties.all("plimsoll:license") : component.licenses;
  const supplier = properties.one("plimsoll:supplier") ?? component.supplier;
  const facts = properties.under("plimsoll:fact:");
  const kind =
    component.isModel === true && !own
      ? "machine-learning-model"
      : oneOf(properties.one("plimsoll:kind"), ["machine-learning-model"]);
  const module = readModule(properties, purl);
  const scope = oneOf(properties.one("plimsoll:scope"), ["dev", "optional"]);
  const confidence =
    oneOf(properties.one("plimsoll:confidence"), ["approximate"]) ??
    (component.purlIsInferred === true ? "approximate" : undefined);
  const origin = oneOf(properties.one("plimsoll:origin"), ["project", "path", "repository", "archive"]);
  const relationship = oneOf(properties.one("plimsoll:relationship"), ["root", "workspace", "direct", "indirect"]);
  const foundBy = properties.all("plimsoll:foundBy");
  const stated = oneOf(properties.one("plimsoll:class"), ["os", "library"]);
  const packageClass = own ? stated : purl !== undefined && isDistributionPurl(purl.type) ? "os" : "library";
  return {
    purl,
    isOwn: own,
    package: withTypedFacts<Package>({
      id:
        properties.one("plimsoll:id") ??
        (own ? component.ref : (component.purl ?? (programPurl(component) || component.ref))),
      name: properties.one("plimsoll:name") ?? foreignName(component, purl),
      version,
      ecosystem,
      ...(packageClass === undefined ? {} : { class: packageClass }),
      purl: component.purl ?? (own ? "" : programPurl(component)),
      ...(source === undefined ? {} : { source }),
      ...(architecture === undefined ? {} : { architecture }),
      ...(licenses.length === 0 ? {} : { licenses }),
      ...(supplier === undefined ? {} : { supplier }),
      ...(Object.keys(component.hashes).length === 0 ? {} : { hashes: component.hashes }),
      ...(component.cpes.length === 0 ? {} : { cpes: component.cpes }),
      ...(scope === undefined ? {} : { scope }),
      ...(confidence === undefined ? {} : { confidence }),
      ...(origin === undefined ? {} : { origin }),
      ...(relationship === undefined ? {} : { relationship }),
      ...(kind === undefined ? {} : { kind }),
      ...(module === undefined ? {} : { module }),
      ...(facts.length === 0 ? {} : { facts: Object.fromEntries(facts) }),
      locations: readLocations(component, properties, layers),
      ...(foundBy.length === 0 ? {} : { foundBy }),
    }),
  };
}

/** The packaging worlds of purl types that are called otherwise than these. */
const ecosystemOfType: ReadonlyMap<string, string> = new Map([
  ["generic", "program"],
  ["ebuild", "portage"],
  ["brew", "homebrew"],
  ["bioconductor", "cran"],
  ["huggingface", "ai-model"],
]);

/** The ecosystem of a package by its package URL; `program` for one without that has a CPE name. */
function foreignEcosystem(component: SbomComponent, purl: PurlParts | undefined): string | undefined {
  if (component.isModel === true && component.name !== "") return ecosystemOfType.get("huggingface");
  if (purl !== undefined) return ecosystemOfType.get(purl.type) ?? purl.type;
  const named = component.cpes.some((cpe) => cpe.startsWith("cpe:2.3:"));
  return named && component.purl === undefined && programPurl(component) !== "" ? "program" : undefined;
}

function programPurl({ name, version }: SbomComponent): string {
  return name === "" || version === undefined ? "" : formatPurl({ type: "generic", name, version });
}

/**
 * Writers lower-case purls that have a case; then the component's own spelling is the package's. Where the type itself
 * has none, the purl's is.
 */
function foreignName(component: SbomComponent, purl: PurlParts | undefined): string {
  if (purl === undefined) return component.name;
  const name = nativePurlName(purl);
  if (!hasCase(purl)) return name;
  const spellings = [component.name, `${component.group}/${component.name}`, `${component.group}:${component.name}`];
  return spellings.find((spelling) => spelling.toLowerCase() === name.toLowerCase()) ?? name;
}

/** Whether names of a package URL's type keep their capitals when they are normalised. */
function hasCase(purl: PurlParts): boolean {
  const loud = purl.name.toUpperCase();
  return parsePurl(formatPurl({ ...purl, name: loud }))?.name === loud;
}

/**
 * Distribution packages have their epoch in front, which purls keep in a qualifier. Their purl is also the better
 * witness of the version: some writers leave the release out everywhere else.
 */
function foreignVersion(component: SbomComponent, purl: PurlParts | undefined): string {
  const distributed = purl !== undefined && isDistributionPurl(purl.type);
  const version = (distributed ? purl.version : undefined) ?? component.version ?? purl?.version ?? "";
  const epoch = purl?.qualifiers?.["epoch"];
  return epoch === undefined || epoch === "0" || !/^\d{1,9}$/.test(epoch) || /^\d+:/.test(version)
    ? version
    : `${epoch}:${version}`;
}

function readSource(
  component: SbomComponent,
  properties: PropertyIndex,
  purl: PurlParts | undefined,
): Package["source"] | undefined {
  const own = properties.one("plimsoll:source:name");
  if (own !== undefined) return { name: own, version: properties.one("plimsoll:source:version") ?? "" };
  const fallback = foreignVersion(component, purl);
  const trivy = properties.one("aquasecurity:trivy:SrcName");
  if (trivy !== undefined) return { name: trivy, version: trivySourceVersion(properties) ?? fallback };
  const upstream = purl?.qualifiers?.["upstream"];
  if (upstream !== undefined) return upstreamSource(upstream, fallback);
  if (component.source === undefined) return undefined;
  return { name: component.source.name, version: component.source.version ?? fallback };
}

function trivySourceVersion(properties: PropertyIndex): string | undefined {
  const version = properties.one("aquasecurity:trivy:SrcVersion");
  if (version === undefined) return undefined;
  const release = properties.one("aquasecurity:trivy:SrcRelease");
  const epoch = properties.one("aquasecurity:trivy:SrcEpoch");
  return `${epoch === undefined || epoch === "0" ? "" : `${epoch}:`}${version}${release === undefined ? "" : `-${release}`}`;
}

/** Syft's qualifier: `source`, `source@version`, or the file name of a source rpm. */
function upstreamSource(upstream: string, fallback: string): NonNullable<Package["source"]> {
  const file = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(upstream);
  if (file !== null) {
    const epoch = /^\d+:/.exec(fallback)?.[0] ?? "";
    return { name: file[1] ?? upstream, version: `${epoch}${file[2] ?? ""}` };
  }
  const cut = upstream.lastIndexOf("@");
  return cut > 0
    ? { name: upstream.slice(0, cut), version: upstream.slice(cut + 1) }
    : { name: upstream, version: fallback };
}

function readModule(properties: PropertyIndex, purl: PurlParts | undefined): string | undefined {
  const module =
    properties.one("plimsoll:module") ??
    properties.one("aquasecurity:trivy:Modularitylabel") ??
    purl?.qualifiers?.["modularitylabel"] ??
    purl?.qualifiers?.["rpmmod"];
  return module === "" ? undefined : module;
}

function readLocations(
  component: SbomComponent,
  properties: PropertyIndex,
  layers: LayerIndex,
): readonly PackageLocation[] {
  const own = properties.all("plimsoll:location");
  if (own.length > 0) return own.flatMap((text) => ownLocation(jsonIn(text), layers) ?? []);
  const paths = [
    ...component.paths,
    ...properties.all("aquasecurity:trivy:FilePath"),
    ...properties.under("syft:location:").flatMap(([key, path]) => (key.endsWith(":path") ? [path] : [])),
  ].map((path) => path.replace(/^\/+/, ""));
  const diffId = properties.one("aquasecurity:trivy:LayerDiffID");
  const layer = layerRef(isDigest(diffId) ? layers.byDiffId.get(diffId) : undefined);
  return [...new Set(paths)].sort().map((path) => ({ path, ...layer, evidence: "installed" }));
}

function ownLocation(value: unknown, layers: LayerIndex): PackageLocation | undefined {
  const path = textField(value, "path");
  const line = field(value, "line");
  const layerIndex = field(value, "layer");
  const ownedBy = textField(value, "ownedBy");
  const evidence = textField(value, "evidence");
  if (path === undefined) return undefined;
  return {
    path,
    ...layerRef(isIndex(layerIndex) ? layers.byIndex.get(layerIndex) : undefined),
    ...(isIndex(line) ? { line } : {}),
    evidence: evidence === "declared" || evidence === "requested" ? evidence : "installed",
    ...(ownedBy === undefined ? {} : { ownedBy }),
  };
}

function layerRef(layer: LayerInfo | undefined): Pick<PackageLocation, "layer"> {
  return layer === undefined ? {} : { layer: { index: layer.index, diffId: layer.diffId } };
}

function oneOf<Choice extends string>(text: string | undefined, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => choice === text);
}
