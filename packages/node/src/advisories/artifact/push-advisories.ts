import { createHash } from "node:crypto";
import type { Digest, RandomAccessBytes } from "@plimsoll/model";
import { openStore } from "@plimsoll/advisories";
import { completeStore } from "../export-advisories.ts";
import type { FileBytes } from "../file-bytes.ts";
import { openFile } from "../open-advisories.ts";
import { platformEngine } from "../platform-engine.ts";
import { storeFileName } from "../store-path.ts";
import { artifactType, openRepository, revisionAnnotation, storeMediaType } from "./registry-artifact.ts";
import type { ArtifactOptions } from "./registry-artifact.ts";

/** `{}`: artifacts need no configuration (OCI image-spec, manifest.md, "Guidance for an Empty Descriptor"). */
const emptyConfig = new TextEncoder().encode("{}");

/**
 * Puts a store into a registry as an OCI artifact: the file as it is, as the only layer. The same store gives the same
 * manifest, and what the registry has already is not sent again.
 * @param reference without `oci://`: `ghcr.io/owner/advisories:latest`.
 * @returns the digest of the manifest.
 * @throws ScanError `store-missing`, `store-unreadable` for any damage, `unauthorized` or `network`.
 */
export async function pushAdvisories(path: string, reference: string, options: ArtifactOptions = {}): Promise<Digest> {
  const { repository, tag } = openRepository(reference, options);
  await completeStore(path, options);
  const bytes = openFile(path);
  try {
    const store = await openStore(bytes, { ...platformEngine, label: path, signal: options.signal });
    await store.verify({ signal: options.signal });
    const digest = digestOf(bytes);
    const config = inMemory(emptyConfig);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType,
      config: { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf(config), size: config.size },
      layers: [
        {
          mediaType: storeMediaType,
          digest,
          size: bytes.size,
          annotations: { "org.opencontainers.image.title": storeFileName },
        },
      ],
      annotations: { [revisionAnnotation]: store.revision },
    });
    await repository.putBlob(digestOf(config), config, options);
    await repository.putBlob(digest, bytes, options);
    const encoded = new TextEncoder().encode(manifest);
    await repository.putManifest(tag, manifestType, encoded, options);
    return digestOf(inMemory(encoded));
  } finally {
    await bytes.close();
  }
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

function digestOf(bytes: Pick<FileBytes, "size" | "readSync">): Digest {
  const hash = createHash("sha256");
  const piece = 1024 * 1024;
  for (let at = 0; at < bytes.size; at += piece) hash.update(bytes.readSync(at, at + piece));
  return `sha256:${hash.digest("hex")}`;
}

function inMemory(bytes: Uint8Array): RandomAccessBytes & Pick<FileBytes, "readSync"> {
  return {
    size: bytes.length,
    async *read(start, end) {
      yield bytes.subarray(start, end);
    },
    readSync: (start, end) => bytes.subarray(start, end),
  };
}
