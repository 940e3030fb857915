import type { AdvisoryKey, AffectedPackage } from "./advisory.ts";
import type { ByteStream, CallOptions } from "./bytes.ts";
import type { Diagnostic, LayerRef } from "./diagnostic.ts";
import type { ImageConfiguration } from "./image.ts";
import type { Inventory } from "./inventory.ts";
import type { Limits } from "./limits.ts";
import { isOfRegistry } from "./package.ts";
import type { Distro, Evidence, FoundPackage, Origin, Package } from "./package.ts";
import type { VersionScheme } from "./version.ts";

/**
 * Which files an analyzer wants. Data, not a predicate: the dispatcher compiles all of them into one lookup,
 * and they can be sent to a worker. Paths have no leading slash and are compared case-sensitively.
 */
export type FileMatcher =
  | { readonly path: string }
  /** With `outside`: not below a directory of that name. With `inside`: only at any depth below this directory. */
  | { readonly basename: string; readonly outside?: string; readonly inside?: string }
  /** First characters of the base name: `Dockerfile.`. */
  | { readonly stem: string }
  /** Last characters of the path: `.jar`, `.dist-info/METADATA`. */
  | { readonly suffix: string }
  /** Files directly inside this directory, as far as their names have this beginning and this ending. */
  | { readonly directory: string; readonly beginning?: string; readonly ending?: string }
  /** Files at any depth below this directory. */
  | { readonly below: string }
  /** First bytes of the content; with `executable`, only of files that have an executable bit. */
  | {
      readonly magic: Uint8Array;
      readonly executable?: boolean;
      /**
       * Byte sequences, of which a file must hold at least one, at any offset, to be shown to the analyzer. They apply to files that
       * were matched by their first bytes alone. The sequences of all analyzers are searched for in one pass, while the file is read.
       * Absent: the analyzer is shown every matched file.
       */
      readonly marks?: readonly Uint8Array[];
    };

/** A file as an analyzer may read it. Only until the analyzer's iterator ends. */
export interface AnalyzedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
  readonly limits: Limits;
  /** What archives inside of files may still expand to, for all files of the image together. Absent: there is no limit. */
  readonly nested?: NestedBudget;
  /**
   * The content by parts, for formats that say where things lie: large files are then not held in memory. Throws as
   * `bytes` does; what it gives can be read until the analyzer ends.
   */
  ranges(): Promise<FileRanges>;
  /**
   * Keeps bytes that were made out of the content, such as a file that lies packed in it, where any part of them can be read: in memory, and
   * where they are too large for that, outside of it. Throws a `limit-exceeded` ScanError when they are more than the analyzer's limit
   * allows, and what `pieces` throws. They are gone when they are closed, and when the analyzer ends. Absent: there is only memory.
   * @param what the file, for the error
   * @param size how many bytes will come
   * @param pieces the bytes in order; a piece is done with when the next one is asked for
   */
  readonly putAside?: (what: string, size: number, pieces: Iterable<Uint8Array>) => Promise<KeptRanges>;
  /** What the platform does faster than JavaScript. Absent: nothing. */
  readonly engine?: FileEngine;
  /** The whole content. Throws a `limit-exceeded` ScanError above the analyzer's limit; let it pass, the runner reports it. */
  bytes(): Promise<Uint8Array>;
  /** The whole content as UTF-8, invalid sequences replaced, a leading byte order mark dropped. */
  text(): Promise<string>;
  stream(): ByteStream;
}

/** A file of which any part can be read without waiting. */
export interface FileRanges {
  /** Bytes. */
  readonly size: number;
  /** The bytes from `start` to before `end`; fewer where the file ends before. */
  read(start: number, end: number): Uint8Array;
}

/** What a platform does faster than JavaScript, with the same result: for files whose content is expanded or hashed. */
export interface FileEngine {
  /**
   * Expands raw deflate (RFC 1951) piece by piece; what stands behind its end is left alone. A piece is done with when the next one is asked
   * for. Throws where the bytes are damaged, or end before the stream does.
   */
  inflateRaw(packed: Iterable<Uint8Array>): Iterable<Uint8Array>;
  /** CRC-32 of bytes, unsigned; `previous` is that of the bytes before them. Absent: it is not faster. */
  readonly crc32?: ((bytes: Uint8Array, previous?: number) => number) | undefined;
  /** A new SHA-1: takes bytes in pieces, and gives the digest in lower-case hexadecimal digits. */
  sha1(): { update(bytes: Uint8Array): void; digest(): string };
}

