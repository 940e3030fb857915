import { field, jsonIn, listField, textField } from "@plimsoll/formats";
import { ScanError, bytesInMemory, checkOptions, callChecks, optionIs } from "@plimsoll/model";
import type { CallOptions, Digest, RandomAccessBytes } from "@plimsoll/model";
import { algorithmOf, digestOf, verifyDigest } from "./digest.ts";
import { parseManifest } from "./manifest.ts";
import type { Descriptor, Index, Manifest } from "./manifest.ts";
import { referrersTag } from "./registry-client.ts";
import type { RegistryRepository } from "./registry-client.ts";

/** Media type of OCI manifests. */
export const manifestMediaType = "application/vnd.oci.image.manifest.v1+json";
const indexMediaType = "application/vnd.oci.image.index.v1+json";
/** Artifacts need no configuration (OCI image-spec, manifest.md, "Guidance for an Empty Descriptor"). */
const emptyConfig = new TextEncoder().encode("{}");
const emptyMediaType = "application/vnd.oci.empty.v1+json";

/** The most bytes of an artifact that are held in memory: more than any signature, statement or policy has. */
const maxArtifactBytes = 16 * 1024 * 1024;
const maxManifestBytes = 4 * 1024 * 1024;

/** One blob of an artifact to push. */
export interface ArtifactLayer {
  readonly mediaType: string;
  /** The content: bytes in memory, or bytes that are read piece by piece, with their digest. */
  readonly content: Uint8Array | { readonly digest: Digest; readonly bytes: RandomAccessBytes };
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Something that a registry keeps beside images. */
export interface NewArtifact {
  /** Kind of the artifact. Absent: the media type of its configuration tells the kind, as before OCI 1.1. */
  readonly artifactType?: string | undefined;
  readonly layers: readonly ArtifactLayer[];
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** The manifest that the artifact is about, such as that of the image that it signs. */
  readonly subject?: Pick<Required<Descriptor>, "digest" | "mediaType" | "size"> | undefined;
  /** A tag for the artifact. Absent: it is found by its subject or its digest. */
  readonly tag?: string | undefined;
  /** Configuration of the artifact. Absent: the empty one of OCI 1.1. */
  readonly config?: { readonly mediaType: string; readonly content: Uint8Array } | undefined;
}

/** The manifest that a reference resolves to, with its bytes. */
export interface ResolvedManifest {
  readonly digest: Digest;
  /** As the manifest states it. */
  readonly mediaType: string;
  readonly size: number;
  readonly document: Manifest | Index;
  readonly bytes: Uint8Array;
}

/**
 * The manifest or index that a tag or digest means. For a reference by digest, the bytes are verified.
 * @throws ScanError `digest-mismatch`, `malformed-image`, and what {@link RegistryRepository.manifest} throws.
 */
export async function resolveManifest(
  repository: RegistryRepository,
  reference: string,
  options: CallOptions = {},
): Promise<ResolvedManifest> {
  checkOptions("resolveManifest", options, callChecks);
  const bytes = await repository.manifest(reference, { signal: options.signal, maxBytes: maxManifestBytes });
  if (isDigest(reference)) await verifyDigest(bytes, reference, `manifest ${reference}`);
  const document = readManifest(bytes, reference);
  const digest = isDigest(reference) ? reference : await digestOf(bytes);
  const isIndex = document.parsed.kind === "index";
  const mediaType = document.mediaType ?? (isIndex ? indexMediaType : manifestMediaType);
  return { digest, mediaType, size: bytes.length, document: document.parsed, bytes };
}

/**
 * A small blob, whole and verified.
 * @throws ScanError `limit-exceeded` above 16 MiB or `maxBytes`, `digest-mismatch`.
 */
export async function readBlob(
  repository: RegistryRepository,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  options: CallOptions & { readonly maxBytes?: number | undefined } = {},
): Promise<Uint8Array> {
  checkOptions("readBlob", options, { ...callChecks, maxBytes: optionIs.count });
  const limit = Math.min(options.maxBytes ?? maxArtifactBytes, maxArtifactBytes);
  const tooLarge = new ScanError({ kind: "limit-exceeded", what: `blob ${digest}`, limit });
  if (size !== undefined && size > limit) throw tooLarge;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of repository.blob(digest, size, options)) {
    length += chunk.length;
    if (length > limit) throw tooLarge;
    parts.push(chunk.slice());
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  await verifyDigest(whole, digest, `blob ${digest}`);
  return whole;
}

/**
 * Puts an artifact: its blobs, its manifest, and where the registry has no referrers API the index under the fallback tag. The same artifact gives
 * the same manifest, and blobs that are there already are not sent again.
 * @returns The descriptor of its manifest.
 * @throws ScanError `unauthorized` or `network`.
 */
export async function pushArtifact(
  repository: RegistryRepository,
  artifact: NewArtifact,
  options: CallOptions = {},
): Promise<Pick<Required<Descriptor>, "digest" | "mediaType" | "size">> {
  checkOptions("pushArtifact", options, callChecks);
  const { artifactType, annotations, subject, config } = artifact;
  const configBytes = config?.content ?? emptyConfig;
  const configDigest = await digestOf(configBytes);
  await repository.putBlob(configDigest, bytesInMemory(configBytes), options);
  const layers: object[] = [];
  for (const layer of artifact.layers) {
    const { digest, bytes } =
      layer.content instanceof Uint8Array
        ? { digest: await digestOf(layer.content), bytes: bytesInMemory(layer.content) }
        : layer.content;
    await repository.putBlob(digest, bytes, options);
    layers.push({
      mediaType: layer.mediaType,
      digest,
      size: bytes.size,
      ...(layer.annotations === undefined ? {} : { annotations: layer.annotations }),
    });
  }
  const manifest = encode({
    schemaVersion: 2,
    mediaType: manifestMediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: { mediaType: config?.mediaType ?? emptyMediaType, digest: configDigest, size: configBytes.length },
    layers,
    ...(subject === undefined
      ? {}
      : { subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size } }),
    ...(annotations === undefined ? {} : { annotations }),
  });
  const digest = await digestOf(manifest);
  const receipt = await repository.putManifest(artifact.tag ?? digest, manifestMediaType, manifest, options);
  const descriptor = { mediaType: manifestMediaType, digest, size: manifest.length };
  if (subject !== undefined && !receipt.listsSubject) {
    await listByTag(repository, subject.digest, { ...descriptor, artifactType, annotations }, options);
  }
  return descriptor;
}

