import type { Digest, Platform } from "@plimsoll/model";
import { arrayMember, asDigest, asObject, member, textMember, textsMember } from "./json-document.ts";
import type { JsonObject } from "./json-document.ts";

/** A pointer to a blob (OCI image-spec descriptor.md). */
export interface Descriptor {
  readonly digest: Digest;
  readonly mediaType?: string;
  /** Bytes, as stated. */
  readonly size?: number;
  readonly platform?: Platform;
  readonly annotations: ReadonlyMap<string, string>;
}

/** An image manifest, of OCI or of Docker's schema 2: the parts that matter are the same. */
export interface Manifest {
  readonly kind: "manifest";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An image index or Docker manifest list. */
export interface Index {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

/** What an image configuration says (OCI image-spec config.md), as far as it is used. */
export interface ImageConfig {
  readonly platform?: Platform;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  readonly labels: ReadonlyMap<string, string>;
}

export interface HistoryEntry {
  readonly createdBy?: string;
  /** Made no layer. */
  readonly empty: boolean;
}

/** Sorts a document into manifest and index by what it holds; undefined when it is neither. Stated media types lie. */
export function parseManifest(document: unknown): Manifest | Index | undefined {
  const object = asObject(document);
  if (object === undefined) return undefined;
  if (Array.isArray(member(object, "manifests")))
    return { kind: "index", manifests: descriptorsOf(arrayMember(object, "manifests")) };
  const config = parseDescriptor(member(object, "config"));
  if (config === undefined || !isListOrAbsent(member(object, "layers"))) return undefined;
  const stated = arrayMember(object, "layers");
  const layers = descriptorsOf(stated);
  return layers.length === stated.length ? { kind: "manifest", config, layers } : undefined;
}

function isListOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value);
}

function descriptorsOf(values: readonly unknown[]): Descriptor[] {
  return values.flatMap((value) => parseDescriptor(value) ?? []);
}

/** Undefined without a usable digest. */
export function parseDescriptor(value: unknown): Descriptor | undefined {
  const object = asObject(value);
  const digest = asDigest(member(object, "digest"));
  if (digest === undefined) return undefined;
  const mediaType = textMember(object, "mediaType");
  const size = member(object, "size");
  const platform = parsePlatformObject(asObject(member(object, "platform")));
  return {
    digest,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(typeof size === "number" ? { size } : {}),
    ...(platform === undefined ? {} : { platform }),
    annotations: textsMember(object, "annotations"),
  };
}

function parsePlatformObject(object: JsonObject | undefined): Platform | undefined {
  const os = textMember(object, "os");
  const architecture = textMember(object, "architecture");
  const variant = textMember(object, "variant");
  if (os === undefined || architecture === undefined) return undefined;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** Undefined when the document is no image configuration at all: something else that registries keep, such as a chart. */
export function parseConfig(document: unknown): ImageConfig | undefined {
  const object = asObject(document);
  const rootfs = asObject(member(object, "rootfs"));
  if (object === undefined || (rootfs === undefined && !Object.hasOwn(object, "architecture"))) return undefined;
  const platform = parsePlatformObject(object);
  return {
    ...(platform === undefined ? {} : { platform }),
    diffIds: arrayMember(rootfs, "diff_ids").flatMap((value) => asDigest(value) ?? []),
    history: arrayMember(object, "history").map(parseHistory),
    labels: textsMember(asObject(member(object, "config")), "Labels"),
  };
}

function parseHistory(value: unknown): HistoryEntry {
  const object = asObject(value);
  const createdBy = textMember(object, "created_by") ?? textMember(object, "comment");
  const empty = member(object, "empty_layer") === true;
  return createdBy === undefined ? { empty } : { createdBy, empty };
}
