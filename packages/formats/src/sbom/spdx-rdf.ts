import type { Steps } from "../shared/steps.ts";
import { xmlChild, xmlChildren, xmlText, type XmlElement } from "../xml/xml.ts";

/** Whether an XML document is an SPDX 2 document in RDF. */
export function isSpdxRdf(root: XmlElement): boolean {
  return (
    root.name === "RDF" && [...root.attributes.values()].some((value) => value.startsWith("http://spdx.org/rdf/terms"))
  );
}

type Fields = Record<string, unknown>;

/** To look at an element takes about as long as looking at so many bytes. */
const bytesPerElement = 256;

/**
 * Turns a document in RDF into the value that its JSON form has, as far as it is read (SPDX 2.3 annex D, https://spdx.org/rdf/terms).
 * Packages may stand anywhere: RDF writes a node where it is first referred to.
 */
export function* spdxRdfToJson(root: XmlElement): Steps<unknown> {
  const packages: Fields[] = [];
  const relationships: Fields[] = [];
  const licenses: Fields[] = [];
  let version = "SPDX-2.3";
  const open: XmlElement[] = [root];
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    if (element.name === "SpdxDocument") version = xmlText(element, "specVersion") ?? version;
    if (element.name === "Package") packages.push(packageOf(element));
    if (element.name === "ExtractedLicensingInfo")
      licenses.push({ licenseId: xmlText(element, "licenseId"), extractedText: xmlText(element, "extractedText") });
    for (const relation of xmlChildren(element, "relationship"))
      for (const one of xmlChildren(relation, "Relationship")) {
        const related = xmlChild(one, "relatedSpdxElement");
        relationships.push({
          spdxElementId: idOf(element),
          relatedSpdxElement: fragment(resourceOf(related)) ?? idOf(related?.children[0]),
          relationshipType: upper(after(resourceOf(xmlChild(one, "relationshipType")), "relationshipType_")),
        });
      }
    // In the order of the document.
    for (let at = element.children.length - 1; at >= 0; at--) {
      const child = element.children[at];
      if (child !== undefined) open.push(child);
    }
    yield bytesPerElement;
  }
  return { spdxVersion: version, packages, relationships, hasExtractedLicensingInfos: licenses };
}

function packageOf(element: XmlElement): Fields {
  const license = resourceOf(xmlChild(element, "licenseDeclared"));
  return {
    SPDXID: idOf(element),
    name: xmlText(element, "name"),
    versionInfo: xmlText(element, "versionInfo"),
    supplier: xmlText(element, "supplier"),
    sourceInfo: xmlText(element, "sourceInfo"),
    primaryPackagePurpose: upper(after(resourceOf(xmlChild(element, "primaryPackagePurpose")), "purpose_")),
    licenseDeclared:
      license?.startsWith("http://spdx.org/licenses/") === true ? after(license, "/licenses/") : undefined,
    externalRefs: xmlChildren(element, "externalRef").flatMap((reference) =>
      xmlChildren(reference, "ExternalRef").map((one) => ({
        referenceType: resourceOf(xmlChild(one, "referenceType")),
        referenceLocator: xmlText(one, "referenceLocator"),
      })),
    ),
    checksums: xmlChildren(element, "checksum").flatMap((checksum) =>
      xmlChildren(checksum, "Checksum").map((one) => ({
        algorithm: after(resourceOf(xmlChild(one, "algorithm")), "checksumAlgorithm_")?.toUpperCase(),
        checksumValue: xmlText(one, "checksumValue"),
      })),
    ),
  };
}

/** The id `SPDXRef-…` of an element, by which others refer to it. */
function idOf(element: XmlElement | undefined): string | undefined {
  return (
    fragment(element?.attributes.get("about")) ?? element?.attributes.get("ID") ?? element?.attributes.get("nodeID")
  );
}

function resourceOf(element: XmlElement | undefined): string | undefined {
  return element?.attributes.get("resource") ?? element?.attributes.get("nodeID");
}

function fragment(address: string | undefined): string | undefined {
  return address?.slice(address.indexOf("#") + 1);
}

function after(text: string | undefined, mark: string): string | undefined {
  const at = text?.indexOf(mark) ?? -1;
  return at === -1 ? undefined : text?.slice(at + mark.length);
}

/** The name of a relationship as JSON spells it: `DEPENDS_ON` for `dependsOn`. */
function upper(text: string | undefined): string | undefined {
  return text?.replaceAll(/[A-Z]/g, "_$&").toUpperCase();
}
