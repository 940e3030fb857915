import type { IgnoreRules } from "./ignore-rules.ts";

/** One way of writing ignore files: how a file of it is known, and how it is read. */
export interface IgnoreDialect<Id extends string = string> {
  /** Unique, stable. */
  readonly id: Id;
  /** Whether files of this name are written so. `base`: base name, lower case. Asked first, of all. */
  claims(base: string): boolean;
  /** Whether a YAML file that no dialect claims by its name is written so. Absent: it is never told by content. */
  resembles?(text: string): boolean;
  /** No rule and no complaint is what such a file may come to: it has only comments. Absent: said, since it is more likely a mistake. */
  readonly mayBeEmpty?: true;
  /** @throws FormatError when the file as a whole is not of its syntax. */
  read(text: string): IgnoreRules;
}