/** Bytes that are kept until they are closed. */
export interface KeptRanges extends FileRanges {
  /** Lets go of them. Once more does nothing. */
  close(): void;
}

/** Space for one file that is too large for memory; nothing of it is left when it is closed. */
export interface ScratchSpace {
  /** Adds bytes at the end. Throws when there is no space left. */
  append(bytes: Uint8Array): void;
  read(start: number, end: number): Uint8Array;
  close(): void;
}

/** How much may still be read out of archives among the files of an image; each archive that is opened takes from it. */
export interface NestedBudget {
  /** Uncompressed bytes left. */
  bytes: number;
  /** Entries of archives left. */
  entries: number;
  /** True once something was left out because a budget ran out; the result is then not cached. */
  isSpent: boolean;
}

/**
 * When packages of an analyzer are dropped because a better source has the same packages. Each condition is optional; one that holds is
 * enough.
 */
export interface Precedence {
  /** The package of the distribution that owns the file: a program built from source is known by its bytes, one from a package by the package. */
  readonly owner?: true;
  /**
   * Any of these files, when packages were found in it, wherever it lies: newer forms of the same database. Paths without leading
   * slash.
   */
  readonly files?: readonly string[];
  /** The file of this base name in the same directory, where that has packages. */
  readonly sibling?: string;
  /** The tree analyzer with this id, where it finds packages in the same file: it reads the file with more at hand. */
  readonly analyzer?: string;
}

interface AnalyzerBase {
  /** `apk/installed`. Unique, stable, shown in reports. */
  readonly id: string;
  /** Bump when the output for the same bytes changes; part of every cache key. */
  readonly revision: number;
  readonly matches: readonly FileMatcher[];
  /** `declared`: reads lock files and manifests, which say what was asked for, not what is there. Not run on images unless asked for. `requested`: guesses versions from ranges; run on nothing unless asked for. Absent: `installed`. */
  readonly evidence?: Evidence;
  /** The analyzers whose statements are used in place of its own, where both are about the same packages. Absent: none. */
  readonly yieldsTo?: Precedence;
  /** The most bytes of a file that this analyzer reads, where that is less than `Limits.maxEntryBytes`. */
  readonly maxBytes?: number;
  /** It reads a lock file entry by entry and makes no document of it: of such files four times `Limits.maxLockFileBytes` are read. Absent: false. */
  readonly readsByEntries?: boolean;
}

/** Understands one file on its own. Runs during the pass over the layer; its output is cached per layer. */
export interface FileAnalyzer extends AnalyzerBase {
  readonly kind: "file";
  analyze(file: AnalyzedFile, options: CallOptions): Iterable<Observation> | AsyncIterable<Observation>;
}

/** Needs several files, or what others observed. Runs once, after the last layer, on the files that survived. */
export interface TreeAnalyzer extends AnalyzerBase {
  readonly kind: "tree";
  /** Whether a matched file is worth keeping until the last layer, where its name does not tell. Absent: every one is. */
  wants?(file: AnalyzedFile): boolean | Promise<boolean>;
  /**
   * What `analyze` is to read of a wanted file in place of its content, worked out while the layer is read: it is kept and cached instead. It
   * depends on nothing but the file. Throws only what reading the file throws; such a file is told as one that was not read. Absent: the
   * whole content is kept.
   */
  condense?(file: AnalyzedFile): string | Promise<string>;
  /**
   * Paths of files that are needed beside a kept one, and for nothing else: no matcher names them, and they are read from their layers only
   * where the kept file is there at the end. Absent: none.
   */
  needsBeside?(path: string): readonly string[];
  analyze(
    files: RetainedFiles,
    observed: readonly LocatedObservation[],
    options: CallOptions,
  ): Iterable<Observation> | AsyncIterable<Observation>;
}

/** What an {@link Ecosystem} or a {@link PartDetector} reads files with. */
export type Analyzer = FileAnalyzer | TreeAnalyzer;

/** The matched files as the running container would see them, in path order. */
export interface RetainedFiles extends Iterable<AnalyzedFile> {
  get(path: string): AnalyzedFile | undefined;
}

