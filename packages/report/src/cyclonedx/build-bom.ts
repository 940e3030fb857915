import { isCpe } from "@plimsoll/formats";
import type { Property, Steps } from "@plimsoll/formats";
import { compareText, sortedSteps } from "@plimsoll/model";
import type { CvssRating, Package, Report } from "@plimsoll/model";
import { uuidSteps } from "../shared/content-id.ts";
import { dateTimeOf } from "../shared/date-time.ts";
import { knownHashes } from "../shared/hash-algorithms.ts";
import { licensesOfPackages } from "../shared/concluded-license.ts";
import type { PackageLicenses } from "../shared/concluded-license.ts";
import { flatItems, items } from "../shared/items.ts";
import { licenseOf } from "../shared/licenses.ts";
import { splitGroup } from "../shared/package-group.ts";
import { visibleText } from "../shared/visible-text.ts";
import { packageClass } from "../shared/package-class.ts";
import {
  artifactProperties,
  distroVersion,
  packageProperties,
  trivyArtifactProperties,
  trivyProperties,
} from "../shared/sbom-properties.ts";
import type { Bom, Component, CycloneDxVersion, Dependency, LicenseChoice } from "./bom.ts";
import { vulnerabilities } from "./vulnerabilities.ts";

/** The BOM of an ordered report. */
export function* buildBom(report: Report, specVersion: CycloneDxVersion): Steps<Bom> {
  const refs = componentRefs(report);
  const timestamp = dateTimeOf(report.createdAt);
  const root = rootComponent(report, refs.root);
  const known = yield* licensesOfPackages(report);
  const { distro } = report.artifact;
  return {
    $schema: `http://cyclonedx.org/schema/bom-${specVersion}.schema.json`,
    bomFormat: "CycloneDX",
    specVersion,
    serialNumber: `urn:uuid:${yield* uuidSteps(["cyclonedx", specVersion, report])}`,
    version: 1,
    metadata: {
      ...(timestamp === undefined ? {} : { timestamp }),
      tools: specVersion === "1.4" ? [{ ...report.tool }] : { components: [{ type: "application", ...report.tool }] },
      component: root,
    },
    components: [
      ...(distro === undefined
        ? []
        : [
            {
              "bom-ref": refs.distro,
              type: "operating-system" as const,
              name: distro.id,
              version: distroVersion(distro),
              properties: prefixed([
                { name: "Class", value: "os-pkgs" },
                { name: "Type", value: distro.id },
              ]),
            },
          ]),
      ...(yield* items(report.packages, (pkg) =>
        packageComponent(pkg, report, refs.of(pkg.id), specVersion, known.get(pkg.id)),
      )),
    ],
    dependencies: yield* dependencies(report, refs),
    ...(report.vulnerabilities === undefined
      ? {}
      : { vulnerabilities: yield* vulnerabilities(report, refs.of, (rating) => ratingMethod(rating, specVersion)) }),
  };
}

/** Names of components within the document: package ids, made unique and never empty. */
export interface ComponentRefs {
  readonly root: string;
  readonly distro: string;
  of(packageId: string): string;
}

function componentRefs(report: Report): ComponentRefs {
  const ids = new Set(report.packages.map((pkg) => pkg.id));
  const free = (name: string): string => (ids.has(name) ? free(`${name}'`) : name);
  const unnamed = free("plimsoll:package");
  return {
    root: free("plimsoll:artifact"),
    distro: free("plimsoll:distro"),
    // References that look like BOM-Links would mean another document (ECMA-424 §6, refLinkType).
    of: (id) => (id === "" ? unnamed : id.startsWith("urn:cdx:") ? free(`plimsoll:${id}`) : id),
  };
}

function rootComponent(report: Report, ref: string): Component {
  const { artifact } = report;
  const version = artifact.version ?? artifact.digest;
  return {
    "bom-ref": ref,
    type: artifact.kind === "container-image" ? "container" : "application",
    name: artifact.name,
    ...(version === undefined ? {} : { version }),
    ...(artifact.purl === undefined ? {} : { purl: artifact.purl }),
    properties: [...prefixed(trivyArtifactProperties(artifact)), ...artifactProperties(artifact, report.diagnostics)],
  };
}

function packageComponent(
  pkg: Package,
  report: Report,
  ref: string,
  specVersion: CycloneDxVersion,
  licenses: PackageLicenses | undefined,
): Component {
  const { group, name } = splitGroup(pkg);
  const hashes = knownHashes(pkg.hashes).map(({ algorithm, hex }) => ({ alg: algorithm.cyclonedx, content: hex }));
  const [cpe, ...otherCpes] = (pkg.cpes ?? []).filter(isCpe);
  return {
    "bom-ref": ref,
    // The type came with 1.5.
    type: pkg.kind === "machine-learning-model" && specVersion !== "1.4" ? "machine-learning-model" : "library",
    ...(pkg.supplier === undefined || pkg.supplier === "" ? {} : { supplier: { name: pkg.supplier } }),
    ...(group === undefined ? {} : { group }),
    name,
    version: pkg.version,
    ...(pkg.scope === undefined ? {} : { scope: pkg.scope === "dev" ? "excluded" : "optional" }),
    ...(hashes.length === 0 ? {} : { hashes }),
    ...licenseChoices(pkg.licenses ?? [], specVersion),
    ...(cpe === undefined ? {} : { cpe }),
    ...(pkg.purl === "" ? {} : { purl: pkg.purl }),
    properties: [
      ...prefixed(trivyProperties(pkg, report.artifact)),
      ...packageProperties(pkg),
      ...otherCpes.map((value) => ({ name: "plimsoll:cpe", value })),
    ],
    ...evidence(pkg, specVersion, licenses),
  };
}

