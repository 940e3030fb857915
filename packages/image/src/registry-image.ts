import { concatBytes } from "@plimsoll/formats";
import { layerChecks } from "./layer.ts";
import type {
  ByteStream,
  Cache,
  CallOptions,
  Digest,
  Image,
  ImageSource,
  OpenOptions,
  ScratchSpace,
  OptionChecks,
} from "@plimsoll/model";
import {
  ScanError,
  bytesInMemory,
  defaultLimits,
  formatPlatform,
  checkOptions,
  callChecks,
  optionIs,
} from "@plimsoll/model";
import { withCopies } from "./blob-copies.ts";
import { rangeBlob } from "./blobs.ts";
import type { Blob, BlobStore } from "./blobs.ts";
import {
  algorithmOf,
  digestOf,
  formatReference,
  parseManifest,
  parseReference,
  portableHasher,
  registryRepository,
  registryChecks,
} from "@plimsoll/registry";
import type { Descriptor, HasherFactory, Reference, RegistryOptions, RegistryRepository } from "@plimsoll/registry";
import { parseJsonText } from "./json-document.ts";
import type { LayerOptions } from "./layer.ts";
import { listManifests, openManifest } from "./open-manifest.ts";
import type { OpenManifestOptions } from "./open-manifest.ts";

/** How an image is read from a registry. */
export interface RegistryImageOptions extends RegistryOptions, LayerOptions {
  /** The platform to choose from an index when the caller of `open` asks for none. Absent: `linux/amd64`. */
  readonly defaultPlatform?: OpenOptions["platform"];
  /**
   * Keeps manifests and configurations by their digests, so that for an unchanged image the registry is asked only which manifest the
   * reference has and whether access is allowed. Absent: they are fetched each time.
   */
  readonly documents?: Cache | undefined;
  /**
   * Opens space for a copy of each layer, kept while the image is open, so that none is fetched twice where links make a second reading
   * necessary. Absent: such layers are fetched again.
   */
  readonly scratch?: (() => ScratchSpace) | undefined;
}

/** Checks the options of {@link imageFromRegistry} and {@link everyPlatformFromRegistry}. */
const registryImageChecks: OptionChecks<RegistryImageOptions> = {
  ...registryChecks,
  ...layerChecks,
  defaultPlatform: optionIs.platform,
  documents: optionIs.having("get", "set"),
  scratch: optionIs.call,
};

/**
 * An image in a registry, by the OCI distribution specification. Nothing is asked for until it is opened.
 * @throws ScanError `invalid-option` when the reference cannot be parsed.
 */
export function imageFromRegistry(reference: string, options: RegistryImageOptions = {}): ImageSource {
  checkOptions("imageFromRegistry", options, registryImageChecks);
  const parsed = parseReference(reference);
  const label = `registry ${formatReference(parsed)}`;
  return {
    label,
    open: (openOptions = {}) => openFromRegistry(parsed, reference, label, verifying(options), openOptions),
  };
}

/**
 * One source for each platform of an image in a registry, in the order of its index. They share one client, and layers
 * that the platforms have in common are read once when the scans share a cache.
 * @throws ScanError
 */
export async function everyPlatformFromRegistry(
  reference: string,
  options: RegistryImageOptions = {},
  call: CallOptions = {},
): Promise<readonly ImageSource[]> {
  checkOptions("everyPlatformFromRegistry", options, registryImageChecks);
  checkOptions("everyPlatformFromRegistry", call, callChecks);
  const parsed = parseReference(reference);
  const label = `registry ${formatReference(parsed)}`;
  const { blobs, root } = await resolve(parsed, label, verifying(options), call);
  const choices = await listManifests(blobs, root, call);
  return choices.map(({ descriptor, indexes, platform }) => ({
    label: platform === undefined ? label : `${label} for ${formatPlatform(platform)}`,
    open: (openOptions = {}) =>
      openKeeping(blobs, descriptor, {
        ...verifying(options),
        ...openOptions,
        platform: undefined,
        indexDigests: indexes,
        name: reference,
        tags: tagsOf(parsed),
      }),
  }));
}

async function openFromRegistry(
  parsed: Reference,
  name: string,
  label: string,
  options: RegistryImageOptions,
  openOptions: OpenOptions,
): Promise<Image> {
  const { blobs, root } = await resolve(parsed, label, options, openOptions);
  return openKeeping(blobs, root, { ...options, ...openOptions, name, tags: tagsOf(parsed) });
}

/** Opens an image whose layers are fetched once, as long as it is open. */
async function openKeeping(
  blobs: BlobStore,
  root: Descriptor,
  options: OpenManifestOptions & Pick<RegistryImageOptions, "scratch">,
): Promise<Image> {
  if (options.scratch === undefined) return openManifest(blobs, root, options);
  const copies = withCopies(blobs, options.scratch);
  const image = await openManifest(copies.blobs, root, options);
  return { ...image, close: copies.close };
}

function tagsOf(reference: Reference): readonly string[] {
  return reference.tag === undefined
    ? []
    : [formatReference({ ...reference, registry: reference.registry, repository: reference.repository })];
}

