/** A name and a value, as CycloneDX properties and SPDX annotations carry them. */
export interface Property {
  readonly name: string;
  readonly value: string;
}

/** The common form of all SBOM formats, before it becomes an inventory. Its values are untrusted, but have these types. */
export interface SbomDocument {
  /** `CycloneDX 1.6`, for messages. */
  readonly format: string;
  /** What the document is about. */
  readonly subject?: SbomComponent;
  /** Refs of the subject's own dependencies, where the format distinguishes dependencies from contents; absent where it does not. */
  readonly subjectNeeds?: readonly string[];
  readonly components: readonly SbomComponent[];
  readonly distro?: { readonly name: string; readonly version?: string };
  /** Values that have another type than they should and were skipped: `packages is null where a list belongs`. */
  readonly problems?: readonly string[];
}

/** A component of an SBOM: a package, a distribution, a group of packages or a file. */
export interface SbomComponent {
  /** Unique within the document. */
  readonly ref: string;
  /** `group`: holds packages but is none: a lock file, an image. `file`: one file. */
  readonly kind: "package" | "distro" | "group" | "file";
  /** A model of machine learning, as the document classifies it. */
  readonly isModel?: true;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  /** The document states no package URL: this one follows from other things that it says, and is a guess. */
  readonly purlIsInferred?: true;
  readonly licenses: readonly string[];
  readonly cpes: readonly string[];
  readonly supplier?: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly properties: readonly Property[];
  /** Files in which it was found. */
  readonly paths: readonly string[];
  /** The source package, where the format has a place for it. */
  readonly source?: { readonly name: string; readonly version?: string };
  /** Refs of the components that it depends on or contains. */
  readonly dependsOn: readonly string[];
}
