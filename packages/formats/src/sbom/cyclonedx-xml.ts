import { mapped } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";
import { xmlChild, xmlChildren, xmlText, type XmlElement } from "../xml/xml.ts";

/** Whether an XML document is a CycloneDX BOM. */
export function isCycloneDxXml(root: XmlElement): boolean {
  return (
    local(root) === "bom" && [...root.attributes.values()].some((value) => value.includes("cyclonedx.org/schema/bom"))
  );
}

/** To turn an element takes about as long as looking at so many bytes. */
const bytesPerElement = 2_048;

/** Turns a BOM in XML into the value that its JSON form has, as far as it is read. */
export function* cycloneDxXmlToJson(root: XmlElement): Steps<unknown> {
  const bom = withoutPrefixes(root);
  const namespace = [...bom.attributes.values()].find((value) => value.includes("cyclonedx.org/schema/bom"));
  return {
    bomFormat: "CycloneDX",
    specVersion: namespace?.slice(namespace.lastIndexOf("/") + 1),
    metadata: { component: components(xmlChild(bom, "metadata"), "component")[0] },
    components: yield* mapped(xmlChildren(xmlChild(bom, "components"), "component"), bytesPerElement, component),
    dependencies: yield* mapped(
      xmlChildren(xmlChild(bom, "dependencies"), "dependency"),
      bytesPerElement / 4,
      (dependency) => ({
        ref: dependency.attributes.get("ref"),
        dependsOn: xmlChildren(dependency, "dependency").flatMap((needed) => needed.attributes.get("ref") ?? []),
      }),
    ),
  };
}

function components(parent: XmlElement | undefined, name: string): unknown[] {
  return xmlChildren(parent, name).map(component);
}

function component(element: XmlElement): unknown {
  return {
    type: element.attributes.get("type"),
    "bom-ref": element.attributes.get("bom-ref"),
    supplier: { name: xmlText(xmlChild(element, "supplier"), "name") },
    publisher: xmlText(element, "publisher"),
    group: xmlText(element, "group"),
    name: xmlText(element, "name"),
    version: xmlText(element, "version"),
    cpe: xmlText(element, "cpe"),
    purl: xmlText(element, "purl"),
    hashes: xmlChildren(xmlChild(element, "hashes"), "hash").map((hash) => ({
      alg: hash.attributes.get("alg"),
      content: hash.text.trim(),
    })),
    licenses: (xmlChild(element, "licenses")?.children ?? []).map((choice) =>
      choice.name === "expression"
        ? { expression: choice.text.trim() }
        : { license: { id: xmlText(choice, "id"), name: xmlText(choice, "name") } },
    ),
    properties: xmlChildren(xmlChild(element, "properties"), "property").map((property) => ({
      name: property.attributes.get("name"),
      value: property.text,
    })),
    evidence: {
      occurrences: xmlChildren(xmlChild(xmlChild(element, "evidence"), "occurrences"), "occurrence").map(
        (occurrence) => ({
          location: xmlText(occurrence, "location"),
        }),
      ),
    },
    components: components(xmlChild(element, "components"), "component"),
  };
}

function local(element: XmlElement): string {
  return element.name.slice(element.name.indexOf(":") + 1);
}

/** A copy of an element without prefixes in the names of elements, since writers may bind the namespace to any. */
function withoutPrefixes(element: XmlElement): XmlElement {
  if (!element.name.includes(":")) return element;
  return { ...element, name: local(element), children: element.children.map(withoutPrefixes) };
}
