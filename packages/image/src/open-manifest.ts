import { ScanError, formatPlatform } from "@plimsoll/model";
import type { CallOptions, Diagnostic, Digest, Image, Layer, OpenOptions, Platform } from "@plimsoll/model";
import { defaultLimits } from "@plimsoll/model";
import type { Blob, BlobStore } from "./blobs.ts";
import { inheritedLayers, instructionsOf, stepsOf } from "./history.ts";
import { DocumentBudget } from "./document-budget.ts";
import { parseJsonText } from "./json-document.ts";
import { ByteBudget, blobLayer } from "./layer.ts";
import type { LayerOptions } from "./layer.ts";
import type { LayerReading } from "./read-layer.ts";
import { parseConfig } from "./image-config.ts";
import type { ImageConfig } from "./image-config.ts";
import { parseManifest, verifyDigest } from "@plimsoll/registry";
import type { Descriptor, Manifest } from "@plimsoll/registry";
import { choosePlatform, fallbackPlatform } from "./platform.ts";

/** How many indexes are read for one image. Real images have far fewer. */
const maxIndexes = 64;

/** An image manifest that an index leads to. */
export interface ManifestChoice {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  /** Digests of the indexes on the way to it, outermost first. */
  readonly indexes: readonly Digest[];
  /** The platform as the index states it, else as the configuration does. */
  readonly platform?: Platform;
}

/** How the image of a manifest is opened. */
export interface OpenManifestOptions extends OpenOptions, LayerOptions {
  /** What the user called the image. */
  readonly name: string;
  /** The platform to choose from an index when the caller asks for none. Absent: `linux/amd64`. */
  readonly defaultPlatform?: Platform | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Digests of the indexes that led to what is opened, outermost first. */
  readonly indexDigests?: readonly Digest[] | undefined;
}

/**
 * Opens the image that a manifest or an index describes: follows indexes, chooses the platform, reads the configuration
 * and lines up its history with the layers. Manifests and configurations are verified against their digests.
 * @throws ScanError
 */
export async function openManifest(
  blobs: BlobStore,
  root: Descriptor | readonly Descriptor[],
  options: OpenManifestOptions,
): Promise<Image> {
  const documents = new DocumentBudget(blobs.label, options.limits);
  const choices = await followManifests(blobs, root, options, documents);
  const choice = choices[await choose(blobs, choices, options, documents)];
  if (choice === undefined)
    throw new ScanError({ kind: "unsupported-image", label: blobs.label, reason: "it holds no image manifest" });
  return assemble(blobs, choice, options, documents);
}

/**
 * All image manifests that a descriptor leads to, through indexes in indexes, each once; attestations are left out.
 * @throws ScanError
 */
export async function listManifests(
  blobs: BlobStore,
  root: Descriptor | readonly Descriptor[],
  options: OpenOptions & Pick<LayerReading, "createHasher"> = {},
): Promise<readonly ManifestChoice[]> {
  return followManifests(blobs, root, options, new DocumentBudget(blobs.label, options.limits));
}

async function followManifests(
  blobs: BlobStore,
  root: Descriptor | readonly Descriptor[],
  options: OpenOptions & Pick<LayerReading, "createHasher">,
  documents: DocumentBudget,
): Promise<readonly ManifestChoice[]> {
  const limits = options.limits ?? defaultLimits;
  const choices: ManifestChoice[] = [];
  const seen = new Set<Digest>();
  let indexes = 0;

  async function follow(descriptor: Descriptor, above: readonly Digest[]): Promise<void> {
    if (seen.has(descriptor.digest) || isAttestation(descriptor)) return;
    seen.add(descriptor.digest);
    const parsed = await readManifest(blobs, descriptor.digest, documents, options);
    if (parsed.kind === "manifest") {
      const { platform } = descriptor;
      choices.push({ descriptor, manifest: parsed, indexes: above, ...(platform === undefined ? {} : { platform }) });
      return;
    }
    if (above.length >= limits.maxNesting || ++indexes > maxIndexes)
      throw new ScanError({
        kind: "limit-exceeded",
        what: `nesting of indexes in ${blobs.label}`,
        limit: above.length,
      });
    for (const next of parsed.manifests) await follow(next, [...above, descriptor.digest]);
  }

  for (const descriptor of [root].flat()) await follow(descriptor, []);
  return choices;
}