/** Either one expression or any number of ids and names: no version before 1.7 allows a mixture. */
function licenseChoices(
  texts: readonly string[],
  specVersion: CycloneDxVersion,
): { licenses?: readonly LicenseChoice[] } {
  const acknowledgement =
    specVersion === "1.4" || specVersion === "1.5" ? {} : { acknowledgement: "declared" as const };
  const licenses = texts.filter((text) => text !== "").map(licenseOf);
  const [first, ...others] = licenses;
  if (first === undefined) return {};
  if (first.kind === "expression" && others.length === 0)
    return { licenses: [{ expression: first.text, ...acknowledgement }] };
  return {
    licenses: licenses.map(({ kind, text }) => ({
      license: kind === "id" ? { id: text, ...acknowledgement } : { name: text, ...acknowledgement },
    })),
  };
}

function evidence(
  pkg: Package,
  specVersion: CycloneDxVersion,
  licenses: PackageLicenses | undefined,
): Pick<Component, "evidence"> {
  const found = licenses === undefined ? {} : licenseEvidence(licenses, specVersion);
  if (specVersion === "1.4" || pkg.locations.length === 0)
    return Object.keys(found).length === 0 ? {} : { evidence: found };
  const lines = specVersion !== "1.5";
  const identity = {
    field: "purl",
    confidence: 1,
    methods: pkg.locations
      .slice(0, 1)
      .map(({ path }) => ({ technique: "manifest-analysis", confidence: 1, value: path })),
  } as const;
  return {
    evidence: {
      identity: specVersion === "1.5" ? identity : [identity],
      occurrences: pkg.locations.map(({ path, line }) =>
        lines && line !== undefined ? { location: path, line } : { location: path },
      ),
      ...found,
    },
  };
}

/** What the texts beside a package are, and whose work they say it is. */
function licenseEvidence(
  { texts, copyrights }: PackageLicenses,
  specVersion: CycloneDxVersion,
): Pick<NonNullable<Component["evidence"]>, "licenses" | "copyright"> {
  const acknowledgement =
    specVersion === "1.4" || specVersion === "1.5" ? {} : { acknowledgement: "concluded" as const };
  const licenses = texts.map(licenseOf).map(({ kind, text }) => ({
    license: kind === "id" ? { id: text, ...acknowledgement } : { name: text, ...acknowledgement },
  }));
  return {
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(copyrights.length === 0 ? {} : { copyright: copyrights.map((text) => ({ text: visibleText(text) })) }),
  };
}

/** The artifact holds the distribution and the libraries, the distribution holds its packages; the rest is as packages say. */
function* dependencies(report: Report, refs: ComponentRefs): Steps<Dependency[]> {
  const { distro } = report.artifact;
  const known = new Set(report.packages.map((pkg) => pkg.id));
  const needed = new Set(yield* flatItems(report.packages, (pkg) => pkg.dependencies ?? []));
  const belongs = (pkg: Package): boolean => distro !== undefined && packageClass(pkg) === "os";
  const own = report.artifact.dependencies === undefined ? undefined : new Set(report.artifact.dependencies);
  const libraries = report.packages.filter((pkg) =>
    own === undefined ? !belongs(pkg) && (!needed.has(pkg.id) || pkg.relationship === "direct") : own.has(pkg.id),
  );
  const dependsOn = (ids: readonly string[]): { dependsOn?: readonly string[] } =>
    asDependsOn([...new Set(ids)].sort());
  const manyDependOn = function* (ids: readonly string[]): Steps<{ dependsOn?: readonly string[] }> {
    return asDependsOn(yield* sortedSteps([...new Set(ids)], compareText));
  };
  return [
    {
      ref: refs.root,
      ...(yield* manyDependOn([
        ...(distro === undefined ? [] : [refs.distro]),
        ...libraries.map((pkg) => refs.of(pkg.id)),
      ])),
    },
    ...(distro === undefined
      ? []
      : [
          { ref: refs.distro, ...(yield* manyDependOn(report.packages.filter(belongs).map((pkg) => refs.of(pkg.id)))) },
        ]),
    ...(yield* items(report.packages, (pkg) => ({
      ref: refs.of(pkg.id),
      ...dependsOn((pkg.dependencies ?? []).filter((id) => known.has(id) && id !== pkg.id).map((id) => refs.of(id))),
    }))),
  ];
}

function asDependsOn(ids: readonly string[]): { dependsOn?: readonly string[] } {
  return ids.length === 0 ? {} : { dependsOn: ids };
}

function prefixed(properties: readonly Property[]): Property[] {
  return properties.map(({ name, value }) => ({ name: `aquasecurity:trivy:${name}`, value }));
}

/** How the standard names the scoring system; 1.4 does not know CVSS 4. */
function ratingMethod({ version }: CvssRating, specVersion: CycloneDxVersion): string {
  switch (version) {
    case "2.0":
      return "CVSSv2";
    case "3.0":
      return "CVSSv3";
    case "3.1":
      return "CVSSv31";
    case "4.0":
      return specVersion === "1.4" ? "other" : "CVSSv4";
  }
}
