import { ScanError } from "@plimsoll/model";
import { defaultLimits } from "@plimsoll/model";
import type { Image, OpenOptions } from "@plimsoll/model";
import type { BlobStore, ImageFiles } from "./blobs.ts";
import { isSameName } from "./image-name.ts";
import { parseJsonText, readWhole } from "./json-document.ts";
import { parseManifest } from "@plimsoll/registry";
import type { Descriptor } from "@plimsoll/registry";
import { openManifest } from "./open-manifest.ts";
import type { OpenManifestOptions } from "./open-manifest.ts";

/** The file that an OCI image layout is recognised by (OCI image-spec image-layout.md). */
export const ociIndexName = "index.json";

/** Annotations in which writers put an image's name, the first preferred. */
const nameAnnotations = ["io.containerd.image.name", "org.opencontainers.image.ref.name"] as const;

/**
 * Opens an image of an OCI image layout.
 * @throws ScanError
 */
export async function openOciLayout(
  files: ImageFiles,
  tag: string | undefined,
  options: OpenManifestOptions,
): Promise<Image> {
  const descriptors = chooseNamed(await readIndex(files, options), tag, files.label);
  const tags = [...new Set(descriptors.flatMap((descriptor) => nameOf(descriptor) ?? []))];
  return openManifest(layoutBlobs(files), descriptors, { ...options, tags });
}

/** The blobs of an OCI image layout. */
export function layoutBlobs(files: ImageFiles): BlobStore {
  return {
    label: files.label,
    get: (digest, options) => files.get(`blobs/${digest.replace(":", "/")}`, options),
  };
}

async function readIndex(files: ImageFiles, options: OpenOptions): Promise<readonly Descriptor[]> {
  const { label } = files;
  const blob = await files.get(ociIndexName, options);
  if (blob === undefined)
    throw new ScanError({
      kind: "unsupported-image",
      label,
      reason: "it is no OCI image layout, index.json is missing",
    });
  const limit = (options.limits ?? defaultLimits).maxManifestBytes;
  const bytes = await readWhole(blob, `index.json of ${label}`, limit, options);
  const index = parseManifest(parseJsonText(bytes, label, "index.json"));
  if (index?.kind === "index") return index.manifests;
  throw new ScanError({ kind: "malformed-image", label, reason: "index.json lists no manifests" });
}

/**
 * The descriptors of the image that was asked for. Descriptors with the same name are the platforms of one image; with different names they
 * are different images.
 */
function chooseNamed(
  descriptors: readonly Descriptor[],
  tag: string | undefined,
  label: string,
): readonly Descriptor[] {
  const fitting =
    tag === undefined
      ? descriptors
      : descriptors.filter((descriptor) => namesOf(descriptor).some((name) => isSameName(name, tag)));
  if (tag !== undefined && fitting.length === 0) {
    const known = [...new Set(descriptors.flatMap((descriptor) => nameOf(descriptor) ?? []))];
    const reason = `it has no image named ${tag}${known.length === 0 ? "" : `, only ${known.slice(0, 20).join(", ")}`}`;
    throw new ScanError({ kind: "image-not-found", label, reason });
  }
  const digestsByName = new Map<string, string>();
  for (const descriptor of fitting) {
    const name = nameOf(descriptor);
    if (name !== undefined) digestsByName.set(name, `${digestsByName.get(name) ?? ""},${descriptor.digest}`);
  }
  if (new Set(digestsByName.values()).size > 1)
    throw new ScanError({ kind: "ambiguous-image", label, choices: [...digestsByName.keys()] });
  return fitting;
}

function nameOf(descriptor: Descriptor): string | undefined {
  return namesOf(descriptor)[0];
}

function namesOf(descriptor: Descriptor): string[] {
  return nameAnnotations.flatMap((annotation) => descriptor.annotations.get(annotation) ?? []);
}
