import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** The most packages of one database that are read, since all are held in memory to relate them. A whole distribution has half as many. */
export const maxPackages = 200_000;

/** The most bytes of a package database in text form. Real ones have less than a tenth of them. */
export const maxTextDatabaseBytes: number = 128 * 1024 * 1024;

/** The diagnostic for a database with more packages than are read. */
export function tooManyPackages(file: AnalyzedFile): Diagnostic {
  return {
    kind: "diagnostic",
    code: "limit-exceeded",
    effect: "incomplete",
    message: `${file.path}: reading stopped after ${maxPackages} packages`,
    location: { path: file.path },
  };
}