/** Adds a manifest to the index under the fallback tag of what it is about. */
async function listByTag(
  repository: RegistryRepository,
  subject: Digest,
  added: { readonly digest: Digest; readonly [member: string]: unknown },
  options: CallOptions,
): Promise<void> {
  const tag = referrersTag(subject);
  let manifests: readonly unknown[] = [];
  try {
    const bytes = await repository.manifest(tag, { ...options, maxBytes: maxManifestBytes });
    manifests = listField(jsonIn(new TextDecoder().decode(bytes)), "manifests");
  } catch (error) {
    if (!(error instanceof ScanError) || error.failure.kind !== "image-not-found") throw error;
  }
  if (manifests.some((each) => field(each, "digest") === added.digest)) return;
  const index = encode({ schemaVersion: 2, mediaType: indexMediaType, manifests: [...manifests, added] });
  await repository.putManifest(tag, indexMediaType, index, options);
}

function readManifest(
  bytes: Uint8Array,
  reference: string,
): { readonly parsed: Manifest | Index; readonly mediaType: string | undefined } {
  const document = jsonIn(new TextDecoder().decode(bytes));
  const parsed = parseManifest(document);
  if (parsed === undefined) {
    const reason = "it is neither a manifest nor an index";
    throw new ScanError({ kind: "malformed-image", label: `manifest ${reference}`, reason });
  }
  return { parsed, mediaType: textField(document, "mediaType") };
}

function isDigest(reference: string): reference is Digest {
  return reference.startsWith(`${algorithmOf(reference as Digest)}:`); // as: only its beginning is looked at
}

function encode(document: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}
