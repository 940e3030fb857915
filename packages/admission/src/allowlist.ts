import { canonicalRepository, parseImageName } from "@plimsoll/attestations";

/** Repositories whose images Kritis itself consists of; they are admitted whatever their tag or digest. */
export const kritisRepositories: readonly string[] = [
  "gcr.io/kritis-project/kritis-server",
  "gcr.io/kritis-project/preinstall",
  "gcr.io/kritis-project/postinstall",
  "gcr.io/kritis-project/predelete",
  "us.gcr.io/grafeas/grafeas-server",
];

/**
 * Whether an image is one that a name pattern means: the same text, or one that goes on where the pattern ends with `*`. The star does not
 * cross a slash; a pattern without a tag and a star means the untagged name only.
 */
export function matchesNamePattern(pattern: string, image: string): boolean {
  if (!pattern.endsWith("*")) return pattern === image;
  const prefix = pattern.slice(0, -1);
  return image.startsWith(prefix) && !image.slice(prefix.length).includes("/");
}

/** Whether an image is of one of the repositories, whatever its tag or digest. */
export function isOfRepository(image: string, repositories: readonly string[]): boolean {
  const name = parseImageName(image);
  if (name === undefined) return false;
  const repository = canonicalRepository(name.repository);
  return repositories.some((each) => canonicalRepository(each) === repository);
}

/** Whether a pod may be admitted because its owner was: each of its images is one of the owner's, or globally allowed. */
export function areOwnersImages(
  images: readonly string[],
  ownerImages: readonly string[],
  repositories: readonly string[] = kritisRepositories,
): boolean {
  const owned = new Set(ownerImages);
  return images.every((image) => owned.has(image) || isOfRepository(image, repositories));
}