/** BuildKit stores provenance and SBOMs beside the images, on a platform that does not exist. */
function isAttestation(descriptor: Descriptor): boolean {
  return (
    descriptor.annotations.has("vnd.docker.reference.type") ||
    (descriptor.platform?.os === "unknown" && descriptor.platform.architecture === "unknown")
  );
}

async function readManifest(
  blobs: BlobStore,
  digest: Digest,
  documents: DocumentBudget,
  options: CallOptions & Pick<LayerReading, "createHasher">,
): Promise<NonNullable<ReturnType<typeof parseManifest>>> {
  const what = `manifest ${digest}`;
  const blob = await (blobs.getManifest?.(digest, options) ?? blobs.get(digest, options));
  const bytes = await readDocument(blobs, blob, what, documents, options);
  await verifyDigest(bytes, digest, what, options.createHasher);
  const parsed = parseManifest(parseJsonText(bytes, blobs.label, what));
  if (parsed !== undefined) return parsed;
  const reason = `${what} is neither an image manifest nor an index of them`;
  throw new ScanError({ kind: "unsupported-image", label: blobs.label, reason });
}

async function readDocument(
  blobs: BlobStore,
  blob: Blob | undefined,
  what: string,
  documents: DocumentBudget,
  options: CallOptions,
): Promise<Uint8Array> {
  if (blob === undefined)
    throw new ScanError({ kind: "malformed-image", label: blobs.label, reason: `${what} is missing` });
  return documents.read(blob, what, options);
}

/**
 * Index of the manifest that fits the platform best; -1 when there are no manifests.
 * @throws ScanError `platform-not-found` when none fits.
 */
async function choose(
  blobs: BlobStore,
  choices: readonly ManifestChoice[],
  options: OpenManifestOptions,
  documents: DocumentBudget,
): Promise<number> {
  if (choices.length === 0) return -1;
  if (choices.length === 1 && options.platform === undefined) return 0;
  const platforms = await platformsOf(blobs, choices, options, documents);
  const wanted = options.platform ?? options.defaultPlatform ?? fallbackPlatform;
  const position = choosePlatform(platforms, wanted);
  if (position !== -1) return position;
  throw new ScanError({
    kind: "platform-not-found",
    label: blobs.label,
    wanted: formatPlatform(wanted),
    available: [...new Set(platforms.map((platform) => (platform ? formatPlatform(platform) : "unknown")))],
  });
}

/** The platforms of manifests, those that no index states by their configurations: one after the other, and each read once. */
async function platformsOf(
  blobs: BlobStore,
  choices: readonly ManifestChoice[],
  options: OpenManifestOptions,
  documents: DocumentBudget,
): Promise<readonly (Platform | undefined)[]> {
  const read = new Map<Digest, Platform | undefined>();
  const platforms: (Platform | undefined)[] = [];
  for (const { platform, manifest } of choices) {
    const { digest } = manifest.config;
    if (platform === undefined && !read.has(digest))
      read.set(digest, (await readConfig(blobs, manifest.config, options, documents)).platform);
    platforms.push(platform ?? read.get(digest));
  }
  return platforms;
}

