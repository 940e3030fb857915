import { ScanError, formatPlatform } from "@plimsoll/model";
import type { Digest, Image, OpenOptions } from "@plimsoll/model";
import { field, listField, normalizePath, textField } from "@plimsoll/formats";
import { algorithmOf, digestOf, parseDigest, parseManifest } from "@plimsoll/registry";
import type { ImageFiles } from "./blobs.ts";
import { isSameName } from "./image-name.ts";
import { parseConfig } from "./image-config.ts";
import type { ImageConfig } from "./image-config.ts";
import { DocumentBudget } from "./document-budget.ts";
import { parseJsonText } from "./json-document.ts";
import { ociIndexName } from "./oci-layout.ts";
import { imageOf, refuseTooMany } from "./open-manifest.ts";
import type { OpenManifestOptions, StoredLayer } from "./open-manifest.ts";
import { choosePlatform } from "./platform.ts";

/** The file that a `docker save` archive is recognised by. */
export const dockerManifestName = "manifest.json";

/** One image of a `docker save` archive (Docker image spec v1.2, "manifest.json"). */
interface SavedImage {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

/**
 * Opens an image of what `docker save` writes, in its classic form (`<id>/layer.tar`) or its newer one (`blobs/sha256/…`).
 * Undefined when the image is for another platform than the one asked for.
 * @throws ScanError
 */
export async function openDockerArchive(
  files: ImageFiles,
  tag: string | undefined,
  options: OpenManifestOptions,
): Promise<Image | undefined> {
  const documents = new DocumentBudget(files.label, options.limits);
  const saved = chooseSaved(await readSaved(files, documents, options), tag, files.label);
  const { config, digest } = await readConfig(files, saved, documents, options);
  if (options.platform !== undefined && choosePlatform([config.platform], options.platform) === -1) return undefined;
  refuseTooMany(saved.layers.length, files.label, options);
  const layers = await Promise.all(
    saved.layers.map(async (name): Promise<StoredLayer> => {
      const blob = await files.get(normalizePath(name) ?? "", options);
      const stated = digestInPath(name);
      return { blob, size: blob?.size ?? 0, ...(stated === undefined ? {} : { digest: stated }) };
    }),
  );
  const manifest = await findManifest(files, digest, options);
  return imageOf(files.label, config, layers, {
    ...options,
    tags: saved.tags,
    digest: manifest?.digest ?? digest,
    indexDigests: manifest?.indexes,
  });
}

/** The platforms of the images in the archive, for an error message. @throws ScanError */
export async function dockerPlatforms(files: ImageFiles, options: OpenManifestOptions): Promise<string[]> {
  const documents = new DocumentBudget(files.label, options.limits);
  const platforms = new Set<string>();
  const images = await readSaved(files, documents, options);
  for (const saved of new Map(images.map((image) => [image.config, image])).values()) {
    const { config } = await readConfig(files, saved, documents, options);
    platforms.add(config.platform === undefined ? "unknown" : formatPlatform(config.platform));
  }
  return [...platforms];
}

async function readSaved(
  files: ImageFiles,
  documents: DocumentBudget,
  options: OpenOptions,
): Promise<readonly SavedImage[]> {
  const document = await readJson(files, dockerManifestName, documents, options);
  const entries: readonly unknown[] = Array.isArray(document?.value) ? document.value : [];
  const images = entries.flatMap((entry) => parseSaved(entry) ?? []);
  if (images.length > 0) return images;
  throw new ScanError({ kind: "unsupported-image", label: files.label, reason: "its manifest.json names no image" });
}

function parseSaved(object: unknown): SavedImage | undefined {
  const config = textField(object, "Config");
  if (config === undefined) return undefined;
  const texts = (name: string): string[] =>
    listField(object, name).filter((value): value is string => typeof value === "string");
  return { config, tags: texts("RepoTags"), layers: texts("Layers") };
}

function chooseSaved(images: readonly SavedImage[], tag: string | undefined, label: string): SavedImage {
  const fitting =
    tag === undefined ? images : images.filter((image) => image.tags.some((name) => isSameName(name, tag)));
  const distinct = new Map(fitting.map((image) => [image.config, image]));
  const [first] = distinct.values();
  if (first !== undefined && distinct.size === 1) return first;
  const choices = images.flatMap((image) => (image.tags.length > 0 ? image.tags : [image.config]));
  if (first === undefined)
    throw new ScanError({
      kind: "image-not-found",
      label,
      reason: `it has no image named ${tag ?? ""}, only ${choices.slice(0, 20).join(", ")}`,
    });
  throw new ScanError({ kind: "ambiguous-image", label, choices });
}

async function readConfig(
  files: ImageFiles,
  saved: SavedImage,
  documents: DocumentBudget,
  options: OpenManifestOptions,
): Promise<{ readonly config: ImageConfig; readonly digest: Digest }> {
  const { label } = files;
  const document = await readJson(files, saved.config, documents, options);
  if (document === undefined)
    throw new ScanError({ kind: "malformed-image", label, reason: `its configuration ${saved.config} is missing` });
  const config = parseConfig(document.value);
  if (config === undefined)
    throw new ScanError({ kind: "unsupported-image", label, reason: `${saved.config} is no image configuration` });
  return { config, digest: await digestOf(document.bytes, "sha256", options.createHasher) };
}

/** A document, and the bytes that it was read from. */
interface JsonFile {
  readonly value: unknown;
  readonly bytes: Uint8Array;
}

async function readJson(
  files: ImageFiles,
  name: string,
  documents: DocumentBudget,
  options: OpenOptions,
): Promise<JsonFile | undefined> {
  const blob = await files.get(normalizePath(name) ?? "", options);
  if (blob === undefined) return undefined;
  const bytes = await documents.read(blob, name, options);
  return { value: parseJsonText(bytes, files.label, name), bytes };
}

/** The digest that a path such as `blobs/sha256/<hex>` contains; undefined for one such as `<id>/layer.tar`. */
function digestInPath(path: string): Digest | undefined {
  const match = /(?:^|\/)blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(path);
  return parseDigest(`${match?.[1]}:${match?.[2]}`);
}

/** A manifest, and the indexes on the way to it. */
interface FoundManifest {
  readonly digest: Digest;
  readonly indexes: readonly Digest[];
}

/** How many manifests and indexes are looked at. Real archives have far fewer. */
const maxLooks = 256;

/**
 * The manifest of an image in an archive that is an OCI layout as well: the one with the same configuration. Its digest is the image's. An
 * index may list platforms that were not saved; they are passed over.
 */
async function findManifest(
  files: ImageFiles,
  config: Digest,
  options: OpenManifestOptions,
): Promise<FoundManifest | undefined> {
  // Of its own: what the index takes must not be missing to the image.
  const documents = new DocumentBudget(files.label, options.limits);
  let looks = 0;
  return among((await document(ociIndexName))?.value, []);

  async function among(index: unknown, indexes: readonly Digest[]): Promise<FoundManifest | undefined> {
    for (const entry of listField(index, "manifests")) {
      const digest = parseDigest(field(entry, "digest"));
      if (digest === undefined) continue;
      const found = await document(`blobs/${digest.replace(":", "/")}`);
      // A document by another's digest would give the image that one's identity.
      if (found === undefined || !(await isOf(found.bytes, digest))) continue;
      const manifest = parseManifest(found.value);
      if (manifest?.kind === "manifest" && manifest.config.digest === config) return { digest, indexes };
      const deeper = manifest?.kind === "index" ? await among(found.value, [...indexes, digest]) : undefined;
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  }

  async function isOf(bytes: Uint8Array, digest: Digest): Promise<boolean> {
    return (await digestOf(bytes, algorithmOf(digest), options.createHasher)) === digest;
  }

  async function document(path: string): Promise<JsonFile | undefined> {
    if (++looks > maxLooks) return undefined;
    try {
      return await readJson(files, path, documents, options);
    } catch (error) {
      // The index is a bonus here: what is wrong with it does not concern an image that opens without it.
      if (!(error instanceof ScanError)) throw error;
      return undefined;
    }
  }
}