/** What an analyzer may report. Plain JSON data, so it can be cached, diffed and sorted. */
export type Observation =
  | PackageObservation
  | DistroObservation
  | OwnershipObservation
  | DetectorObservation
  | Diagnostic;

/** What an analyzer of a {@link PartDetector} reports. Only the detector knows the shape of `data`. */
export interface DetectorObservation {
  readonly kind: "detected";
  /** Plain JSON data. */
  readonly data: unknown;
}

/** A package in the analyzed file. */
export interface PackageObservation {
  readonly kind: "package";
  readonly package: FoundPackage;
  /** Where, when it is not the analyzed file itself: a path inside it (`!/…`), or another path of the image. */
  readonly at?: string;
  readonly line?: number;
  /**
   * Set: the package was named by a document, such as an SBOM, and belongs to the ecosystem with this id. Operating-system packages
   * named so count only where no package database was found.
   */
  readonly ecosystem?: string;
  /** Counts only if the distribution turns out to have this id, or to be like it. */
  readonly onlyFor?: string;
}

/** Part of what is known about the distribution. All of them are merged field by field; the highest rank wins each field. */
export interface DistroObservation {
  readonly kind: "distro";
  readonly distro: Partial<Distro>;
  /**
   * Which statement counts where several files name the distribution: that of the highest rank. os-release has 100; corrections have more,
   * older release files less.
   */
  readonly rank: number;
  /** Counts only if the distribution turns out to have this id. */
  readonly onlyFor?: string;
}

/** This package put these files there; packages found in them belong to it. */
export interface OwnershipObservation {
  readonly kind: "ownership";
  /** Key of a package of the same ecosystem. */
  readonly owner: string;
  /** Without leading slash. */
  readonly paths: readonly string[];
}

/** An observation with the file it came from. */
export interface LocatedObservation {
  readonly observation: Observation;
  readonly path: string;
  readonly analyzer: string;
}

/** A directory into which an installer puts third-party packages, each in a directory of its own. */
export interface ForeignDirectory {
  /** One or more segments: `node_modules`, `registry/src`. */
  readonly name: string;
  /** Only of directories with a version behind their name: `gems/rake-13.0.6`, but not a project's own `gems/billing`. */
  readonly versioned?: true;
  /** Only of directories beside which a file of one of these names lies: `deps` beside `mix.exs`, but not a project's own `deps`. */
  readonly beside?: readonly string[];
}

/** Why no advisories can be looked up for a package that was found. */
export interface LookupGap {
  readonly code: "unknown-distro" | "unsupported-distro" | "no-advisories" | "third-party-package" | "unknown-version";
  /** One sentence for people. Packages with the same sentence are reported once, counted. */
  readonly message: string;
}

/**
 * Something that is found in files in the one pass over an image: packages of an {@link Ecosystem}, or, by a {@link PartDetector}, a
 * part of the inventory.
 */
export interface Detector {
  /** Unique, stable. */
  readonly id: string;
  readonly analyzers: readonly Analyzer[];
  /**
   * A clean copy of what an analyzer said, or of what a cache holds of it: known fields of the right type within bounds. Analyzers see
   * hostile files, and caches are shared, so nothing is trusted. Undefined: it cannot be used. Absent: the detector reports only
   * packages, distributions, owners and diagnostics, which are cleaned for it.
   */
  clean?(data: unknown): unknown;
}

/** What a {@link PartDetector} found, and where. */
export interface DetectedData {
  /** The data as the detector's `clean` returned it. */
  readonly data: unknown;
  readonly path: string;
  /** Id of the analyzer. */
  readonly analyzer: string;
  /** The layer that has the file. Absent outside of images. */
  readonly layer?: LayerRef & { readonly createdBy?: string };
  /** The layer that removed or replaced it; set only where `reach` is `every-layer`. */
  readonly removedIn?: LayerRef & { readonly createdBy?: string };
}

/** The parts of an inventory that are no packages. */
export type InventoryParts = Pick<Inventory, "secrets" | "configs" | "licenseTexts">;

