import type { ByteStream, CallOptions, Digest, Image, ImageSource, OpenOptions } from "@plimsoll/model";
import { ScanError, defaultLimits, formatPlatform } from "@plimsoll/model";
import { bytesInMemory, rangeBlob } from "./blobs.ts";
import type { Blob, BlobStore } from "./blobs.ts";
import {
  algorithmOf,
  digestOf,
  formatReference,
  parseManifest,
  parseReference,
  portableHasher,
  registryRepository,
} from "@plimsoll/registry";
import type { Descriptor, HasherFactory, Reference, RegistryOptions, RegistryRepository } from "@plimsoll/registry";
import { parseJsonText } from "./json-document.ts";
import type { LayerOptions } from "./layer.ts";
import { listManifests, openManifest } from "./open-manifest.ts";

/** How an image is read from a registry. */
export interface RegistryImageOptions extends RegistryOptions, LayerOptions {
  /** Taken from an index when `platform` is not asked for. */
  readonly defaultPlatform?: OpenOptions["platform"];
}

/**
 * An image in a registry, by the OCI distribution specification. Nothing is asked for until it is opened.
 * @throws ScanError `invalid-option` when the reference cannot be parsed.
 */
export function imageFromRegistry(reference: string, options: RegistryImageOptions = {}): ImageSource {
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
  const parsed = parseReference(reference);
  const label = `registry ${formatReference(parsed)}`;
  const { blobs, root } = await resolve(parsed, label, verifying(options), call);
  const choices = await listManifests(blobs, root, call);
  return choices.map(({ descriptor, platform }) => ({
    label: platform === undefined ? label : `${label} for ${formatPlatform(platform)}`,
    open: (openOptions = {}) =>
      openManifest(blobs, descriptor, {
        ...verifying(options),
        ...openOptions,
        platform: undefined,
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
  return openManifest(blobs, root, { ...options, ...openOptions, name, tags: tagsOf(parsed) });
}

function tagsOf(reference: Reference): readonly string[] {
  return reference.tag === undefined
    ? []
    : [formatReference({ ...reference, registry: reference.registry, repository: reference.repository })];
}

/** What comes from elsewhere is always verified: without the engine's own hasher, with a portable one. */
function verifying(options: RegistryImageOptions): RegistryImageOptions {
  return { ...options, createHasher: options.createHasher ?? portableHasher };
}

/** The manifest that a reference names; a digest is believed, a tag is looked up. */
async function resolve(
  reference: Reference,
  label: string,
  options: RegistryImageOptions,
  call: OpenOptions,
): Promise<{ blobs: BlobStore; root: Descriptor }> {
  const repository = registryRepository(reference.registry, reference.repository, options);
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

/** A repository as blobs. Manifests stay in memory; sizes are those that manifests state. */
function registryBlobs(
  repository: RegistryRepository,
  label: string,
  maxBytes: number,
  options: RegistryImageOptions,
): BlobStore & { remember(digest: Digest, bytes: Uint8Array): void } {
  const manifests = new Map<Digest, Uint8Array>();
  const sizes = new Map<Digest, number>();

  function remember(digest: Digest, bytes: Uint8Array): void {
    manifests.set(digest, bytes);
    const manifest = parseManifest(parseJsonText(bytes, label, `manifest ${digest}`));
    if (manifest?.kind !== "manifest") return;
    for (const blob of [manifest.config, ...manifest.layers])
      if (blob.size !== undefined) sizes.set(blob.digest, blob.size);
  }

  return {
    label,
    remember,
    async getManifest(digest, call = {}) {
      let bytes = manifests.get(digest);
      if (bytes === undefined) {
        bytes = await repository.manifest(digest, { ...call, maxBytes });
        remember(digest, bytes);
      }
      return rangeBlob(bytesInMemory(bytes), 0, bytes.length);
    },
    async get(digest) {
      const size = sizes.get(digest);
      return {
        size: size ?? 0,
        stream: (call = {}) => verified(repository.blob(digest, size, call), digest, label, options.createHasher),
      } satisfies Blob;
    },
  };
}

/** Passes bytes on and checks at the end that they are those that the digest names. */
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
