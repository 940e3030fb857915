import type { Digest } from "@plimsoll/model";
import { sha256 } from "../image-archive.ts";

/** Between the documents of one input. */
const separator = "\n----\n";

/** A document of an input, and the digest that others name it by. */
export interface LinkedDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** One input from several documents. */
export function joinDocuments(documents: readonly string[]): string {
  return documents.join(separator);
}

/**
 * The documents that an input consists of. `@3` in one of them stands for the digest of the fourth, so that documents
 * name each other however they were mutated; only later ones can be named.
 */
export function linkDocuments(input: Uint8Array): readonly LinkedDocument[] {
  const texts = Buffer.from(input).toString("latin1").split(separator, 32);
  const linked: LinkedDocument[] = [];
  for (let at = texts.length - 1; at >= 0; at--) {
    const text = (texts[at] ?? "").replaceAll(
      /@(\d{1,2})/g,
      (all, number: string) => linked[Number(number)]?.digest ?? all,
    );
    const bytes = new Uint8Array(Buffer.from(text, "latin1"));
    linked[at] = { bytes, digest: sha256(bytes) };
  }
  return linked;
}
