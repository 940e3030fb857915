import { compareText, isCve, sortedSteps } from "@plimsoll/model";
import { isCpe } from "@plimsoll/formats";
import type { Steps } from "@plimsoll/formats";
import type { CvssRating, Vulnerability, Package, Report } from "@plimsoll/model";
import { severityOf } from "@plimsoll/cvss";
import { sha256Hex, uuidSteps } from "../shared/content-id.ts";
import { dateTimeOf } from "../shared/date-time.ts";
import { dateOrEpoch } from "../shared/fallback-date.ts";
import { groupBy } from "../shared/group-by.ts";
import { knownHashes } from "../shared/hash-algorithms.ts";
import { flatItems, items } from "../shared/items.ts";
import { licensesOfPackages } from "../shared/concluded-license.ts";
import { licenseOf } from "../shared/licenses.ts";
import { packageClass } from "../shared/package-class.ts";
import { primaryUrl, webReferences } from "../shared/primary-url.ts";
import { propertyLines } from "../shared/property-lines.ts";
import { artifactProperties, distroVersion, packageProperties } from "../shared/sbom-properties.ts";
import { visibleText } from "../shared/visible-text.ts";

/** An element of the graph, as SPDX 3.0.1 spells it in JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/). */
export type Element = Readonly<Record<string, unknown>>;

/** Every element of the document of an ordered report, the document itself first. */
export function* buildGraph(report: Report): Steps<readonly Element[]> {
  const names = new ElementNames(yield* uuidSteps(["spdx-3", report]));
  const { artifact } = report;
  const concluded = yield* concludedOf(report);
  const distroId = artifact.distro === undefined ? undefined : names.of("OperatingSystem", "");
  const artifactId = names.of("Artifact", "");
  const elements = [
    ...tools(report, names),
    artifactPackage(report, artifactId),
    annotation(artifactId, propertyLines(artifactProperties(artifact, report.diagnostics)), names),
    ...(artifact.distro === undefined || distroId === undefined
      ? []
      : [
          softwarePackage(distroId, artifact.distro.id, "operatingSystem", { version: distroVersion(artifact.distro) }),
        ]),
    ...(yield* suppliers(report, names)),
    ...(yield* flatItems(report.packages, (pkg) => packageElements(pkg, names))),
    ...(yield* licenseElements(report, concluded, names)),
    ...(yield* relationships(report, { artifactId, distroId, concluded }, names)),
    ...(yield* vulnerabilityElements(report, names)),
  ];
  const ids = yield* sortedSteps(
    elements.map((element) => String(element["spdxId"])),
    compareText,
  );
  const sbom: Element = {
    type: "software_Sbom",
    spdxId: names.of("Sbom", ""),
    creationInfo,
    rootElement: [artifactId],
    element: ids,
    software_sbomType: ["analyzed"],
  };
  const document: Element = {
    type: "SpdxDocument",
    spdxId: names.of("Document", ""),
    creationInfo,
    name: visibleText(artifact.name) || "unnamed",
    profileConformance: [
      "core",
      "software",
      "simpleLicensing",
      ...(report.vulnerabilities === undefined ? [] : ["security"]),
    ],
    rootElement: [sbom["spdxId"]],
    element: [...ids, sbom["spdxId"]],
  };
  return [creation(report, names), document, sbom, ...elements];
}

/** The blank node that every element shares. */
const creationInfo = "_:creationInfo";

/** Gives elements ids that are unique within the document. */
class ElementNames {
  readonly #namespace: string;

  constructor(uuid: string) {
    this.#namespace = `https://spdx.org/spdxdocs/plimsoll-${uuid}`;
  }

  of(kind: string, content: string): string {
    return content === ""
      ? `${this.#namespace}#${kind}`
      : `${this.#namespace}#${kind}-${sha256Hex(content).slice(0, 24)}`;
  }
}

function creation(report: Report, names: ElementNames): Element {
  return {
    type: "CreationInfo",
    "@id": creationInfo,
    specVersion: "3.0.1",
    created: dateOrEpoch(report),
    createdBy: [names.of("Agent", "")],
    createdUsing: [names.of("Tool", "")],
  };
}

function tools({ tool }: Report, names: ElementNames): Element[] {
  const name = `${tool.name}-${tool.version}`;
  return [
    { type: "SoftwareAgent", spdxId: names.of("Agent", ""), creationInfo, name: tool.name },
    { type: "Tool", spdxId: names.of("Tool", ""), creationInfo, name },
  ];
}

