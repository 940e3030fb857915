import { field, listField, record, textField } from "@plimsoll/formats";
import { isDigest } from "@plimsoll/model";
import type { Digest, Platform } from "@plimsoll/model";

/** A pointer to a blob (OCI image-spec descriptor.md). */
export interface Descriptor {
  readonly digest: Digest;
  readonly mediaType?: string;
  /** Bytes, as stated. */
  readonly size?: number;
  readonly platform?: Platform;
  readonly annotations: ReadonlyMap<string, string>;
  /** Kind of artifact that a manifest is, where an index says it. */
  readonly artifactType?: string;
}

/** An image manifest, of OCI or of Docker's schema 2: the parts that matter are the same. */
export interface Manifest {
  readonly kind: "manifest";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** What kind of artifact it is, where it is no container image. */
  readonly artifactType?: string;
  /** The manifest that this one is about (OCI 1.1). */
  readonly subject?: Descriptor;
  readonly annotations: ReadonlyMap<string, string>;
}

/** An image index or Docker manifest list. */
export interface Index {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

/** Sorts a document into manifest and index by what it holds; undefined when it is neither. Stated media types lie. */
export function parseManifest(document: unknown): Manifest | Index | undefined {
  if (record(document) === undefined) return undefined;
  if (Array.isArray(field(document, "manifests")))
    return { kind: "index", manifests: descriptorsOf(listField(document, "manifests")) };
  const config = parseDescriptor(field(document, "config"));
  if (config === undefined || !isListOrAbsent(field(document, "layers"))) return undefined;
  const stated = listField(document, "layers");
  const layers = descriptorsOf(stated);
  if (layers.length !== stated.length) return undefined;
  const subject = parseDescriptor(field(document, "subject"));
  const artifactType = textField(document, "artifactType");
  return {
    kind: "manifest",
    config,
    layers,
    annotations: parseTexts(field(document, "annotations")),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject }),
  };
}

function isListOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value);
}

function descriptorsOf(values: readonly unknown[]): Descriptor[] {
  return values.flatMap((value) => parseDescriptor(value) ?? []);
}

/** Reads a descriptor; undefined without a usable digest. */
export function parseDescriptor(value: unknown): Descriptor | undefined {
  const digest = parseDigest(field(value, "digest"));
  if (digest === undefined) return undefined;
  const mediaType = textField(value, "mediaType");
  const artifactType = textField(value, "artifactType");
  const size = field(value, "size");
  const platform = parsePlatform(field(value, "platform"));
  return {
    digest,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(typeof size === "number" ? { size } : {}),
    ...(platform === undefined ? {} : { platform }),
    annotations: parseTexts(field(value, "annotations")),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

/** The platform that an object states in `os`, `architecture` and `variant`; undefined without the first two. */
export function parsePlatform(value: unknown): Platform | undefined {
  const os = textField(value, "os");
  const architecture = textField(value, "architecture");
  const variant = textField(value, "variant");
  if (os === undefined || architecture === undefined) return undefined;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** The members of an object that are texts, by name. */
export function parseTexts(value: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(record(value) ?? {});
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The value as a digest; undefined when it has another shape. */
export function parseDigest(value: unknown): Digest | undefined {
  return isDigest(value) ? value : undefined;
}
