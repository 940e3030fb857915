import type { ByteStream, CallOptions, Digest, RandomAccessBytes } from "@plimsoll/model";

/** A blob that can be read from its start, more than once. */
export interface Blob {
  /** Bytes as stored. */
  readonly size: number;
  stream(options?: CallOptions): ByteStream;
  /** Where the blob lies, when it is a part of bytes that can be read from any offset. Then a reader can skip, and read in another thread. */
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
  /** How messages name the store, such as `oci-dir ./app`. */
  readonly label: string;
  /** The blob with this digest; undefined when the store has none. */
  get(digest: Digest, options?: CallOptions): Promise<Blob | undefined>;
  /**
   * The manifest or index with this digest. Only stores that keep these apart from blobs have this function, as registries do. Absent:
   * {@link get} gives them.
   */
  getManifest?(digest: Digest, options?: CallOptions): Promise<Blob | undefined>;
}

/** The named files that an image consists of: the members of an archive or the files of a directory. */
export interface ImageFiles {
  /** How messages name the files, such as `docker-archive app.tar`. */
  readonly label: string;
  /** The file with this path, which has no leading slash; undefined when there is none. */
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
