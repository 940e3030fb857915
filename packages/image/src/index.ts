/**
 * Reads container images from anywhere: archives, layouts, registries. An image is its layers, a layer is its entries,
 * and an entry's bytes are read only when asked for.
 * @module
 * @example
 * import { imageArchive } from "@plimsoll/image";
 * import { defaultLimits } from "@plimsoll/model";
 * const image = await imageArchive(bytes).open();
 * for await (const entry of image.layers[0].entries({ limits: defaultLimits })) console.log(entry.kind);
 */

// Images in files
export { imageArchive } from "./archive.ts";
export type { ImageArchiveOptions } from "./archive.ts";
export { imageFrom } from "./image-input.ts";
export type { ImageInput } from "./image-input.ts";
export { ociLayout } from "./image-files.ts";
export type { ImageFilesOptions } from "./image-files.ts";
export { spoolToMemory } from "./spool.ts";
export type { Spool } from "./spool.ts";

// Building other sources: blobs in, image out
export { rangeBlob, rangeBytes } from "./blobs.ts";
export { bytesInMemory } from "@plimsoll/model";
export type { Blob, BlobRange, BlobStore, ImageFiles } from "./blobs.ts";
export { listManifests, openManifest } from "./open-manifest.ts";
export type { ManifestChoice, OpenManifestOptions } from "./open-manifest.ts";
export type { HistoryEntry, ImageConfig } from "./image-config.ts";
export { choosePlatform } from "./platform.ts";

// Files as a container would see them
export { imageTree } from "./image-tree.ts";
export type { ImageTreeOptions } from "./image-tree.ts";

// Layers
export { readLayer } from "./read-layer.ts";
export type { LayerJob, LayerReader, LayerReading } from "./read-layer.ts";
export { layerChecks } from "./layer.ts";
export type { LayerOptions } from "./layer.ts";

// Registries
export { everyPlatformFromRegistry, imageFromRegistry } from "./registry-image.ts";
export type { RegistryImageOptions } from "./registry-image.ts";
export {
  formatReference,
  parseChallenges,
  parseDescriptor,
  parseManifest,
  parseReference,
  registryRepository,
} from "@plimsoll/registry";
export type {
  CredentialSource,
  Credentials,
  Descriptor,
  Hasher,
  HasherFactory,
  Index,
  Manifest,
  Reference,
  RegistryOptions,
  RegistryRepository,
} from "@plimsoll/registry";
