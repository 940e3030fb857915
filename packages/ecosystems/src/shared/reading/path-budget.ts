import type { AnalyzedFile, Diagnostic } from "@plimsoll/model";

/** Longest path that Linux takes (`PATH_MAX`). */
const longestPath = 4096;

/** Characters of paths per character of the database they are built from; real databases stay below one. */
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

  /** The path; undefined when it is too long, or when there are too many. */
  join(directory: string, name: string): string | undefined {
    const length = directory.length + name.length;
    if (length > longestPath || length > this.#left) {
      this.#refused++;
      return undefined;
    }
    this.#left -= length;
    return directory + name;
  }

  /** What was left out, if anything. */
  *report(file: AnalyzedFile): Generator<Diagnostic> {
    if (this.#refused > 0)
      yield {
        kind: "diagnostic",
        code: "limit-exceeded",
        effect: "incomplete",
        message: `${file.path}: ${this.#refused} paths of packages are too long or too many and belong to nobody`,
        location: { path: file.path },
      };
  }
}