function softwarePackage(
  spdxId: string,
  name: string,
  purpose: "container" | "source" | "operatingSystem" | "library",
  more: { readonly version?: string | undefined; readonly purl?: string | undefined } = {},
): Element {
  return {
    type: "software_Package",
    spdxId,
    creationInfo,
    name: visibleText(name) || "unnamed",
    software_primaryPurpose: purpose,
    ...(more.version === undefined || more.version === ""
      ? {}
      : { software_packageVersion: visibleText(more.version) }),
    ...(more.purl === undefined || more.purl === ""
      ? {}
      : { software_packageUrl: visibleText(more.purl).replaceAll(" ", "%20") }),
  };
}

function artifactPackage({ artifact }: Report, spdxId: string): Element {
  const purpose = artifact.kind === "container-image" ? "container" : "source";
  return softwarePackage(spdxId, artifact.name, purpose, {
    version: artifact.version ?? artifact.digest,
  });
}

function packageElements(pkg: Package, names: ElementNames): Element[] {
  const spdxId = names.of("Package", pkg.id);
  const hashes = knownHashes(pkg.hashes).map(({ algorithm, hex }) => ({
    type: "Hash",
    algorithm: algorithm.id,
    hashValue: hex.toLowerCase(),
  }));
  const identifiers = (pkg.cpes ?? []).filter(isCpe).map((identifier) => ({
    type: "ExternalIdentifier",
    externalIdentifierType: identifier.toLowerCase().startsWith("cpe:2.3:") ? "cpe23" : "cpe22",
    identifier,
  }));
  const source =
    pkg.source === undefined ? "" : visibleText(`built package from: ${pkg.source.name} ${pkg.source.version}`);
  const properties = [
    ...packageProperties(pkg),
    { name: "plimsoll:id", value: pkg.id },
    { name: "plimsoll:version", value: pkg.version },
  ];
  return [
    {
      ...softwarePackage(spdxId, pkg.name, "library", pkg),
      ...(source === "" ? {} : { software_sourceInfo: source }),
      ...(pkg.supplier === undefined || pkg.supplier === "" ? {} : { suppliedBy: names.of("Supplier", pkg.supplier) }),
      ...(hashes.length === 0 ? {} : { verifiedUsing: hashes }),
      ...(identifiers.length === 0 ? {} : { externalIdentifier: identifiers }),
    },
    annotation(spdxId, propertyLines(properties), names),
  ];
}

function* suppliers({ packages }: Report, names: ElementNames): Steps<Element[]> {
  const all = new Set(
    packages.flatMap(({ supplier }) => (supplier === undefined || supplier === "" ? [] : [supplier])),
  );
  return yield* items([...all].sort(), (supplier) => ({
    type: "Organization",
    spdxId: names.of("Supplier", supplier),
    creationInfo,
    name: visibleText(supplier),
  }));
}

function annotation(subject: string, statement: string, names: ElementNames): Element {
  return {
    type: "Annotation",
    spdxId: names.of("Annotation", subject),
    creationInfo,
    annotationType: "other",
    subject,
    contentType: "text/plain",
    statement,
  };
}

function* licenseElements(
  report: Report,
  concluded: ReadonlyMap<string, string>,
  names: ElementNames,
): Steps<Element[]> {
  const texts = new Set([
    ...report.packages.flatMap(({ licenses = [] }) => licenses).filter((text) => text.trim() !== ""),
    ...concluded.values(),
  ]);
  return yield* items([...texts].sort(), (text): Element => {
    const license = licenseOf(text);
    const spdxId = names.of("License", text);
    return license.kind === "name"
      ? {
          type: "simplelicensing_SimpleLicensingText",
          spdxId,
          creationInfo,
          simplelicensing_licenseText: visibleText(text),
        }
      : {
          type: "simplelicensing_LicenseExpression",
          spdxId,
          creationInfo,
          simplelicensing_licenseExpression: license.text,
        };
  });
}

/** The licence concluded of each package, by its id. */
function* concludedOf(report: Report): Steps<ReadonlyMap<string, string>> {
  return new Map(
    [...(yield* licensesOfPackages(report))].flatMap(([id, { concluded }]) =>
      concluded === "NOASSERTION" ? [] : [[id, concluded] as const],
    ),
  );
}

function relationship(from: string, relationshipType: string, to: readonly string[], names: ElementNames): Element[] {
  if (to.length === 0) return [];
  const spdxId = names.of("Relationship", `${from} ${relationshipType}`);
  return [{ type: "Relationship", spdxId, creationInfo, from, relationshipType, to: [...new Set(to)].sort() }];
}

