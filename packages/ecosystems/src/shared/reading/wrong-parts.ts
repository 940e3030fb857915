import { wrongParts } from "@plimsoll/formats";
import type { DocumentShape, JsonDocument } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";
import { malformedFile } from "./malformed-file.ts";

/**
 * Tells of the values in a parsed file that are not of the type that its reader takes: the reader passes over them, and what they
 * hold is lacking. Every reader of JSON, YAML or TOML says so of what it reads.
 */
export function* reportWrongParts(
  file: AnalyzedFile,
  value: unknown,
  expected: DocumentShape,
  lineOf?: JsonDocument["lineOf"],
): Generator<Diagnostic> {
  for (const { detail, parent } of wrongParts(value, expected)) yield malformedFile(file, detail, lineOf?.(parent));
}

/** The same of YAML, where nothing at all is written as nothing behind a colon. */
export function* reportWrongYaml(file: AnalyzedFile, value: unknown, expected: DocumentShape): Generator<Diagnostic> {
  for (const { detail } of wrongParts(value, expected, { emptyIsAbsent: true })) yield malformedFile(file, detail);
}
