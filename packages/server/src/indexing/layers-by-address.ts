import { rangeBlob, readLayer } from "@plimsoll/image";
import { ScanError } from "@plimsoll/model";
import type { ByteStream, CallOptions, Digest, Image, ImageSource, Layer, Limits } from "@plimsoll/model";
import { nativeHasher, nativeReading, spoolToDisk } from "@plimsoll/node";
import { setTimeout as pause } from "node:timers/promises";
import type { HostRules } from "../network/address-rules.ts";
import { guardedDownload } from "../network/guarded-download.ts";
import type { GuardedRequest } from "../network/guarded-download.ts";

/** An image whose layers are given by URL, as Clair's clients describe it. */
export interface AddressedImage {
  readonly hash: Digest;
  readonly layers: readonly AddressedLayer[];
}

/** One layer: the digest of its compressed bytes, and its URL. */
export interface AddressedLayer {
  readonly hash: Digest;
  readonly uri: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

/** Options of layer downloads. */
export interface LayerDownloads extends Pick<GuardedRequest, "silence" | "resolve"> {
  readonly rules: HostRules;
  /** Largest layer in bytes, as downloaded. Absent: 8 GiB. */
  readonly maxLayerBytes?: number | undefined;
  /** Milliseconds before the second attempt, doubled for each further one. Absent: 500. */
  readonly backoff?: number | undefined;
}

const attempts = 3;
const defaultMaxLayerBytes = 8 * 1024 ** 3;

/**
 * The image as a source. A layer is downloaded when it is read, unless a cache has its results, and its digest is verified before any of it is
 * read. The digests of the uncompressed layers are not known; those of the compressed ones take their place.
 */
export function layersByAddress(image: AddressedImage, downloads: LayerDownloads): ImageSource {
  const label = `manifest ${image.hash}`;
  return {
    label,
    open: ({ limits } = {}) => Promise.resolve(openImage(image, downloads, limits)),
  };
}

function openImage({ hash, layers }: AddressedImage, downloads: LayerDownloads, limits: Limits | undefined): Image {
  if (limits !== undefined && layers.length > limits.maxLayers)
    throw new ScanError({
      kind: "limit-exceeded",
      what: `The number of layers of manifest ${hash}`,
      limit: limits.maxLayers,
    });
  return {
    kind: "container-image",
    name: hash,
    digest: hash,
    layers: layers.map((layer, index) => addressedLayer(layer, index, downloads)),
  };
}

function addressedLayer(layer: AddressedLayer, index: number, downloads: LayerDownloads): Layer {
  const { hash } = layer;
  return {
    index,
    digest: hash,
    diffId: hash,
    size: 0,
    cacheable: true,
    async *entries(options) {
      const bytes = await downloadVerified(layer, downloads, options);
      try {
        const blob = rangeBlob(bytes, 0, bytes.size);
        const job = { ref: { index, diffId: hash }, blob, verify: false, allowance: options.limits.maxTotalBytes };
        yield* readLayer(job, options, nativeReading);
      } finally {
        await bytes.close();
      }
    },
  };
}

async function downloadVerified(
  { hash, uri, headers }: AddressedLayer,
  downloads: LayerDownloads,
  { signal }: CallOptions,
): Promise<Awaited<ReturnType<typeof spoolToDisk>>> {
  const { rules, silence, resolve, maxLayerBytes = defaultMaxLayerBytes, backoff = 500 } = downloads;
  for (let attempt = 1; ; attempt++) {
    try {
      const stream = await guardedDownload({ url: uri, headers, rules, silence, resolve, signal });
      const hasher = nativeHasher(hash.startsWith("sha512:") ? "sha512" : "sha256");
      const bytes = await spoolToDisk(metered(stream, hash, hasher.update.bind(hasher), maxLayerBytes), { signal });
      const actual = `${hash.slice(0, 6)}:${hasher.digest()}` as Digest; // as: both algorithms have six letters
      if (actual === hash) return bytes;
      await bytes.close();
      throw new ScanError({
        kind: "digest-mismatch",
        what: `the layer at ${withoutQuery(uri)}`,
        expected: hash,
        actual,
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt === attempts || !isPassing(error)) throw error;
      await pause(backoff * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

async function* metered(
  stream: ByteStream,
  hash: Digest,
  onBytes: (bytes: Uint8Array) => void,
  limit: number,
): ByteStream & AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw new ScanError({ kind: "limit-exceeded", what: `Layer ${hash}`, limit });
    onBytes(chunk);
    yield chunk;
  }
}

function withoutQuery(uri: string): string {
  return uri.replace(/[?#].*$/, "");
}

/** What may go better another time: the server was busy or the line broke. What the rules refuse stays refused. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ScanError) || error.failure.kind !== "network") return false;
  const { reason } = error.failure;
  return error.cause !== undefined || /answers (429|5\d\d)$/.test(reason) || reason.startsWith("no bytes came");
}