/** Reads the configuration that a manifest names. */
async function readConfig(
  blobs: BlobStore,
  descriptor: Descriptor,
  options: OpenManifestOptions,
  documents: DocumentBudget,
): Promise<ImageConfig> {
  const what = `configuration ${descriptor.digest}`;
  const blob = await blobs.get(descriptor.digest, options);
  const bytes = await readDocument(blobs, blob, what, documents, options);
  await verifyDigest(bytes, descriptor.digest, what, options.createHasher);
  const config = parseConfig(parseJsonText(bytes, blobs.label, what));
  if (config !== undefined) return config;
  const reason = `it is not a container image but ${descriptor.mediaType ?? "something else"}`;
  throw new ScanError({ kind: "unsupported-image", label: blobs.label, reason });
}

async function assemble(
  blobs: BlobStore,
  choice: ManifestChoice,
  options: OpenManifestOptions,
  documents: DocumentBudget,
): Promise<Image> {
  refuseTooMany(choice.manifest.layers.length, blobs.label, options);
  const config = await readConfig(blobs, choice.manifest.config, options, documents);
  const stored = await Promise.all(
    choice.manifest.layers.map(async ({ digest, size }) => {
      const blob = await blobs.get(digest, options);
      return { digest, blob, size: blob?.size ?? size ?? 0 };
    }),
  );
  const indexDigests = [...(options.indexDigests ?? []), ...choice.indexes];
  return imageOf(blobs.label, config, stored, { ...options, digest: choice.descriptor.digest, indexDigests });
}

/**
 * Refuses an image with too many layers before anything is allocated for them: a manifest within its size limit could name 100,000,
 * each with a table of paths of its own.
 * @throws ScanError `limit-exceeded`.
 */
export function refuseTooMany(layers: number, label: string, { limits = defaultLimits }: OpenOptions): void {
  if (layers > limits.maxLayers)
    throw new ScanError({ kind: "limit-exceeded", what: `The number of layers of ${label}`, limit: limits.maxLayers });
}

/** A layer as the image's documents name it. */
export interface StoredLayer {
  /** Digest of the stored bytes; absent where nothing states it. */
  readonly digest?: Digest;
  readonly size: number;
  /** The stored bytes. Undefined: the image names a layer that is not there. */
  readonly blob: Blob | undefined;
}

/** Puts an image together from its configuration and its layers. */
export function imageOf(
  label: string,
  config: ImageConfig,
  stored: readonly StoredLayer[],
  options: OpenManifestOptions & { readonly digest: Digest },
): Image {
  const instructions = instructionsOf(config.history, stored.length);
  const budget = new ByteBudget((options.limits ?? defaultLimits).maxTotalBytes);
  const layers = stored.map((layer, index): Layer => {
    const diffId = config.diffIds[index];
    const digest = layer.digest ?? diffId;
    if (digest === undefined)
      throw new ScanError({ kind: "malformed-image", label, reason: `layer ${index} has no digest` });
    return blobLayer(
      { index, digest, diffId, size: layer.size, blob: layer.blob, createdBy: instructions[index] },
      budget,
      options,
    );
  });
  const diagnostics = oddities(config, stored.length);
  const baseLayers = inheritedLayers(config.history, stored.length);
  return {
    kind: "container-image",
    name: options.name,
    digest: options.digest,
    ...(options.indexDigests === undefined || options.indexDigests.length === 0
      ? {}
      : { indexDigests: options.indexDigests }),
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    ...(options.tags === undefined || options.tags.length === 0 ? {} : { tags: options.tags }),
    ...(config.labels.size === 0 ? {} : { labels: Object.fromEntries(config.labels) }),
    configuration: {
      user: config.user,
      environment: config.environment,
      labels: Object.fromEntries(config.labels),
      entrypoint: config.entrypoint,
      command: config.command,
      healthcheck: config.healthcheck,
      history: stepsOf(config.history, layers),
    },
    layers,
    ...(baseLayers === undefined ? {} : { baseLayers }),
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
  };
}

function oddities(config: ImageConfig, layers: number): Diagnostic[] {
  if (config.diffIds.length === layers) return [];
  const message = `the image has ${layers} layers but its configuration names ${config.diffIds.length}`;
  return [{ kind: "diagnostic", code: "malformed-layer", effect: "none", message }];
}