/** Finds something else than packages: secrets, files that configure, licence texts. Its analyzers say `detected` observations. */
export interface PartDetector extends Detector {
  clean(data: unknown): unknown;
  /**
   * `final` (absent): files that are there at the end. `every-layer`: files of every layer as they are when the layer ends, also what
   * later layers remove; links to content are not followed, since the content is seen where it lies.
   */
  readonly reach?: "final" | "every-layer";
  /** What it finds in the configuration of an image, which is in no file. Absent: nothing. Never throws. */
  inspect?(configuration: ImageConfiguration): readonly DetectedData[];
  /**
   * Its part of the inventory, from everything that was found, in the order of analyzers, paths and layers; diagnostics tell what was left
   * out. Never throws.
   */
  collect(found: readonly DetectedData[]): InventoryParts & { readonly diagnostics?: readonly Diagnostic[] };
}

/** Decides which of the advisory entries that match a package by name apply to it. Each function is optional. */
export interface Applicability {
  /** Why an entry that matches by name is not about this package (other architecture, other module stream); undefined when it does. */
  rejects?(pkg: Package, affected: AffectedPackage, distro: Distro | undefined): string | undefined;
  /**
   * Why it cannot be decided whether an entry that matches by name is about this package (a module whose stream is not known): the
   * entry does not count, and the coverage reports a gap. One clause, the same for all entries with the same reason.
   */
  uncertain?(pkg: Package, affected: AffectedPackage, distro: Distro | undefined): string | undefined;
  /**
   * Why an entry that matches may still not affect this package (the vulnerable code is not in the program): the finding stays, is
   * marked approximate and gives this reason.
   */
  doubts?(pkg: Package, affected: AffectedPackage): string | undefined;
  /**
   * Chooses the entries that count from all that match a package under any of its keys, where some supersede others: a vendor's fix in
   * place of its "not fixed yet", an extended channel in place of the plain one. Absent: all of them.
   */
  settles?(pkg: Package, entries: readonly AffectedPackage[], distro: Distro | undefined): readonly AffectedPackage[];
  /**
   * The version of `pkg` to compare with advisories is `AdvisoryKey.version`. A range bound of an advisory may need
   * another scheme than `versions` (a distribution that hosts several): then it is named here.
   */
  schemeFor?(key: AdvisoryKey): VersionScheme;
}

/** Everything the scanner knows about one packaging ecosystem, such as npm or Debian. */
export interface Ecosystem extends Detector {
  /** `apk`, `deb`, `npm`. Appears as `ecosystem` of its packages. */
  readonly id: string;
  /** `os`: its packages belong to the distribution and may own files. */
  readonly class: "os" | "library";
  /**
   * Where its installers put third-party packages. Lock files and manifests of any ecosystem below these directories belong to those
   * packages, not to the project.
   */
  readonly foreignDirectories?: readonly ForeignDirectory[];
  readonly versions: VersionScheme;
  /** The normal form of a name that may be spelt in several ways. Absent: the package URL has the normal form. */
  normalName?(name: string): string;
  /** The package URL, per purl-spec, with `arch`, `distro`, `epoch`, `upstream` qualifiers where they apply. */
  purl(pkg: FoundPackage, distro: Distro | undefined): string;
  /**
   * Origins of packages that are looked up although they come from no registry, as copies of what is there under their name and version:
   * what names them states both. Absent: none.
   */
  readonly copiesFrom?: readonly Origin[];
  /** The names under which advisories may be about this package. Empty: there are none. See {@link keysOfPackage}. */
  advisoryKeys(pkg: Package, distro: Distro | undefined): readonly AdvisoryKey[];
  /** Why `advisoryKeys` is empty, where that means "could not look" rather than "nothing to look for". */
  lookupGap?(pkg: Package, distro: Distro | undefined): LookupGap | undefined;
  /** Decides which of the entries that match a package by name apply. Absent: the version alone, by `versions`. */
  readonly applicability?: Applicability;
}

/**
 * The names under which advisories may be about a package; none for one that does not come from the registry of its ecosystem, unless the
 * ecosystem looks up such copies too, and none without an ecosystem.
 */
export function keysOfPackage(
  ecosystem: Ecosystem | undefined,
  pkg: Package,
  distro: Distro | undefined,
): readonly AdvisoryKey[] {
  const isLookedUp =
    isOfRegistry(pkg) || (pkg.origin !== undefined && ecosystem?.copiesFrom?.includes(pkg.origin) === true);
  return isLookedUp ? (ecosystem?.advisoryKeys(pkg, distro) ?? []) : [];
}
