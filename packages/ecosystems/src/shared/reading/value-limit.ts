import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** A lock file in JSON has as many values for so many of YAML's: they take less memory, and it writes more of them for a package. XML has ends of elements. */
const timesAsMany: Readonly<Record<Language, number>> = { json: 2, yaml: 1, toml: 1, xml: 2 };

/** In what a lock file is written. */
export type Language = "json" | "yaml" | "toml" | "xml";

/** What stands before each value. */
const separators: Readonly<Record<Language, readonly string[]>> = {
  json: [",", ":"],
  yaml: ["\n", ",", ":"],
  toml: ["\n", ",", "="],
  xml: ["<", "="],
};

/**
 * What is wrong with a lock file of more values than `maxLockFileValues` of the limits, or twice as many in JSON and XML. Before each stands a
 * separator, which is counted before anything is held as a document.
 */
export function tooManyValues(
  { path, limits }: Pick<AnalyzedFile, "path" | "limits">,
  text: string,
  language: Language = "yaml",
): Diagnostic | undefined {
  const most = limits.maxLockFileValues * timesAsMany[language];
  let count = 0;
  for (const separator of separators[language])
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1))
      if (++count > most) {
        const message = `${path} was not read: it has more than ${most} values`;
        return { kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location: { path } };
      }
  return undefined;
}
