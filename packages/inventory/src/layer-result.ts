import type { Diagnostic, Observation } from "@plimsoll/model";
import type { PathHasher } from "./path-hash.ts";
import type { PathIndex } from "./path-index.ts";

/** What one analyzer has to say about one file of a layer. */
export interface FileRecord {
  /** Where the file is in the layer. */
  readonly path: string;
  /** The name under which the analyzer saw it, when a link led there. */
  readonly as?: string;
  readonly observations: readonly Exclude<Observation, { readonly kind: "ownership" }>[];
  readonly ownership: readonly OwnedPaths[];
  /** Set for tree analyzers, which see the file after the last layer. */
  readonly retained?: RetainedFile;
}

/** What was said of a file of which nothing was said: one list for all of them. */
const nothing: readonly never[] = [];

/**
 * A record in the memory that it takes: an image has hundreds of thousands. A list that was added to one by one has room for seventeen
 * entries, and an object put together from others keeps most of its fields apart.
 * @param as the name under which the analyzer saw the file
 */
export function fileRecord(
  path: string,
  as: string,
  { observations, ownership }: Pick<FileRecord, "observations" | "ownership">,
): FileRecord {
  const said = { observations: compactList(observations), ownership: compactList(ownership) };
  return as === path ? { path, observations: said.observations, ownership: said.ownership } : { path, as, ...said };
}

/** The same list without room for more. */
export function compactList<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? nothing : list.slice();
}

/** Paths that a package claims, as hashes: a distribution claims hundreds of thousands. */
export interface OwnedPaths {
  /** Key of the owner. */
  readonly owner: string;
  /** What the paths are hashed with. */
  readonly hasher: PathHasher;
  readonly hashes: Float64Array;
}

/** A file that is kept for a tree analyzer until the last layer. */
export interface RetainedFile {
  readonly size: number;
  readonly executable: boolean;
  /** Absent when it exceeded the memory limit: reading it then throws. */
  readonly content?: Uint8Array;
}

/** A wanted path whose content is elsewhere. */
export interface LinkRecord {
  /** `content`: a hard link under a name that nobody asked for, to a file that may be wanted for its first bytes. */
  readonly kind: "symlink" | "hardlink" | "moved" | "content";
  readonly path: string;
  /** Of a link: as written. Of a moved file: the name under which the layer has it. */
  readonly target: string;
}

/** What one analyzer has to say about a layer. */
export interface AnalyzerRecord {
  readonly files: readonly FileRecord[];
  readonly links: readonly LinkRecord[];
  /** Set: it failed in a way that may not repeat, so the record is not cached. */
  readonly uncertain?: boolean;
  /** Set: a budget left something out. */
  readonly cut?: boolean;
}

/** The record of an analyzer that has nothing to say. */
export const emptyRecord: AnalyzerRecord = { files: [], links: [] };

/** Everything that is kept of a layer. */
export interface LayerResult {
  readonly index: PathIndex;
  /** By analyzer id. */
  readonly records: ReadonlyMap<string, AnalyzerRecord>;
  /** Problems of the layer as a whole. */
  readonly diagnostics: readonly Diagnostic[];
  readonly entries: number;
  /** Uncompressed bytes of its files. */
  readonly bytes: number;
}
