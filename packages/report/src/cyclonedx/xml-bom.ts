import { xml, xmlList, xmlText, type XmlElement } from "../shared/xml.ts";
import { items } from "../shared/items.ts";
import type { Property, Steps } from "@plimsoll/formats";
import type { Bom, Component, Identity, LicenseChoice, Rating, BomVulnerability } from "./bom.ts";

/** The XML form of a BOM: the same content, in the order that the schema's sequences ask for. */
export function* xmlBom(bom: Bom): Steps<XmlElement> {
  const { metadata } = bom;
  return xml(
    "bom",
    {
      xmlns: `http://cyclonedx.org/schema/bom/${bom.specVersion}`,
      serialNumber: bom.serialNumber,
      version: bom.version,
    },
    xml(
      "metadata",
      {},
      xmlText("timestamp", metadata.timestamp),
      "components" in metadata.tools
        ? xml("tools", {}, xml("components", {}, ...metadata.tools.components.map(component)))
        : xml(
            "tools",
            {},
            ...metadata.tools.map(({ name, version }) =>
              xml("tool", {}, xmlText("name", name), xmlText("version", version)),
            ),
          ),
      component(metadata.component),
    ),
    xml("components", {}, ...(yield* items(bom.components, component))),
    xmlList(
      "dependencies",
      yield* items(bom.dependencies, ({ ref, dependsOn = [] }) =>
        xml("dependency", { ref }, ...dependsOn.map((needed) => xml("dependency", { ref: needed }))),
      ),
    ),
    xmlList("vulnerabilities", yield* items(bom.vulnerabilities ?? [], vulnerability)),
  );
}

function component(it: Component): XmlElement {
  return xml(
    "component",
    { type: it.type, "bom-ref": it["bom-ref"] },
    it.supplier && xml("supplier", {}, xmlText("name", it.supplier.name)),
    xmlText("group", it.group),
    xmlText("name", it.name),
    xmlText("version", it.version),
    xmlText("scope", it.scope),
    xmlList(
      "hashes",
      it.hashes?.map(({ alg, content }) => xml("hash", { alg }, content)),
    ),
    xmlList("licenses", it.licenses?.map(license)),
    xmlText("cpe", it.cpe),
    xmlText("purl", it.purl),
    properties(it.properties),
    it.evidence &&
      xml(
        "evidence",
        {},
        ...identities(it.evidence.identity),
        xmlList(
          "occurrences",
          it.evidence.occurrences?.map(({ location, line }) =>
            xml("occurrence", {}, xmlText("location", location), xmlText("line", line)),
          ),
        ),
        xmlList("licenses", it.evidence.licenses?.map(license)),
        xmlList(
          "copyright",
          it.evidence.copyright?.map(({ text }) => xml("text", {}, text)),
        ),
      ),
  );
}

function identities(identity: Identity | readonly Identity[] | undefined): XmlElement[] {
  const all = identity === undefined ? [] : "field" in identity ? [identity] : identity;
  return all.map(({ field, confidence, methods }) =>
    xml(
      "identity",
      {},
      xmlText("field", field),
      xmlText("confidence", confidence),
      xmlList(
        "methods",
        methods.map((method) =>
          xml(
            "method",
            {},
            xmlText("technique", method.technique),
            xmlText("confidence", method.confidence),
            xmlText("value", method.value),
          ),
        ),
      ),
    ),
  );
}

function license(choice: LicenseChoice): XmlElement {
  if ("expression" in choice) return xml("expression", { acknowledgement: choice.acknowledgement }, choice.expression);
  const { license: it } = choice;
  return xml(
    "license",
    { acknowledgement: it.acknowledgement },
    "id" in it ? xmlText("id", it.id) : xmlText("name", it.name),
  );
}

function vulnerability(it: BomVulnerability): XmlElement {
  return xml(
    "vulnerability",
    { "bom-ref": it["bom-ref"] },
    xmlText("id", it.id),
    source(it.source),
    xmlList(
      "references",
      it.references?.map((reference) => xml("reference", {}, xmlText("id", reference.id), source(reference.source))),
    ),
    xmlList("ratings", it.ratings?.map(rating)),
    xmlList(
      "cwes",
      it.cwes?.map((cwe) => xmlText("cwe", cwe)),
    ),
    xmlText("description", it.description),
    xmlText("detail", it.detail),
    xmlText("recommendation", it.recommendation),
    xmlList(
      "advisories",
      it.advisories?.map(({ url }) => xml("advisory", {}, xmlText("url", url))),
    ),
    xmlText("published", it.published),
    xmlText("updated", it.updated),
    it.analysis &&
      xml(
        "analysis",
        {},
        xmlText("state", it.analysis.state),
        xmlText("justification", it.analysis.justification),
        xmlText("detail", it.analysis.detail),
      ),
    xml(
      "affects",
      {},
      ...it.affects.map(({ ref, versions }) =>
        xml(
          "target",
          {},
          xmlText("ref", ref),
          xmlList(
            "versions",
            versions?.map(({ version, status }) =>
              xml("version", {}, xmlText("version", version), xmlText("status", status)),
            ),
          ),
        ),
      ),
    ),
    properties(it.properties),
  );
}

function rating(it: Rating): XmlElement {
  return xml(
    "rating",
    {},
    source(it.source),
    xmlText("score", it.score),
    xmlText("severity", it.severity),
    xmlText("method", it.method),
    xmlText("vector", it.vector),
  );
}

function source(it: { readonly name: string; readonly url?: string } | undefined): XmlElement | undefined {
  return it && xml("source", {}, xmlText("name", it.name), xmlText("url", it.url));
}

function properties(list: readonly Property[] | undefined): XmlElement | undefined {
  return xmlList(
    "properties",
    list?.map(({ name, value }) => xml("property", { name }, value)),
  );
}
