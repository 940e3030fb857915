import { finish, readSbomDocument, sbomDocumentSteps } from "@plimsoll/formats";
import { checkOptions, inTurns, optionIs, ScanError, sortedInTurns, workDone } from "@plimsoll/model";
import type { Inventory } from "@plimsoll/model";
import { comparePackages } from "./shared/ordered-report.ts";
import { toInventory } from "./shared/sbom/to-inventory.ts";

export interface ReadSbomOptions {
  /** Name of the file, for messages. */
  readonly label?: string | undefined;
}

/**
 * Reads an SBOM into an inventory: CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON, YAML, tag-value),
 * SPDX 3.0 (JSON-LD), Syft's JSON, and in-toto or DSSE attestations of these. The kind is recognised by content.
 * It keeps everybody else waiting: two seconds for 50,000 components. {@link readSbomInTurns} does not.
 * @throws ScanError `malformed-document` when the text is none of these or cannot be read.
 */
export function readSbom(content: Uint8Array | string, options: ReadSbomOptions = {}): Inventory {
  checkOptions("readSbom", options, { label: optionIs.text });
  const label = options.label ?? "the SBOM";
  try {
    const document = readSbomDocument(textOf(content));
    if (document === undefined) throw unknown(label);
    const inventory = finish(toInventory(document));
    return { ...inventory, packages: inventory.packages.toSorted(comparePackages) };
  } catch (error) {
    throw unreadable(error, label);
  }
}

/**
 * As {@link readSbom}, with turns of the event loop for others in between: for servers, and whoever else has something to do beside it.
 * YAML is parsed at once: half a second for 20,000 packages. A DSSE envelope is taken from its text at once: 0.1 s for 15 MB.
 * @throws ScanError as that does, in the promise.
 */
export async function readSbomInTurns(content: Uint8Array | string, options: ReadSbomOptions = {}): Promise<Inventory> {
  checkOptions("readSbomInTurns", options, { label: optionIs.text });
  const label = options.label ?? "the SBOM";
  try {
    const text = textOf(content);
    await workDone(text.length);
    const document = await inTurns(sbomDocumentSteps(text));
    if (document === undefined) throw unknown(label);
    const inventory = await inTurns(toInventory(document));
    return { ...inventory, packages: await sortedInTurns(inventory.packages, comparePackages) };
  } catch (error) {
    throw unreadable(error, label);
  }
}

function unknown(label: string): ScanError {
  const reason = "it is neither CycloneDX nor SPDX, nor an attestation that holds one";
  return new ScanError({ kind: "malformed-document", label, reason });
}

function unreadable(error: unknown, label: string): ScanError {
  if (error instanceof ScanError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ScanError({ kind: "malformed-document", label, reason }, { cause: error });
}

function textOf(content: Uint8Array | string): string {
  return typeof content === "string" ? content : decode(content);
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, as tools of Windows write it. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
