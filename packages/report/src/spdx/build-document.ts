import { isCpe } from "@plimsoll/formats";
import type { Property, Steps } from "@plimsoll/formats";
import type { Vulnerability, Package, Report } from "@plimsoll/model";
import { licensesOfPackages } from "../shared/concluded-license.ts";
import type { PackageLicenses } from "../shared/concluded-license.ts";
import { sha256Hex, uuidSteps } from "../shared/content-id.ts";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { groupBy } from "../shared/group-by.ts";
import { knownHashes } from "../shared/hash-algorithms.ts";
import { flatItems, items } from "../shared/items.ts";
import { packageClass } from "../shared/package-class.ts";
import { primaryUrl } from "../shared/primary-url.ts";
import { propertyLines } from "../shared/property-lines.ts";
import {
  artifactProperties,
  distroVersion,
  packageProperties,
  trivyArtifactProperties,
  trivyProperties,
} from "../shared/sbom-properties.ts";
import { visibleStart, visibleText } from "../shared/visible-text.ts";
import { declaredLicense } from "./declared-license.ts";
import type {
  Annotation,
  ExternalRef,
  ExtractedLicense,
  SpdxDocument,
  SpdxPackage,
  SpdxRelationship,
} from "./document.ts";

const artifactId = "SPDXRef-Artifact";
const distroId = "SPDXRef-OperatingSystem";

/** The document of an ordered report. */
export function* buildDocument(report: Report): Steps<SpdxDocument> {
  const { artifact } = report;
  const extracted = new Map<string, ExtractedLicense>();
  const known = yield* licensesOfPackages(report);
  const findings = groupBy(report.vulnerabilities ?? [], (finding) => finding.package.id);
  const packages = [
    artifactPackage(report),
    ...(artifact.distro === undefined ? [] : [distroPackage(report, artifact.distro)]),
    ...(yield* items(report.packages, (pkg) =>
      libraryPackage(pkg, report, findings.get(pkg.id) ?? [], { extracted, known }),
    )),
  ];
  const licenses = [...extracted.values()].sort((a, b) => (a.licenseId < b.licenseId ? -1 : 1));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: visibleText(artifact.name) || "unnamed",
    documentNamespace: `https://spdx.org/spdxdocs/plimsoll-${yield* uuidSteps(["spdx-2.3", report])}`,
    creationInfo: { created: dateOrEpoch(report), creators: [toolName(report)] },
    packages,
    relationships: yield* relationships(report),
    ...(licenses.length === 0 ? {} : { hasExtractedLicensingInfos: licenses }),
  };
}

function toolName({ tool }: Report): string {
  return `Tool: ${tool.name}-${tool.version}`;
}

function artifactPackage(report: Report): SpdxPackage {
  const { artifact } = report;
  const [algorithm, hex] = artifact.digest?.split(":") ?? [];
  const checksums = checksumsOf(algorithm === undefined || hex === undefined ? {} : { [algorithm]: hex });
  return {
    ...blankPackage(artifact.name, artifactId),
    ...textField("versionInfo", artifact.version ?? artifact.digest),
    ...checksums,
    primaryPackagePurpose: artifact.kind === "container-image" ? "CONTAINER" : "SOURCE",
    annotations: annotations(
      report,
      trivyArtifactProperties(artifact),
      artifactProperties(artifact, report.diagnostics),
    ),
  };
}

function distroPackage(report: Report, distro: NonNullable<Report["artifact"]["distro"]>): SpdxPackage {
  return {
    ...blankPackage(distro.id, distroId),
    ...textField("versionInfo", distroVersion(distro)),
    primaryPackagePurpose: "OPERATING_SYSTEM",
    annotations: annotations(
      report,
      [
        { name: "Class", value: "os-pkgs" },
        { name: "Type", value: distro.id },
      ],
      [],
    ),
  };
}

interface LicenseContext {
  readonly extracted: Map<string, ExtractedLicense>;
  readonly known: ReadonlyMap<string, PackageLicenses>;
}

function libraryPackage(
  pkg: Package,
  report: Report,
  findings: readonly Vulnerability[],
  { extracted, known }: LicenseContext,
): SpdxPackage {
  const references = externalRefs(pkg, findings);
  return {
    ...blankPackage(pkg.name, packageId(pkg.id)),
    ...textField("versionInfo", pkg.version),
    ...textField("supplier", supplier(pkg.supplier)),
    ...checksumsOf(pkg.hashes),
    ...textField("sourceInfo", sourceInfo(pkg)),
    licenseConcluded: known.get(pkg.id)?.concluded ?? "NOASSERTION",
    licenseDeclared: declaredLicense(pkg.licenses ?? [], extracted),
    ...copyrightOf(known.get(pkg.id)),
    ...(references.length === 0 ? {} : { externalRefs: references }),
    annotations: annotations(report, trivyProperties(pkg, report.artifact).filter(isLayer), [
      ...packageProperties(pkg),
      { name: "plimsoll:id", value: pkg.id },
      // Only where the field above cannot hold it as it is.
      ...(visibleText(pkg.version) === pkg.version ? [] : [{ name: "plimsoll:version", value: pkg.version }]),
    ]),
  };
}

