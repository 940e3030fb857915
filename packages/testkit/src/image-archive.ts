import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Digest } from "@plimsoll/model";
import { pack } from "tar-stream";
import type { LiteralEntry, LiteralImage, LiteralLayer, OwnedFile } from "./literal-image.ts";

/** Digest of bytes, as OCI writes it. */
export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A plain tar of literal entries, without clock or owner. */
export async function tarOf(entries: LiteralLayer): Promise<Uint8Array> {
  const tar = pack();
  for (const [path, entry] of Object.entries(entries)) {
    const header = { name: path, mtime: new Date(0), uid: 0, gid: 0 };
    if (isOwned(entry)) {
      const { owned, ...attributes } = entry;
      const type = path.endsWith("/") ? "directory" : "file";
      if (type === "directory") tar.entry({ ...header, ...attributes, type });
      else tar.entry({ ...header, ...attributes, type }, owned);
    } else if (path.endsWith("/")) tar.entry({ ...header, type: "directory", mode: 0o755 });
    else if (typeof entry === "object" && "symlink" in entry)
      tar.entry({ ...header, type: "symlink", linkname: entry.symlink });
    else if (typeof entry === "object" && "hardlink" in entry)
      tar.entry({ ...header, type: "link", linkname: entry.hardlink });
    else {
      const { content, mode } = contentOf(entry);
      tar.entry({ ...header, mode, size: content.length }, Buffer.from(content));
    }
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}

function isOwned(entry: LiteralEntry): entry is OwnedFile {
  return typeof entry === "object" && "owned" in entry;
}

function contentOf(entry: LiteralEntry): { content: Uint8Array; mode: number } {
  if (typeof entry === "object" && "executable" in entry) return { content: toBytes(entry.executable), mode: 0o755 };
  return { content: toBytes(entry as string | Uint8Array), mode: 0o644 };
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

/** A layer blob with its digests. */
export async function layerTar(
  layer: LiteralLayer,
  options: { readonly gzip?: boolean } = {},
): Promise<{ bytes: Uint8Array; digest: Digest; diffId: Digest }> {
  const plain = await tarOf(layer);
  const bytes = options.gzip === true ? new Uint8Array(gzipSync(plain)) : plain;
  return { bytes, digest: sha256(bytes), diffId: sha256(plain) };
}

export interface ArchiveOptions {
  readonly gzip?: boolean;
  readonly tags?: readonly string[];
  readonly architecture?: string;
}

/** What `docker save` writes, classic form (`<id>/layer.tar`, manifest last). */
export async function dockerArchive(image: LiteralImage, options: ArchiveOptions = {}): Promise<Uint8Array> {
  const layers = await Promise.all(image.layers.map((layer) => layerTar(layer, options)));
  const config = JSON.stringify(configOf(image, layers, options));
  const configName = `${sha256(config).slice(7)}.json`;
  const files: Record<string, LiteralEntry> = {};
  const names = layers.map((layer) => `${layer.digest.slice(7)}/layer.tar`);
  layers.forEach((layer, index) => (files[names[index] ?? ""] = layer.bytes));
  files[configName] = config;
  files["manifest.json"] = JSON.stringify([
    { Config: configName, RepoTags: options.tags ?? [`${image.name ?? "literal"}:latest`], Layers: names },
  ]);
  return tarOf(files);
}

/** The files of an OCI image layout with one image: put them in a directory, or through {@link tarOf}. */
export async function ociLayoutFiles(
  image: LiteralImage,
  options: ArchiveOptions = {},
): Promise<Record<string, Uint8Array>> {
  const layers = await Promise.all(image.layers.map((layer) => layerTar(layer, options)));
  const encoder = new TextEncoder();
  const config = encoder.encode(JSON.stringify(configOf(image, layers, options)));
  const suffix = options.gzip === true ? "+gzip" : "";
  const manifest = encoder.encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha256(config), size: config.length },
      layers: layers.map(({ bytes, digest }) => ({
        mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
        digest,
        size: bytes.length,
      })),
    }),
  );
  const platform = { os: "linux", architecture: options.architecture ?? "amd64" };
  const index = encoder.encode(
    JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          digest: sha256(manifest),
          size: manifest.length,
          platform,
          annotations: { "org.opencontainers.image.ref.name": options.tags?.[0] ?? "latest" },
        },
      ],
    }),
  );
  const blobs = [config, manifest, ...layers.map((layer) => layer.bytes)];
  return {
    "oci-layout": encoder.encode('{"imageLayoutVersion":"1.0.0"}'),
    "index.json": index,
    ...Object.fromEntries(blobs.map((blob) => [`blobs/sha256/${sha256(blob).slice(7)}`, blob])),
  };
}

function configOf(image: LiteralImage, layers: readonly { diffId: Digest }[], options: ArchiveOptions): unknown {
  return {
    architecture: options.architecture ?? "amd64",
    os: "linux",
    config: image.config ?? {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: [
      ...layers.map((_, index) => ({ created_by: image.createdBy?.[index] ?? `step ${index}` })),
      ...(image.emptySteps ?? []).map((step) => ({ created_by: step, empty_layer: true })),
    ],
  };
}
