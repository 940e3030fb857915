import { wrongParts } from "@plimsoll/formats";
import type { DocumentShape, JsonDocument } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";

/**
 * Reports the values in a parsed file that have another type than its reader expects: the reader skips them, so their content is
 * missing. Every reader of JSON, YAML or TOML calls this.
 */
export function* reportWrongParts(
  file: AnalyzedFile,
  value: unknown,
  expected: DocumentShape,
  lineOf?: JsonDocument["lineOf"],
): Generator<Diagnostic> {
  for (const { detail, parent } of wrongParts(value, expected)) yield malformedFile(file, detail, lineOf?.(parent));
}

/** The same for YAML, where an absent value may be written as nothing after a colon. */
export function* reportWrongYaml(file: AnalyzedFile, value: unknown, expected: DocumentShape): Generator<Diagnostic> {
  for (const { detail } of wrongParts(value, expected, { emptyIsAbsent: true })) yield malformedFile(file, detail);
}
