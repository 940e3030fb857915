import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** What stands between values of a lock file; the largest public ones have some 130,000. */
const maxSeparators = 160_000;

/**
 * The diagnostic for a lock file with more values than may be held: parsed, every value takes some hundred bytes, however short it is
 * in the text. Values are counted by the line ends, commas and colons before them.
 */
export function tooManyValues({ path }: Pick<AnalyzedFile, "path">, text: string): Diagnostic | undefined {
  let count = 0;
  for (const separator of ["\n", ",", ":"])
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1))
      if (++count > maxSeparators) {
        const message = `${path} was not read: it has more than ${maxSeparators} values`;
        return { kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location: { path } };
      }
  return undefined;
}
