import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/**
 * By how much the limit of values is multiplied. Values of JSON take less memory than those of YAML, and a lock file has more of them for
 * each package; in XML the ends of elements are counted as well.
 */
const timesAsMany: Readonly<Record<Language, number>> = { json: 2, yaml: 1, toml: 1, xml: 2 };

/** The language of a lock file. */
export type Language = "json" | "yaml" | "toml" | "xml";

/** The texts that stand before a value: counting them counts the values. */
const separators: Readonly<Record<Language, readonly string[]>> = {
  json: [",", ":"],
  yaml: ["\n", ",", ":"],
  toml: ["\n", ",", "="],
  xml: ["<", "="],
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
  let count = 0;
  for (const separator of separators[language])
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1))
      if (++count > most) {
        const message = `${path} was not read: it has more than ${most} values`;
        return { kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location: { path } };
      }
  return undefined;
}