/** The options with a hasher, since what a registry sends is always verified: the caller's, else the portable one. */
function verifying(options: RegistryImageOptions): RegistryImageOptions {
  return { ...options, createHasher: options.createHasher ?? portableHasher };
}

/**
 * Fetches the manifest that a reference names.
 * @throws ScanError `digest-mismatch` when it has another digest than the reference states.
 */
async function resolve(
  reference: Reference,
  label: string,
  options: RegistryImageOptions,
  call: OpenOptions,
): Promise<{ blobs: BlobStore; root: Descriptor }> {
  const repository = registryRepository(reference.registry, reference.repository, connectionOf(options));
  const maxBytes = (call.limits ?? defaultLimits).maxManifestBytes;
  const bytes = await repository.manifest(reference.digest ?? reference.tag ?? "latest", { ...call, maxBytes });
  const actual = await digestOf(bytes, reference.digest === undefined ? "sha256" : algorithmOf(reference.digest));
  const digest = reference.digest ?? actual;
  if (digest !== actual)
    throw new ScanError({ kind: "digest-mismatch", what: `manifest of ${label}`, expected: digest, actual });
  const blobs = registryBlobs(repository, label, maxBytes, options);
  blobs.remember(digest, bytes);
  return { blobs, root: { digest, annotations: new Map() } };
}

/** The options that the connection to the registry needs. */
function connectionOf(options: RegistryImageOptions): RegistryOptions {
  const { credentials, plainHttp, mirrors, fetch, retries, backoff, idleTimeout, totalTimeout } = options;
  return { credentials, plainHttp, mirrors, fetch, retries, backoff, idleTimeout, totalTimeout };
}

/** A repository as a store of blobs. Manifests are kept in memory; sizes of blobs are taken from them. */
function registryBlobs(
  repository: RegistryRepository,
  label: string,
  maxBytes: number,
  options: RegistryImageOptions,
): BlobStore & { remember(digest: Digest, bytes: Uint8Array): void } {
  const manifests = new Map<Digest, Uint8Array>();
  const configs = new Set<Digest>();
  const sizes = new Map<Digest, number>();

  function remember(digest: Digest, bytes: Uint8Array): void {
    manifests.set(digest, bytes);
    const manifest = parseManifest(parseJsonText(bytes, label, `manifest ${digest}`));
    if (manifest?.kind !== "manifest") return;
    configs.add(manifest.config.digest);
    for (const blob of [manifest.config, ...manifest.layers])
      if (blob.size !== undefined) sizes.set(blob.digest, blob.size);
  }

  return {
    label,
    remember,
    async getManifest(digest, call = {}) {
      let bytes = manifests.get(digest);
      if (bytes === undefined) {
        bytes = await kept(options.documents, digest, call, () => repository.manifest(digest, { ...call, maxBytes }));
        remember(digest, bytes);
      }
      return rangeBlob(bytesInMemory(bytes), 0, bytes.length);
    },
    async get(digest) {
      const size = sizes.get(digest);
      const stream = (call: CallOptions = {}): ByteStream =>
        verified(repository.blob(digest, size, call), digest, label, options.createHasher);
      if (!configs.has(digest) || options.documents === undefined) return { size: size ?? 0, stream } satisfies Blob;
      const { documents } = options;
      return {
        size: size ?? 0,
        async *stream(call = {}) {
          yield await kept(documents, digest, call, () => wholeOf(stream(call), maxBytes, label));
        },
      } satisfies Blob;
    },
  };
}

/** Takes a document from the cache, else fetches it and keeps it there. A document in the cache is used only if it has the digest. */
async function kept(
  documents: Cache | undefined,
  digest: Digest,
  call: CallOptions,
  fetchIt: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const key = `registry-document/${digest}`;
  const known = await documents?.get(key, call);
  if (known !== undefined && (await isOf(known, digest))) return known;
  const bytes = await fetchIt();
  if (documents !== undefined && (await isOf(bytes, digest))) await documents.set(key, bytes, call);
  return bytes;
}

async function isOf(bytes: Uint8Array, digest: Digest): Promise<boolean> {
  return (await digestOf(bytes, algorithmOf(digest))) === digest;
}

/** @throws ScanError `limit-exceeded` for more than so many bytes. */
async function wholeOf(stream: ByteStream, limit: number, label: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > limit) throw new ScanError({ kind: "limit-exceeded", what: `configuration of ${label}`, limit });
    parts.push(part.slice());
  }
  return concatBytes(parts);
}

/** Passes bytes on, and checks at the end that they have the digest. @throws ScanError `digest-mismatch` */
async function* verified(
  bytes: ByteStream,
  expected: Digest,
  label: string,
  createHasher: HasherFactory = portableHasher,
): ByteStream & AsyncGenerator<Uint8Array> {
  const algorithm = algorithmOf(expected);
  const hasher = createHasher(algorithm);
  for await (const chunk of bytes) {
    hasher.update(chunk);
    yield chunk;
  }
  const actual: Digest = `${algorithm}:${hasher.digest()}`;
  if (actual !== expected)
    throw new ScanError({ kind: "digest-mismatch", what: `a blob of ${label}`, expected, actual });
}
