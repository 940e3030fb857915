import type { ByteStream, CallOptions, Digest, RandomAccessBytes } from "@plimsoll/model";

/** A blob that can be read from its start, more than once. */
export interface Blob {
  /** Bytes as stored. */
  readonly size: number;
  stream(options?: CallOptions): ByteStream;
  /** Where the blob lies, when it is part of something that can be read at random: allows skipping and reading elsewhere. */
  readonly range?: BlobRange;
}

/** Bytes `start` (inclusive) to `end` (exclusive) of a larger whole. */
export interface BlobRange {
  readonly bytes: RandomAccessBytes;
  readonly start: number;
  readonly end: number;
}

/** Where the blobs of an image are: an archive, a layout directory, a registry. */
export interface BlobStore {
  /** For people: `oci-dir ./app`. */
  readonly label: string;
  /** Undefined when the store has no such blob. */
  get(digest: Digest, options?: CallOptions): Promise<Blob | undefined>;
  /** For stores that keep manifests and indexes apart, as registries do; absent: they are blobs like others. */
  getManifest?(digest: Digest, options?: CallOptions): Promise<Blob | undefined>;
}

/** The named files that an image consists of: the members of an archive or the files of a directory. */
export interface ImageFiles {
  /** For people: `docker-archive app.tar`. */
  readonly label: string;
  /** Path without leading slash; undefined when there is no such file. */
  get(path: string, options?: CallOptions): Promise<Blob | undefined>;
  close?(): Promise<void>;
}

/** Part of random-access bytes as a blob. */
export function rangeBlob(bytes: RandomAccessBytes, start: number, end: number): Blob {
  return {
    size: end - start,
    stream: (options) => bytes.read(start, end, options),
    range: { bytes, start, end },
  };
}

/** A range as random-access bytes of its own. */
export function rangeBytes({ bytes, start, end }: BlobRange): RandomAccessBytes {
  return {
    size: end - start,
    read: (from, to, options) => bytes.read(start + Math.max(0, from), Math.min(end, start + Math.max(0, to)), options),
  };
}