function copyrightOf(licenses: PackageLicenses | undefined): { copyrightText?: string } {
  if (licenses === undefined || licenses.copyrights.length === 0) return {};
  return { copyrightText: licenses.copyrights.map(visibleText).join("\n") };
}

/** The source package stands in `sourceInfo`, the rest in the purl; only the layer needs an annotation. */
function isLayer({ name }: Property): boolean {
  return name.startsWith("Layer");
}

function blankPackage(name: string, id: string): Omit<SpdxPackage, "annotations"> {
  return {
    name: visibleText(name) || "unnamed",
    SPDXID: id,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: "NOASSERTION",
    copyrightText: "NOASSERTION",
    primaryPackagePurpose: "LIBRARY",
  };
}

function packageId(id: string): string {
  return `SPDXRef-Package-${sha256Hex(id).slice(0, 24)}`;
}

function textField<Key extends string>(key: Key, text: string | undefined): { [K in Key]?: string } {
  // A computed key has the widened type `string`.
  return (text === undefined || text === "" ? {} : { [key]: visibleText(text) }) as { [K in Key]?: string };
}

/** `Person: name (mail)` or `Organization: name` (SPDX 2.3 §7.5). */
function supplier(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const [, name, mail] = /^([^<>]{1,200})<([^<>\s@]{1,100}@[^<>\s]{1,200})>$/.exec(text.trim()) ?? [];
  return name === undefined || mail === undefined ? `Organization: ${text}` : `Person: ${name.trim()} (${mail})`;
}

function sourceInfo(pkg: Package): string | undefined {
  if (pkg.source !== undefined) return `built package from: ${pkg.source.name} ${pkg.source.version}`;
  const path = pkg.locations[0]?.path;
  return path === undefined ? undefined : `acquired package info from: ${path}`;
}

function checksumsOf(hashes: Readonly<Record<string, string>> | undefined): Pick<SpdxPackage, "checksums"> {
  const checksums = knownHashes(hashes).map(({ algorithm, hex }) => ({
    algorithm: algorithm.spdx,
    checksumValue: hex.toLowerCase(),
  }));
  return checksums.length === 0 ? {} : { checksums };
}

function externalRefs(pkg: Package, findings: readonly Vulnerability[]): ExternalRef[] {
  return [
    ...(pkg.purl === ""
      ? []
      : [
          {
            referenceCategory: "PACKAGE-MANAGER" as const,
            referenceType: "purl" as const,
            referenceLocator: visibleText(pkg.purl).replaceAll(" ", "%20"),
          },
        ]),
    ...(pkg.cpes ?? []).filter(isCpe).map((cpe) => ({
      referenceCategory: "SECURITY" as const,
      referenceType: "cpe23Type" as const,
      referenceLocator: cpe,
    })),
    ...findings.map((finding) => ({
      referenceCategory: "SECURITY" as const,
      referenceType: "advisory" as const,
      referenceLocator: primaryUrl(finding),
      comment: visibleStart(`${finding.id}: ${finding.severity.toLowerCase()}, ${finding.status}`, 200),
    })),
  ];
}

/** Trivy reads one fact from each annotation; ours stand together in one, line by line. */
function annotations(report: Report, trivy: readonly Property[], own: readonly Property[]): Annotation[] {
  const comments = [
    ...trivy.map((property) => propertyLines([property])),
    ...(own.length === 0 ? [] : [propertyLines(own)]),
  ];
  return comments.map((comment) => ({
    annotationDate: dateOrEpoch(report),
    annotationType: "OTHER",
    annotator: toolName(report),
    comment,
  }));
}

function* relationships(report: Report): Steps<SpdxRelationship[]> {
  const hasDistro = report.artifact.distro !== undefined;
  const known = new Set(report.packages.map((pkg) => pkg.id));
  const relate = (
    spdxElementId: string,
    relationshipType: SpdxRelationship["relationshipType"],
    relatedSpdxElement: string,
  ): SpdxRelationship => ({ spdxElementId, relationshipType, relatedSpdxElement });
  return [
    relate("SPDXRef-DOCUMENT", "DESCRIBES", artifactId),
    ...(hasDistro ? [relate(artifactId, "CONTAINS", distroId)] : []),
    ...(yield* items(report.packages, (pkg) =>
      relate(hasDistro && packageClass(pkg) === "os" ? distroId : artifactId, "CONTAINS", packageId(pkg.id)),
    )),
    ...(yield* items(
      (report.artifact.dependencies ?? []).filter((id) => known.has(id)),
      (id) => relate(artifactId, "DEPENDS_ON", packageId(id)),
    )),
    ...(yield* flatItems(report.packages, (pkg) =>
      [...new Set(pkg.dependencies ?? [])]
        .filter((id) => known.has(id))
        .sort()
        .map((id) => relate(packageId(pkg.id), "DEPENDS_ON", packageId(id))),
    )),
  ];
}
