import { parseJson, parseXml, parseYaml } from "@plimsoll/formats";
import { ScanError, type Inventory } from "@plimsoll/model";
import { attestedDocument } from "./attestation.ts";
import { isCycloneDx, readCycloneDx } from "./cyclonedx/read-json.ts";
import { cycloneDxXmlToJson, isCycloneDxXml } from "./cyclonedx/read-xml.ts";
import type { SbomDocument } from "./shared/sbom/sbom-document.ts";
import { toInventory } from "./shared/sbom/to-inventory.ts";
import { field } from "./shared/untrusted.ts";
import { isSpdx2, readSpdx2 } from "./spdx/read-json.ts";
import { isTagValue, spdxTagValueToJson } from "./spdx/read-tag-value.ts";
import { isSpdx3, readSpdx3 } from "./spdx3/read.ts";
import { isSyft, readSyft } from "./syft/read.ts";

export interface ReadSbomOptions {
  /** For messages: the file's name. */
  readonly label?: string | undefined;
}

/** What recognises and reads one kind of JSON document. */
const readers: readonly { is(value: unknown): boolean; read(value: unknown): SbomDocument }[] = [
  { is: isCycloneDx, read: readCycloneDx },
  { is: isSpdx2, read: readSpdx2 },
  { is: isSpdx3, read: readSpdx3 },
  { is: isSyft, read: readSyft },
];

/** Attestations in attestations are nobody's honest document. */
const maxWrappings = 3;

/**
 * The inventory that an SBOM tells of: CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, YAML, tag-value),
 * SPDX 3.0 (JSON-LD), Syft's JSON, and in-toto or DSSE attestations of these. The kind is recognised by content.
 * @throws ScanError `malformed-document` when the text is none of these or cannot be read.
 */
export function readSbom(content: Uint8Array | string, options: ReadSbomOptions = {}): Inventory {
  const label = options.label ?? "the SBOM";
  const text = typeof content === "string" ? content : decode(content);
  try {
    const document = readDocument(text);
    if (document !== undefined) return toInventory(document);
  } catch (error) {
    if (error instanceof ScanError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScanError({ kind: "malformed-document", label, reason }, { cause: error });
  }
  throw new ScanError({
    kind: "malformed-document",
    label,
    reason: "it is neither CycloneDX nor SPDX, nor an attestation that holds one",
  });
}

/** UTF-8, or UTF-16 with its mark, as Windows tools write it. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

function readDocument(text: string): SbomDocument | undefined {
  const start = /\S/.exec(text)?.[0];
  if (start === "<") {
    const { root } = parseXml(text);
    return isCycloneDxXml(root) ? readCycloneDx(cycloneDxXmlToJson(root)) : undefined;
  }
  if (isTagValue(text)) return readSpdx2(spdxTagValueToJson(text));
  if (start === "{" || start === "[") return readJsonDocument(text);
  return /^(?:---\s|spdxVersion:|SPDXID:)/m.test(text.slice(0, 10_000)) ? readValue(parseYaml(text)[0]) : undefined;
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

function readValue(value: unknown): SbomDocument | undefined {
  let current = value;
  for (let wrapping = 0; wrapping <= maxWrappings && current !== undefined; wrapping++) {
    if (typeof current === "string") return isTagValue(current) ? readSpdx2(spdxTagValueToJson(current)) : undefined;
    const document = current;
    const reader = readers.find((candidate) => candidate.is(document));
    if (reader !== undefined) return reader.read(document);
    // GitHub's dependency graph answers with the document below `sbom`.
    current = attestedDocument(current) ?? field(current, "sbom");
  }
  return undefined;
}
