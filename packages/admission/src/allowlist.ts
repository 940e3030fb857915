import { canonicalRepository, parseImageName } from "@plimsoll/attestations";

/** Repositories of Kritis' own images; they are admitted with any tag or digest. */
export const kritisRepositories: readonly string[] = [
  "gcr.io/kritis-project/kritis-server",
  "gcr.io/kritis-project/preinstall",
  "gcr.io/kritis-project/postinstall",
  "gcr.io/kritis-project/predelete",
  "us.gcr.io/grafeas/grafeas-server",
];

/**
 * Whether an image name matches a pattern: exactly, or as a prefix where the pattern ends with `*`. The star matches no slash; a pattern that has
 * neither a star nor a tag matches the untagged name only.
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

/** Whether a pod may be admitted because its owner was: each of its images is one of the owner's, or of an allowed repository. */
export function areOwnersImages(
  images: readonly string[],
  ownerImages: readonly string[],
  repositories: readonly string[] = kritisRepositories,
): boolean {
  const owned = new Set(ownerImages);
  return images.every((image) => owned.has(image) || isOfRepository(image, repositories));
}
