import { WrongParts, wrongParts, wrongPartsSteps } from "@plimsoll/formats";
import type { DocumentShape, JsonDocument, JsonEntry, Steps } from "@plimsoll/formats";
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

/** The same in portions. */
export function* wrongYamlSteps(
  file: AnalyzedFile,
  value: unknown,
  expected: DocumentShape,
): Steps<readonly Diagnostic[]> {
  const wrong = yield* wrongPartsSteps(value, expected, { emptyIsAbsent: true });
  return wrong.map(({ detail }) => malformedFile(file, detail));
}

/** The same for a JSON file that is read entry by entry. */
export class WrongEntries {
  readonly #parts = new WrongParts();
  readonly #lines: JsonDocument["lineOf"][] = [];

  /** Looks at an entry; `parentLine` is that of the object or list which it stands in. */
  look(
    entry: Pick<JsonEntry, "path" | "value" | "located">,
    expected: DocumentShape,
    parentLine: number | undefined,
  ): void {
    const parent = typeof entry.path.at(-1) === "number" ? [] : {};
    const alone = new WrongParts({ most: 1 });
    alone.look(entry.value, expected, [], parent);
    if (alone.found.length === 0) return;
    // The rest is only counted.
    if (this.#parts.isFull) return this.#parts.look(entry.value, expected, entry.path, parent);
    const { value, lineOf } = entry.located();
    this.#parts.look(value, expected, entry.path, parent);
    this.#lines.push((container) => (container === parent ? parentLine : lineOf(container)));
  }

  *report(file: AnalyzedFile): Generator<Diagnostic> {
    for (const { detail, parent } of this.#parts.found) {
      const line = this.#lines.map((lineOf) => lineOf(parent)).find((known) => known !== undefined);
      yield malformedFile(file, detail, line);
    }
  }
}
