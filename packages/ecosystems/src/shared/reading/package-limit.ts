import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** Packages of one database that are held at once to relate them; whole distributions have half as many. */
export const maxPackages = 200_000;

/** Bytes of a database in text form; real ones stay below a tenth. */
export const maxTextDatabaseBytes: number = 128 * 1024 * 1024;

/** The diagnostic for a database with more packages than are read. */
export function tooManyPackages(file: AnalyzedFile): Diagnostic {
  return {
    kind: "diagnostic",
    code: "limit-exceeded",
    effect: "incomplete",
    message: `${file.path}: left after ${maxPackages} packages`,
    location: { path: file.path },
  };
}
