import { readSbomDocument } from "@plimsoll/formats";
import { checkOptions, optionIs, ScanError, type Inventory } from "@plimsoll/model";
import { toInventory } from "./shared/sbom/to-inventory.ts";

export interface ReadSbomOptions {
  /** Name of the file, for messages. */
  readonly label?: string | undefined;
}

/**
 * Reads an SBOM into an inventory: CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, YAML, tag-value),
 * SPDX 3.0 (JSON-LD), Syft's JSON, and in-toto or DSSE attestations of these. The kind is recognised by content.
 * @throws ScanError `malformed-document` when the text is none of these or cannot be read.
 */
export function readSbom(content: Uint8Array | string, options: ReadSbomOptions = {}): Inventory {
  checkOptions("readSbom", options, { label: optionIs.text });
  const label = options.label ?? "the SBOM";
  const text = typeof content === "string" ? content : decode(content);
  try {
    const document = readSbomDocument(text);
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

/** Decodes UTF-8, or UTF-16 with a byte order mark, as tools of Windows write it. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
