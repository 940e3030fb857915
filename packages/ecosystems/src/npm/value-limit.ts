import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** What stands between values of a lock file; the largest public ones have some 130,000. */
const maxSeparators = 160_000;

/**
 * What is wrong with a lock file of more values than are held: as a document every value takes some hundred bytes, however short it is in the
 * text. Before each stands the end of a line, a comma or a colon.
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
