import type { CallOptions, Digest, ScratchSpace } from "@plimsoll/model";
import type { Blob, BlobStore } from "./blobs.ts";

/** How many bytes of a copy are read at once. */
const chunkBytes = 256 * 1024;

/**
 * Keeps a copy of each blob that was read to its end, so that nothing is fetched twice that is read twice. Where there is no space
 * for a copy, the blob is fetched again.
 */
export function withCopies(
  blobs: BlobStore,
  openSpace: () => ScratchSpace,
): { readonly blobs: BlobStore; close(): Promise<void> } {
  const copies = new Map<Digest, Copy>();
  let isClosed = false;
  return {
    blobs: {
      ...blobs,
      async get(digest, options) {
        const blob = await blobs.get(digest, options);
        return blob === undefined ? undefined : { size: blob.size, stream: (call = {}) => read(digest, blob, call) };
      },
    },
    async close() {
      isClosed = true;
      for (const copy of copies.values()) copy.close();
      copies.clear();
    },
  };

  async function* read(digest: Digest, blob: Blob, call: CallOptions): AsyncGenerator<Uint8Array> {
    const known = copies.get(digest);
    if (known !== undefined) return yield* known.chunks(call);
    const copy = new Copy(openSpace);
    try {
      for await (const chunk of blob.stream(call)) {
        copy.append(chunk);
        yield chunk;
      }
      if (copy.isWhole && !isClosed && !copies.has(digest)) copies.set(digest, copy);
    } finally {
      // Left before its end, or one that another reading made meanwhile.
      if (copies.get(digest) !== copy) copy.close();
    }
  }
}

/** The bytes of one blob. */
class Copy {
  private readonly openSpace: () => ScratchSpace;
  private space: ScratchSpace | undefined;
  private size = 0;
  private failed = false;

  constructor(openSpace: () => ScratchSpace) {
    this.openSpace = openSpace;
  }

  get isWhole(): boolean {
    return !this.failed;
  }

  /** Adds bytes to the copy. Where there is no space for them the copy is given up; reading goes on. */
  append(bytes: Uint8Array): void {
    if (this.failed) return;
    try {
      this.space ??= this.openSpace();
      this.space.append(bytes);
      this.size += bytes.length;
    } catch {
      this.failed = true;
      this.close();
    }
  }

  async *chunks({ signal }: CallOptions): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.size; at += chunkBytes) {
      signal?.throwIfAborted();
      yield this.space?.read(at, Math.min(this.size, at + chunkBytes)) ?? new Uint8Array();
    }
  }

  close(): void {
    this.space?.close();
    this.space = undefined;
  }
}
