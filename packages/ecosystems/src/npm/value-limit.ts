import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** A lock file in JSON has as many values for so many of YAML's: they take less memory, and it writes more of them for a package. */
const timesInJson = 2;

/**
 * What is wrong with a lock file of more values than `maxLockFileValues` of the limits, or twice as many in JSON. Before each stands a comma, a colon, or, not
 * in JSON, the end of a line, which is counted before anything is held as a document.
 */
export function tooManyValues(
  { path, limits }: Pick<AnalyzedFile, "path" | "limits">,
  text: string,
  language: "json" | "yaml" = "yaml",
): Diagnostic | undefined {
  const isJson = language === "json";
  const most = limits.maxLockFileValues * (isJson ? timesInJson : 1);
  let count = 0;
  for (const separator of isJson ? [",", ":"] : ["\n", ",", ":"])
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1))
      if (++count > most) {
        const message = `${path} was not read: it has more than ${most} values`;
        return { kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location: { path } };
      }
  return undefined;
}