function* relationships(
  report: Report,
  {
    artifactId,
    distroId,
    concluded,
  }: {
    readonly artifactId: string;
    readonly distroId: string | undefined;
    readonly concluded: ReadonlyMap<string, string>;
  },
  names: ElementNames,
): Steps<Element[]> {
  const known = new Set(report.packages.map((pkg) => pkg.id));
  const id = (packageId: string): string => names.of("Package", packageId);
  const idsOf = (kind: "os" | "library"): Steps<string[]> =>
    items(
      report.packages.filter((pkg) => packageClass(pkg) === kind),
      (pkg) => id(pkg.id),
    );
  const os = yield* idsOf("os");
  const libraries = yield* idsOf("library");
  const direct = distroId === undefined ? [...os, ...libraries] : [distroId, ...libraries];
  return [
    ...relationship(artifactId, "contains", direct, names),
    ...relationship(
      artifactId,
      "dependsOn",
      (report.artifact.dependencies ?? []).filter((it) => known.has(it)).map(id),
      names,
    ),
    ...(distroId === undefined ? [] : relationship(distroId, "contains", os, names)),
    ...(yield* flatItems(report.packages, (pkg) => [
      ...relationship(id(pkg.id), "dependsOn", (pkg.dependencies ?? []).filter((it) => known.has(it)).map(id), names),
      ...relationship(
        id(pkg.id),
        "hasDeclaredLicense",
        (pkg.licenses ?? []).filter((text) => text.trim() !== "").map((text) => names.of("License", text)),
        names,
      ),
      ...relationship(
        id(pkg.id),
        "hasConcludedLicense",
        [concluded.get(pkg.id)].flatMap((text) => (text === undefined ? [] : [names.of("License", text)])),
        names,
      ),
    ])),
  ];
}

function* vulnerabilityElements(report: Report, names: ElementNames): Steps<Element[]> {
  const known = new Set(report.packages.map((pkg) => pkg.id));
  const findings = (report.vulnerabilities ?? []).filter(({ package: pkg }) => known.has(pkg.id));
  const byPackage = groupBy(findings, ({ package: pkg }) => pkg.id);
  return [
    ...(yield* flatItems(groupBy(findings, ({ id }) => id).values(), (same) => vulnerability(same, names))),
    ...(yield* flatItems(byPackage, ([packageId, of]) =>
      relationship(
        names.of("Package", packageId),
        "hasAssociatedVulnerability",
        of.map(({ id }) => names.of("Vulnerability", id)),
        names,
      ),
    )),
  ];
}

function vulnerability(findings: readonly Vulnerability[], names: ElementNames): Element[] {
  const [first] = findings;
  if (first === undefined) return [];
  const spdxId = names.of("Vulnerability", first.id);
  const published = utc(first.published);
  const modified = utc(first.modified);
  const identifiers = [first.id, ...first.aliases]
    .filter((id) => id !== "")
    .map((identifier) => ({
      type: "ExternalIdentifier",
      externalIdentifierType: isCve(identifier) ? "cve" : "securityOther",
      identifier: visibleText(identifier),
    }));
  const element: Element = {
    type: "security_Vulnerability",
    spdxId,
    creationInfo,
    name: visibleText(first.id) || "unnamed",
    ...(first.title === undefined ? {} : { summary: visibleText(first.title) }),
    ...(first.description === undefined ? {} : { description: visibleText(first.description) }),
    ...(identifiers.length === 0 ? {} : { externalIdentifier: identifiers }),
    externalRef: [
      {
        type: "ExternalRef",
        externalRefType: "securityAdvisory",
        locator: [...new Set([primaryUrl(first), ...webReferences(first.references)])],
      },
    ],
    ...(published === undefined ? {} : { security_publishedTime: published }),
    ...(modified === undefined ? {} : { security_modifiedTime: modified }),
  };
  const packages = [...new Set(findings.map(({ package: pkg }) => names.of("Package", pkg.id)))].sort();
  return [element, ...first.cvss.flatMap((rating) => assessment(rating, spdxId, packages, names))];
}

/** The assessment of a CVSS rating. SPDX has severities, in lower case, for CVSS 3 and 4, but none for CVSS 2. */
function assessment(rating: CvssRating, from: string, to: readonly string[], names: ElementNames): Element[] {
  const major = rating.version.charAt(0);
  const severity = severityOf(rating.score, rating.version)?.toLowerCase();
  if (major !== "2" && severity === undefined) return [];
  return [
    {
      type: `security_CvssV${major}VulnAssessmentRelationship`,
      spdxId: names.of("Assessment", JSON.stringify([from, rating])),
      creationInfo,
      from,
      relationshipType: "hasAssessmentFor",
      to,
      security_score: rating.score,
      ...(major === "2" ? {} : { security_severity: severity }),
      security_vectorString: visibleText(rating.vector),
      comment: visibleText(`rated by ${rating.source}`),
    },
  ];
}

/** A time in whole seconds of UTC, the only form that SPDX 3 allows (Core, DateTime). */
function utc(text: string | undefined): string | undefined {
  const date = dateTimeOf(text);
  return date === undefined ? undefined : `${new Date(date).toISOString().slice(0, 19)}Z`;
}
