import { field, jsonIn, textField } from "@plimsoll/formats";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseManifest, parseReference } from "@plimsoll/registry";
import type { Descriptor, RegistryOptions, RegistryRepository } from "@plimsoll/registry";
import { ScanError, callChecks, optionIs } from "@plimsoll/model";
import type { ByteStream, CallOptions, Digest, OptionChecks } from "@plimsoll/model";
import type { TlsOptions } from "../../network/system-fetch.ts";
import { connectionChecks } from "../../registry/connection-checks.ts";
import { openRepository } from "../../registry/open-repository.ts";
import { databaseKeyChecks } from "../database-keys.ts";
import type { DatabaseKeyOptions } from "../database-keys.ts";
import { writeStream } from "../database-archive.ts";

/** Prefix of the location of a database in a registry: `oci://ghcr.io/owner/db:2`. */
export const artifactScheme = "oci://";

/** Options for accessing a registry. */
export interface ArtifactOptions extends CallOptions {
  /** Absent: credentials as `docker login` left them, proxies of the environment, trusted certificates of the system. */
  readonly registry?: (RegistryOptions & TlsOptions) | undefined;
  /** Called for progress with the number of bytes received and the size of the database in bytes. */
  readonly onBytes?: ((name: string, bytes: number, total: number) => void) | undefined;
}

/** The checks of {@link ArtifactOptions}. */
export const artifactChecks: OptionChecks<ArtifactOptions> = {
  ...callChecks,
  registry: optionIs.shape(connectionChecks),
  onBytes: optionIs.call,
};

/** Options for finding a database in a registry. */
export interface FindArtifactOptions extends ArtifactOptions, DatabaseKeyOptions {}

/** The checks of {@link FindArtifactOptions}. */
export const findArtifactChecks: OptionChecks<FindArtifactOptions> = { ...artifactChecks, ...databaseKeyChecks };

/** Manifests of databases have a few hundred bytes. */
const maxManifestBytes = 4 * 1024 * 1024;

/** Media types of the layer that holds the database, in artifacts with several layers. */
export const storeMediaType = "application/vnd.plimsoll.advisories.store.v1";
export const revisionAnnotation = "dev.plimsoll.revision";
export const artifactType = "application/vnd.plimsoll.advisories.v1";
const databaseMediaTypes: ReadonlySet<string> = new Set([
  storeMediaType,
  "application/vnd.aquasec.trivy.db.layer.v1.tar+gzip",
  "application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip",
]);

/** A database in a registry, before its content is fetched. */
export interface ArtifactDatabase {
  readonly label: string;
  /** Digest of the content. */
  readonly digest: Digest;
  readonly mediaType: string | undefined;
  /** Revision of a Plimsoll store, as stated when it was pushed. */
  readonly revision: string | undefined;
  /** Names of the keys that signed it; empty where no keys were given. */
  readonly signers: readonly string[];
  /**
   * Fetches the content into a file of this folder and gives its path.
   * @throws ScanError `digest-mismatch`, `truncated` or `network`.
   */
  fetch(folder: string): Promise<string>;
}

/**
 * Resolves a reference (without `oci://`) to a database in a registry.
 * @throws ScanError `image-not-found`, `unauthorized`, `network`, `unverified` when none of the keys that were given signed it, or
 * `store-unreadable` when it is no database.
 */
export async function findArtifact(reference: string, options: FindArtifactOptions = {}): Promise<ArtifactDatabase> {
  const label = `${artifactScheme}${reference}`;
  const digests: Digest[] = [];
  const { repository, tag } = openRepository(reference, { registry: options.registry });
  let asked = tag;
  // An index names one manifest; what names itself has no end.
  for (let step = 0; step < 3; step++) {
    const bytes = await repository.manifest(asked, { signal: options.signal, maxBytes: maxManifestBytes });
    verify(bytes, asked, label);
    digests.push(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
    const document = jsonIn(bytes);
    const manifest = parseManifest(document);
    if (manifest === undefined) throw unreadable(label, "it has no valid manifest");
    if (manifest.kind === "index") {
      const [first] = manifest.manifests;
      if (first === undefined) throw unreadable(label, "its index is empty");
      asked = first.digest;
      continue;
    }
    const layer = chooseLayer(manifest.layers);
    if (layer === undefined) throw unreadable(label, `none of its ${manifest.layers.length} layers is a database`);
    return {
      label,
      signers: await signersOf(reference, digests, options),
      digest: layer.digest,
      mediaType: layer.mediaType,
      revision: revisionOf(document),
      fetch: (folder) => fetchLayer(repository, layer, folder, label, options),
    };
  }
  throw unreadable(label, "it is an index of indexes");
}

/** The names of those who signed what the manifests lead to, where somebody must have. */
async function signersOf(
  reference: string,
  digests: readonly Digest[],
  options: FindArtifactOptions,
): Promise<readonly string[]> {
  if (options.keys === undefined) return [];
  const { registry, repository } = parseReference(reference);
  const { findSigners } = await import("./find-signers.ts");
  return findSigners(`${registry}/${repository}`, digests, options.keys, options);
}

function chooseLayer(layers: readonly Descriptor[]): Descriptor | undefined {
  const known = layers.find((layer) => databaseMediaTypes.has(layer.mediaType ?? ""));
  return known ?? (layers.length === 1 ? layers[0] : undefined);
}

async function fetchLayer(
  repository: RegistryRepository,
  layer: Descriptor,
  folder: string,
  label: string,
  options: ArtifactOptions,
): Promise<string> {
  const path = join(folder, "download");
  const size = layer.size ?? 0;
  const hash = createHash(layer.digest.startsWith("sha512:") ? "sha512" : "sha256");
  async function* checked(content: ByteStream): AsyncGenerator<Uint8Array> {
    let arrived = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      arrived += chunk.length;
      // A server that sends more than it stated would fill the disk.
      if (arrived > size) throw new ScanError({ kind: "limit-exceeded", what: `The layer of ${label}`, limit: size });
      options.onBytes?.(label, arrived, size);
      yield chunk;
    }
  }
  await writeStream(checked(repository.blob(layer.digest, size, options)), path, options);
  const actual = `${layer.digest.slice(0, 6)}:${hash.digest("hex")}` as Digest; // as: algorithm and hex make one
  if (actual !== layer.digest) {
    throw new ScanError({ kind: "digest-mismatch", what: `database of ${label}`, expected: layer.digest, actual });
  }
  return path;
}

function revisionOf(manifest: unknown): string | undefined {
  return textField(field(manifest, "annotations"), revisionAnnotation);
}

function verify(bytes: Uint8Array, asked: string, label: string): void {
  const algorithm = /^(sha256|sha512):/.exec(asked)?.[1];
  if (algorithm === undefined) return;
  const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}` as Digest; // as: algorithm and hex make one
  if (actual !== asked) {
    const expected = asked as Digest; // as: it begins like one, and came through a check of references or manifests
    throw new ScanError({ kind: "digest-mismatch", what: `manifest of ${label}`, expected, actual });
  }
}

function unreadable(label: string, reason: string): ScanError {
  return new ScanError({ kind: "store-unreadable", label, reason });
}
