import type { Steps } from "@plimsoll/formats";
import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";
import { readOrReport, readStepsOrReport } from "./malformed-file.ts";

/**
 * By how much the limit of values is multiplied. Values of JSON take less memory than those of YAML, and a lock file has more of them for
 * each package; in XML the ends of elements are counted as well.
 */
const timesAsMany: Readonly<Record<Language, number>> = { json: 2, yaml: 1, toml: 1, xml: 2, lines: 1 };

/** The language of a lock file; `lines`: each says something for itself. */
export type Language = "json" | "yaml" | "toml" | "xml" | "lines";

/** What stands before a value: counting it counts the values. */
const separators: Readonly<Record<Language, readonly string[]>> = {
  json: [",", ":"],
  yaml: ["\n", ",", ":"],
  toml: ["\n", ",", "="],
  xml: ["<", "="],
  lines: ["\n"],
};

/**
 * A diagnostic if a lock file has more values than the limit `maxLockFileValues`, or more than twice as many in JSON and XML. They are
 * counted by the separators in the text, before the document takes memory. Undefined: the file may be parsed.
 */
export function tooManyValues(
  { path, limits }: Pick<AnalyzedFile, "path" | "limits">,
  text: string,
  language: Language = "yaml",
): Diagnostic | undefined {
  const most = limits.maxLockFileValues * timesAsMany[language];
  return hasMore(text, separators[language], most) ? tooMany(path, `${most} values`) : undefined;
}

/**
 * What a text says, or a diagnostic: of its values ({@link tooManyValues}), before it is parsed, or of what `parse` cannot read. Other
 * errors than FormatError are thrown on.
 */
export function readValuesOrReport<T>(
  file: AnalyzedFile,
  text: string,
  language: Language,
  parse: (text: string) => T,
): { readonly value: T } | { readonly problem: Diagnostic } {
  const problem = tooManyValues(file, text, language);
  return problem === undefined ? readOrReport(file, () => parse(text)) : { problem };
}

/** The same for what is read in portions, with turns of the event loop in between. */
export async function readValueStepsOrReport<T>(
  file: AnalyzedFile,
  text: string,
  language: Language,
  steps: (text: string) => Steps<T>,
): Promise<{ readonly value: T } | { readonly problem: Diagnostic }> {
  const problem = tooManyValues(file, text, language);
  return problem === undefined ? await readStepsOrReport(file, steps(text)) : { problem };
}

/** How many times as many values may be in a file that is read entry by entry. */
const timesByEntries = 4;

/**
 * The same for a file in UTF-8 that is read entry by entry: four times as many values may be in it.
 * @param more by how much the limit is multiplied once more. Absent: by nothing
 */
export function tooManyValuesByEntries(
  { path, limits }: Pick<AnalyzedFile, "path" | "limits">,
  bytes: Uint8Array,
  language: Language,
  more: number = 1,
): Diagnostic | undefined {
  const most = limits.maxLockFileValues * timesAsMany[language] * timesByEntries * more;
  const codes = separators[language].map((text) => text.charCodeAt(0));
  return hasMore(bytes, codes, most) ? tooMany(path, `${most} values`) : undefined;
}

/** Whether any of several marks stand in a content more than so many times, together. */
function hasMore<Mark>(
  content: { indexOf(mark: Mark, from?: number): number },
  marks: readonly Mark[],
  most: number,
): boolean {
  let left = most;
  for (const mark of marks)
    for (let at = content.indexOf(mark); at >= 0; at = content.indexOf(mark, at + 1)) if (--left < 0) return true;
  return false;
}

/** A diagnostic if more entries are remembered of a file that is read entry by entry than the limit `maxLockFileValues`. */
export function tooManyEntries(
  { path, limits: { maxLockFileValues: most } }: Pick<AnalyzedFile, "path" | "limits">,
  entries: number,
): Diagnostic | undefined {
  return entries > most ? tooMany(path, `${most} entries`) : undefined;
}

function tooMany(path: string, what: string): Diagnostic {
  const message = `${path} was not read: it has more than ${what}`;
  return { kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location: { path } };
}
