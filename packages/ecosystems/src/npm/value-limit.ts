import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/**
 * What is wrong with a lock file of more values than `maxLockFileValues` of the limits. Before each stands the end of a line, a comma or a colon, which
 * is counted before anything is held as a document.
 */
export function tooManyValues(
  { path, limits }: Pick<AnalyzedFile, "path" | "limits">,
  text: string,
): Diagnostic | undefined {
  const { maxLockFileValues } = limits;
  let count = 0;
  for (const separator of ["\n", ",", ":"])
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1))
      if (++count > maxLockFileValues) {
        const message = `${path} was not read: it has more than ${maxLockFileValues} values`;
        return { kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location: { path } };
      }
  return undefined;
}
