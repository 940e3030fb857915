import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** Longest path that Linux takes (`PATH_MAX`). */
const longestPath = 4096;

/** How many characters of paths one character of a database may make. In real databases it makes less than one. */
const expansion = 4;

/**
 * Bounds the paths that a database spells as directory and name apart: a long directory with many names would
 * otherwise grow far beyond the file.
 */
export class PathBudget {
  #left: number;
  #refused = 0;

  /** `size`: bytes or characters of the database. */
  constructor(size: number) {
    this.#left = size * expansion;
  }

  /** Joins a directory and a name. Undefined when the path is too long, or when the budget is used up. */
  join(directory: string, name: string): string | undefined {
    const length = directory.length + name.length;
    if (length > longestPath || length > this.#left) {
      this.#refused++;
      return undefined;
    }
    this.#left -= length;
    return directory + name;
  }

  /** Gives a diagnostic if paths were left out. */
  *report(file: AnalyzedFile): Generator<Diagnostic> {
    if (this.#refused > 0)
      yield {
        kind: "diagnostic",
        code: "limit-exceeded",
        effect: "incomplete",
        message: `${file.path}: ${this.#refused} paths of packages are too long or too many: these files count as no package's`,
        location: { path: file.path },
      };
  }
}
