import { checkOptions } from "@plimsoll/model";
import { createHash } from "node:crypto";
import type { Digest } from "@plimsoll/model";
import { openStore } from "@plimsoll/advisories";
import { pushArtifact } from "@plimsoll/registry";
import { completeStore } from "../export-advisories.ts";
import type { FileBytes } from "../file-bytes.ts";
import { openFile } from "../open-advisories.ts";
import { platformEngine } from "../platform-engine.ts";
import { storeFileName } from "../store-path.ts";
import { openRepository } from "../../registry/open-repository.ts";
import { artifactType, revisionAnnotation, storeMediaType, artifactChecks } from "./registry-artifact.ts";
import type { ArtifactOptions } from "./registry-artifact.ts";

/**
 * Pushes a store to a registry as an OCI artifact with the unchanged file as its only layer. The same store gives the same manifest, and blobs that
 * the registry already has are not sent again.
 * @param reference without `oci://`: `ghcr.io/owner/advisories:latest`.
 * @returns the digest of the manifest.
 * @throws ScanError `store-missing`, `store-unreadable` for any damage, `unauthorized` or `network`.
 */
export async function pushAdvisories(path: string, reference: string, options: ArtifactOptions = {}): Promise<Digest> {
  checkOptions("pushAdvisories", options, artifactChecks);
  const { repository, tag } = openRepository(reference, { registry: options.registry });
  await completeStore(path, options);
  const bytes = openFile(path);
  try {
    const store = await openStore(bytes, { ...platformEngine, label: path, signal: options.signal });
    await store.verify({ signal: options.signal });
    const pushed = await pushArtifact(
      repository,
      {
        artifactType,
        tag,
        layers: [
          {
            mediaType: storeMediaType,
            content: { digest: digestOf(bytes), bytes },
            annotations: { "org.opencontainers.image.title": storeFileName },
          },
        ],
        annotations: { [revisionAnnotation]: store.revision },
      },
      { signal: options.signal },
    );
    return pushed.digest;
  } finally {
    await bytes.close();
  }
}

function digestOf(bytes: Pick<FileBytes, "size" | "readSync">): Digest {
  const hash = createHash("sha256");
  const piece = 1024 * 1024;
  for (let at = 0; at < bytes.size; at += piece) hash.update(bytes.readSync(at, at + piece));
  return `sha256:${hash.digest("hex")}`;
}
