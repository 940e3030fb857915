import { parseJson } from "../json/json.ts";
import { parseXml } from "../xml/xml.ts";
import { parseYaml } from "../yaml/yaml.ts";
import { attestedDocument } from "./attestation.ts";
import { isCycloneDx, readCycloneDx } from "./cyclonedx-json.ts";
import { cycloneDxXmlToJson, isCycloneDxXml } from "./cyclonedx-xml.ts";
import { wrongParts } from "../document-shape.ts";
import type { DocumentShape } from "../document-shape.ts";
import { field } from "../json/fields.ts";
import type { SbomDocument } from "./sbom-document.ts";
import { isTagValue, spdxTagValueToJson } from "./spdx-tag-value.ts";
import { isSpdxRdf, spdxRdfToJson } from "./spdx-rdf.ts";
import { isSpdx2, readSpdx2 } from "./spdx2.ts";
import { cycloneDxShape, spdx2Shape, spdx3Shape, syftShape } from "./shapes.ts";
import { isSpdx3, readSpdx3 } from "./spdx3.ts";
import { isSyft, readSyft } from "./syft.ts";

/** What recognises and reads one kind of JSON document. */
const readers: readonly { is(value: unknown): boolean; read(value: unknown): SbomDocument; shape: DocumentShape }[] = [
  { is: isCycloneDx, read: readCycloneDx, shape: cycloneDxShape },
  { is: isSpdx2, read: readSpdx2, shape: spdx2Shape },
  { is: isSpdx3, read: readSpdx3, shape: spdx3Shape },
  { is: isSyft, read: readSyft, shape: syftShape },
];

/** How many attestations around a document are opened. More of them are an attack. */
const maxWrappings = 3;

/**
 * The components of an SBOM: CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, YAML, tag-value, RDF), SPDX 3.0
 * (JSON-LD), Syft's JSON, and in-toto or DSSE attestations of these. The kind is recognised by content; undefined when
 * it is none of them.
 * @throws FormatError when the text is no JSON, XML or YAML although it begins as such.
 */
export function readSbomDocument(text: string): SbomDocument | undefined {
  const start = /\S/.exec(text)?.[0];
  if (start === "<") {
    const { root } = parseXml(text);
    if (isSpdxRdf(root)) return readSpdx2(spdxRdfToJson(root));
    return isCycloneDxXml(root) ? readCycloneDx(cycloneDxXmlToJson(root)) : undefined;
  }
  if (isTagValue(text)) return readSpdx2(spdxTagValueToJson(text));
  if (start === "{" || start === "[") return readJsonDocument(text);
  return /^(?:---\s|spdxVersion:|SPDXID:)/m.test(text.slice(0, 10_000))
    ? readValue(parseYaml(text)[0], true)
    : undefined;
}

/** One JSON value, or several on a line each, of which the first that is an SBOM counts. */
function readJsonDocument(text: string): SbomDocument | undefined {
  let whole: unknown;
  try {
    whole = parseJson(text);
  } catch (error) {
    const lines = text.split("\n", 1000).filter((line) => line.trim().startsWith("{"));
    if (lines.length < 2 && !text.trim().includes("\n")) throw error;
    for (const line of lines) {
      const document = readLine(line);
      if (document !== undefined) return document;
    }
    throw error;
  }
  return readValue(whole);
}

function readLine(line: string): SbomDocument | undefined {
  try {
    return readValue(parseJson(line));
  } catch {
    return undefined;
  }
}

function readValue(value: unknown, emptyIsAbsent = false): SbomDocument | undefined {
  let current = value;
  for (let wrapping = 0; wrapping <= maxWrappings && current !== undefined; wrapping++) {
    if (typeof current === "string") return isTagValue(current) ? readSpdx2(spdxTagValueToJson(current)) : undefined;
    const document = current;
    const reader = readers.find((candidate) => candidate.is(document));
    if (reader !== undefined) {
      const wrong = wrongParts(document, reader.shape, { emptyIsAbsent }).map(({ detail }) => detail);
      return { ...reader.read(document), ...(wrong.length === 0 ? {} : { problems: wrong }) };
    }
    // GitHub's dependency graph answers with the document below `sbom`.
    current = attestedDocument(current) ?? field(current, "sbom");
  }
  return undefined;
}
