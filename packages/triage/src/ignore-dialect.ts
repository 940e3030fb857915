import type { IgnoreRules } from "./ignore-rules.ts";

/** One format of ignore files: how its files are recognised and read. */
export interface IgnoreDialect<Id extends string = string> {
  /** Unique, stable. */
  readonly id: Id;
  /** Whether files of this name have this format. `base`: base name, lower case. Asked first, of all. */
  claims(base: string): boolean;
  /** Whether a YAML file that no dialect claims by its name has this format. Absent: it is never recognised by content. */
  resembles?(text: string): boolean;
  /**
   * Set: a file without rules, such as one that has only comments, is accepted in silence. Absent: it gives a diagnostic, since it is
   * likely a mistake.
   */
  readonly mayBeEmpty?: true;
  /** @throws FormatError when the file as a whole does not have its syntax. */
  read(text: string): IgnoreRules;
}
