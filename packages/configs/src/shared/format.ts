import type { AnyConfigDocument, ConfigFile, ReadConfigs } from "../document.ts";

/** A format that is recognised by the file's name or text. */
export interface FileFormat {
  readonly id: string;
  /** Whether a file is of this format by its name alone. */
  matchesName(path: string): boolean;
  /** Whether a file is of this format by the start of its text, where its name says nothing. */
  matchesText?(text: string): boolean;
  read(file: ConfigFile): ReadConfigs;
}

/** A format that is recognised by the content of a YAML or JSON document. */
export interface ValueFormat {
  readonly id: string;
  matches(value: Readonly<Record<string, unknown>>, path: string): boolean;
  /** Absent: it is recognised, and reported as a gap. */
  document?(input: StructuredDocument): AnyConfigDocument;
  /** What such a file is called in a gap: `CloudFormation template`. */
  readonly name: string;
}

/** A format that is recognised by a YAML or JSON document that is a list, and reported as a gap. Users' own checks see it as YAML all the same. */
export interface ListFormat {
  matches(items: readonly unknown[]): boolean;
  /** What such a file is called in a gap: `Ansible playbook`. */
  readonly name: string;
}

/** A YAML or JSON document before anyone said what it is. */
export interface StructuredDocument {
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly lines: AnyConfigDocument["lines"];
  readonly at: AnyConfigDocument["at"];
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder of a path; empty for the top. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

/** The ending in lower case, with its dot; empty when there is none. */
export function extensionOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  return dot === -1 ? "" : name.slice(dot).toLowerCase();
}
