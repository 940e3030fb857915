import type { TextLines, TextRange, ValuePath } from "@plimsoll/formats";
import type { JsonObject } from "@plimsoll/kubernetes";
import type { Diagnostic } from "@plimsoll/model";
import type { Dockerfile } from "./dockerfile/instruction.ts";

/** What the value of a document of each format is. */
export interface ConfigValues {
  readonly dockerfile: Dockerfile;
  /** A Dockerfile made from an image's configuration and history. */
  readonly "image-config": Dockerfile;
  /** One document of a manifest: an object, or a list of objects. */
  readonly kubernetes: JsonObject;
  readonly compose: JsonObject;
  /** YAML that is nothing of the above: for users' own checks. */
  readonly yaml: unknown;
  readonly json: unknown;
}

/** Formats whose files become documents. */
export type ConfigFormat = keyof ConfigValues;

/** A configuration file, or one document of it, with the place of every value. */
export interface ConfigDocument<Format extends ConfigFormat = ConfigFormat> {
  readonly format: Format;
  /** Relative to what is scanned, with `/`. */
  readonly path: string;
  readonly value: ConfigValues[Format];
  /** The whole file. Secrets in it are not masked. */
  readonly text: string;
  /** Its lines; documents of one file share them. */
  readonly lines: TextLines;
  /**
   * The lines of a part, from its key to its end: `at("/spec/containers/0")`, `at(["instructions", 2])`. Undefined: there is no such part, or
   * it stands nowhere in the file.
   */
  at(path: ValuePath): TextRange | undefined;
}

/** A document of one of the formats: `format` tells which. */
export type AnyConfigDocument = { readonly [Format in ConfigFormat]: ConfigDocument<Format> }[ConfigFormat];

/** A file to read. */
export interface ConfigFile {
  /** Relative to what is scanned, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** What was read, and what could not be. */
export interface ReadConfigs {
  /** In the order of the files, and in that of their documents. */
  readonly documents: readonly AnyConfigDocument[];
  readonly diagnostics: readonly Diagnostic[];
}
