import { parseJson } from "../json/json.ts";
import { xmlSteps } from "../xml/xml.ts";
import { yamlSteps } from "../yaml/yaml-steps.ts";
import { attestedDocument } from "./attestation.ts";
import { isCycloneDx, readCycloneDx } from "./cyclonedx-json.ts";
import { cycloneDxXmlToJson, isCycloneDxXml } from "./cyclonedx-xml.ts";
import { wrongPartsSteps } from "../document-shape.ts";
import type { DocumentShape } from "../document-shape.ts";
import { FormatError } from "../format-error.ts";
import { field } from "../json/fields.ts";
import { jsonSteps } from "../json/json-steps.ts";
import { finish } from "../shared/steps.ts";
import type { Steps } from "../shared/steps.ts";
import type { SbomDocument } from "./sbom-document.ts";
import { isTagValue, spdxTagValueToJson } from "./spdx-tag-value.ts";
import { isSpdxRdf, spdxRdfToJson } from "./spdx-rdf.ts";
import { isSpdx2, readSpdx2 } from "./spdx2.ts";
import { cycloneDxShape, spdx2Shape, spdx3Shape, syftShape } from "./shapes.ts";
import { isSpdx3, readSpdx3 } from "./spdx3.ts";
import { isSyft, readSyft } from "./syft.ts";

/** What recognises and reads one kind of JSON document. */
const readers: readonly {
  is(value: unknown): boolean;
  read(value: unknown): Steps<SbomDocument>;
  shape: DocumentShape;
}[] = [
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
  return finish(sbomSteps(text, atOnce(parseJson)));
}

/** The same in portions. */
export function sbomDocumentSteps(text: string): Steps<SbomDocument | undefined> {
  return sbomSteps(text, (part) => jsonSteps(part, isEntered));
}

type ParseSteps = (text: string) => Steps<unknown>;

/** A function that stops nowhere as one that does. */
function atOnce<T, R>(read: (value: T) => R): (value: T) => Steps<R> {
  // oxlint-disable-next-line require-yield -- it does not stop
  return function* steps(value) {
    return read(value);
  };
}

function* sbomSteps(given: string, parse: ParseSteps): Steps<SbomDocument | undefined> {
  // Each tool of a row of them may have put a byte order mark in front, and each parser takes away as many as it likes.
  const text = given.replace(/^\ufeff+/, "");
  const start = /\S/.exec(text)?.[0];
  if (start === "<") {
    const { root } = yield* xmlSteps(text);
    if (isSpdxRdf(root)) return yield* readSpdx2(yield* spdxRdfToJson(root));
    return isCycloneDxXml(root) ? yield* readCycloneDx(yield* cycloneDxXmlToJson(root)) : undefined;
  }
  if (isTagValue(text)) return yield* readSpdx2(yield* spdxTagValueToJson(text));
  if (start === "{" || start === "[") return yield* readJsonDocument(text, parse);
  return /^(?:---\s|spdxVersion:|SPDXID:)/m.test(text.slice(0, 10_000))
    ? yield* readValue((yield* yamlSteps(text))[0], parse, true)
    : undefined;
}

/** One JSON value, or several on a line each, of which the first that is an SBOM counts. */
function* readJsonDocument(text: string, parse: ParseSteps): Steps<SbomDocument | undefined> {
  let whole: unknown;
  try {
    whole = yield* parse(text);
  } catch (error) {
    const lines = text.split("\n", 1000).filter((line) => line.trim().startsWith("{"));
    if (lines.length < 2 && !text.trim().includes("\n")) throw error;
    for (const line of lines) {
      const document = yield* readLine(line, parse);
      if (document !== undefined) return document;
    }
    throw error;
  }
  return yield* readValue(whole, parse);
}

function* readLine(line: string, parse: ParseSteps): Steps<SbomDocument | undefined> {
  try {
    return yield* readValue(yield* parse(line), parse);
  } catch {
    return undefined;
  }
}

/** The long lists of documents, which are read in portions. */
const longLists = new Set<unknown>([
  "components",
  "dependencies",
  "packages",
  "files",
  "relationships",
  "@graph",
  "artifacts",
  "artifactRelationships",
]);

/** What a document may lie in (see {@link attestedDocument}). */
const wrappings = new Set<unknown>(["predicate", "Data", "sbom"]);

function isEntered(path: readonly (string | number)[]): boolean {
  const name = path.at(-1);
  if (name !== undefined && !wrappings.has(name) && !longLists.has(name)) return false;
  return path.slice(0, -1).every((outer) => wrappings.has(outer));
}

function* readValue(value: unknown, parse: ParseSteps, emptyIsAbsent = false): Steps<SbomDocument | undefined> {
  let current = value;
  for (let wrapping = 0; wrapping <= maxWrappings && current !== undefined; wrapping++) {
    if (typeof current === "string")
      return isTagValue(current) ? yield* readSpdx2(yield* spdxTagValueToJson(current)) : undefined;
    const document = current;
    const reader = readers.find((candidate) => candidate.is(document));
    if (reader !== undefined) {
      const wrong = (yield* wrongPartsSteps(document, reader.shape, { emptyIsAbsent })).map(({ detail }) => detail);
      return { ...(yield* reader.read(document)), ...(wrong.length === 0 ? {} : { problems: wrong }) };
    }
    // GitHub's dependency graph answers with the document below `sbom`.
    current = (yield* attestedDocument(current, orUndefined(parse))) ?? field(current, "sbom");
  }
  return undefined;
}

/** As `parse`, with undefined for what it refuses. */
function orUndefined(parse: ParseSteps): ParseSteps {
  return function* steps(text) {
    try {
      return yield* parse(text);
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  };
}
