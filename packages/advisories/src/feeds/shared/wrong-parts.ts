import { wrongParts } from "@plimsoll/formats";
import type { DocumentShape } from "@plimsoll/formats";
import type { Diagnostic } from "@plimsoll/model";
import { malformed } from "./document-text.ts";

/** How many wrong parts of one document or record are reported one by one. */
const most = 5;

/**
 * Reports the parts of a document that have another type than `expected`: the reader skips them, so their content is missing. Each
 * reader itself reports a document that as a whole is not of its kind.
 */
export function* tellWrongParts(path: string, value: unknown, expected: DocumentShape): Generator<Diagnostic> {
  for (const part of wrongParts(value, expected, { most })) if (part.path !== "") yield malformed(path, part.detail);
}
