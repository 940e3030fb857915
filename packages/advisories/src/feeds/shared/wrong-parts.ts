import { wrongParts } from "@plimsoll/formats";
import type { DocumentShape } from "@plimsoll/formats";
import type { Diagnostic } from "@plimsoll/model";
import { malformed } from "./document-text.ts";

/** Wrong parts of one document or record that are told one by one. */
const most = 5;

/**
 * Tells of what in a document is of another type than its reader takes: the reader passes over it, and what it says is lacking. That a
 * document as a whole is none of its kind, each reader says in its own words.
 */
export function* tellWrongParts(path: string, value: unknown, expected: DocumentShape): Generator<Diagnostic> {
  for (const part of wrongParts(value, expected, { most })) if (part.path !== "") yield malformed(path, part.detail);
}
