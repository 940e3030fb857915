import type { ByteStream, CallOptions, Digest } from "./bytes.ts";
import type { Diagnostic, LayerRef } from "./diagnostic.ts";
import type { FileMatcher } from "./ecosystem.ts";
import type { Limits } from "./limits.ts";

/** What is being looked at. */
export type ArtifactKind = "container-image" | "rootfs" | "filesystem" | "sbom" | "node" | "cluster";

/** A target platform in OCI's words. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** `linux/arm64/v8` from its parts. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, ...(platform.variant === undefined ? [] : [platform.variant])].join("/");
}

/** The parts of `os/architecture[/variant]`; undefined when the text has another shape. */
export function parsePlatform(text: string): Platform | undefined {
  const [os, architecture, variant, ...rest] = text.split("/");
  if (!os || !architecture || variant === "" || rest.length > 0) return undefined;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** Where an image comes from: an archive, a layout directory, a registry, a daemon, a directory tree, a test. */
export interface ImageSource {
  /** For people: `docker-archive app.tar`. Never parsed. */
  readonly label: string;
  /**
   * Resolves the manifest for one platform.
   * @throws ScanError when there is no such image or its manifest cannot be read.
   */
  open(options?: OpenOptions): Promise<Image>;
  /**
   * Says at once what would be in vain: a file that is not there. Absent where only opening can tell.
   * @throws ScanError as `open` does.
   */
  expect?(): Promise<void>;
}

/** How an image is opened. */
export interface OpenOptions extends CallOptions {
  /** Which image of a multi-platform index. Absent: the source's own choice, `linux` on the machine's architecture. */
  readonly platform?: Platform | undefined;
  readonly limits?: Limits | undefined;
}

/** An opened image: its identity and its layers, base first. */
export interface Image {
  readonly kind: Exclude<ArtifactKind, "sbom" | "node" | "cluster">;
  /** What the user called it: a reference, or the file's base name. */
  readonly name: string;
  /** Digest of the image manifest where there is one, else of the configuration. Absent for directories. */
  readonly digest?: Digest;
  /** Digests of the indexes that lead to the manifest, outermost first; from an engine, those that it was pulled by. */
  readonly indexDigests?: readonly Digest[];
  readonly platform?: Platform;
  /** Tags it is known under in its source. */
  readonly tags?: readonly string[];
  /** Labels of the image configuration. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What the image configuration says of the programs to run, and how the image was made. Absent: there is none. */
  readonly configuration?: ImageConfiguration;
  readonly layers: readonly Layer[];
  /** How many of the layers, from the bottom, came with a base image, as far as the history lets it be seen; absent when it does not. */
  readonly baseLayers?: number;
  /** Oddities met while opening that did not prevent it. */
  readonly diagnostics?: readonly Diagnostic[];
  /** Releases files and sockets. Safe to call twice. */
  close?(): Promise<void>;
}

/** An image configuration (OCI image-spec config.md), as far as findings are about it. */
export interface ImageConfiguration {
  /** Environment variables as `NAME=value`. */
  /** The user that programs run as; empty where the configuration says nothing, which means root. */
  readonly user: string;
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `NONE`, or `CMD` or `CMD-SHELL` and the command. */
  readonly healthcheck: readonly string[];
  readonly history: readonly ImageHistoryEntry[];
}

/** One step in the making of an image. */
export interface ImageHistoryEntry {
  /** The instruction. */
  readonly createdBy?: string;
  /** The layer that it made; absent where it made none, or where history and layers do not fit. */
  readonly layer?: LayerRef;
}

/** One layer of an image. */
export interface Layer {
  /** Position in the image, base layer is 0. */
  readonly index: number;
  /** Digest of the blob as stored. */
  readonly digest: Digest;
  /** Digest of the uncompressed tar: what caches key on. */
  readonly diffId: Digest;
  /** Size in bytes of the blob as stored. */
  readonly size: number;
  /** The Dockerfile instruction, from the image's history. */
  readonly createdBy?: string;
  /** False for layers whose diff ID says nothing about their content (directories): never cached. */
  readonly cacheable: boolean;
  /**
   * Entries in tar order. The content of an entry is readable only until the next entry is asked for.
   * Damage ends the layer with an `incomplete` diagnostic instead of throwing.
   */
  entries(options: EntriesOptions): AsyncIterable<LayerEntry | Diagnostic>;
}

/** How the entries of a layer are read. */
export interface EntriesOptions extends CallOptions {
  readonly limits: Limits;
  /**
   * The only files whose content will be asked for. A layer may use it to skip the other bytes
   * or to do its work in another thread; absent means that any content may be asked for.
   */
  readonly matches?: readonly FileMatcher[] | undefined;
  /** Whether entries are to say their modes and owners, which nobody needs who looks for packages. Absent: they may leave them out. */
  readonly attributes?: boolean | undefined;
  /**
   * Whether who reads a content is done with each chunk when it asks for the next one, which may have the same memory then.
   * Absent: each chunk has memory of its own.
   */
  readonly recycle?: boolean | undefined;
}

/** Who may do what with an entry of a layer. */
export interface EntryAttributes {
  /** Permission bits with set-id and sticky: `0o644`. */
  readonly mode: number;
  /** Number of the owner. Absent where the archive does not state it. */
  readonly uid?: number;
  readonly gid?: number;
}

/** What a layer says about one path. Paths have no leading slash, no `.` and no `..` segments. */
export type LayerEntry =
  | LayerFile
  | {
      readonly kind: "symlink" | "hardlink";
      readonly path: string;
      /** The target as it is written in the layer. */ readonly target: string;
      readonly attributes?: EntryAttributes;
    }
  | { readonly kind: "directory"; readonly path: string; readonly attributes?: EntryAttributes }
  /** Devices, sockets, pipes. */
  | { readonly kind: "other"; readonly path: string; readonly attributes?: EntryAttributes }
  /** A whiteout: `path` is removed in this layer. */
  | { readonly kind: "whiteout"; readonly path: string }
  /** An opaque whiteout: everything that lower layers have under `path` is removed. */
  | { readonly kind: "opaque"; readonly path: string };

/** A regular file of a layer. */
export interface LayerFile {
  readonly kind: "file";
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
  readonly attributes?: EntryAttributes;
  content(): ByteStream;
}
