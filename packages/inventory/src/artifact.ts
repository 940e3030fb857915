import { formatPlatform } from "@plimsoll/model";
import type { Artifact, Digest, Distro, Image, LayerInfo } from "@plimsoll/model";

/** What was looked at, as reports show it. Directories have no layers. */
export function describeArtifact(
  image: Image,
  distro: Distro | undefined,
  baseImage: readonly Digest[] | undefined,
): Artifact {
  return {
    name: image.name,
    kind: image.kind,
    ...(image.digest === undefined ? {} : { digest: image.digest }),
    ...(image.indexDigests === undefined ? {} : { indexDigests: image.indexDigests }),
    ...(image.platform === undefined ? {} : { platform: formatPlatform(image.platform) }),
    ...(image.tags === undefined ? {} : { tags: image.tags }),
    ...(distro === undefined ? {} : { distro }),
    layers: image.kind === "container-image" ? describeLayers(image, baseImage) : [],
  };
}

/**
 * The layers, each with whether it belongs to the base image: known when the base image's chain of diff IDs is given and
 * the image begins with it, else as the image's history suggests.
 */
function describeLayers(image: Image, baseImage: readonly Digest[] | undefined): readonly LayerInfo[] {
  const baseLayers =
    baseImage === undefined ? image.baseLayers : isBuiltOn(image, baseImage) ? baseImage.length : undefined;
  return image.layers.map(({ index, diffId, digest, createdBy, size }, position) => ({
    index,
    diffId,
    digest,
    ...(createdBy === undefined ? {} : { createdBy }),
    size,
    ...(baseLayers === undefined ? {} : { base: position < baseLayers }),
  }));
}

/** Whether the image begins with these layers. */
export function isBuiltOn(image: Image, baseImage: readonly Digest[]): boolean {
  return baseImage.length > 0 && baseImage.every((diffId, index) => image.layers[index]?.diffId === diffId);
}
