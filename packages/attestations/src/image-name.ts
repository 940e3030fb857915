import { ScanError, isDigest } from "@plimsoll/model";
import type { Digest } from "@plimsoll/model";

/** The parts of an image reference. */
export interface ImageName {
  /** Registry and repository, as written: `gcr.io/project/app`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits, or `sha512:` and 128. */
  readonly digest?: Digest;
}

/**
 * The digest in an image reference.
 * @throws ScanError where it has none: a tag can move, so nothing can be attested about it.
 */
export function imageDigest(image: string): Digest {
  const digest = parseImageName(image)?.digest;
  if (digest !== undefined) return digest;
  throw new ScanError({ kind: "invalid-option", option: "image", reason: `${image} has no digest` });
}

/**
 * Splits an image reference (Docker's grammar: repository, `:tag`, `@digest`).
 * Undefined where a digest is not one, or a part is missing.
 */
export function parseImageName(reference: string): ImageName | undefined {
  const at = reference.indexOf("@");
  const digest = at === -1 ? undefined : reference.slice(at + 1);
  const named = at === -1 ? reference : reference.slice(0, at);
  if (digest !== undefined && !isDigest(digest)) return undefined;
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const repository = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (repository === "" || /\s/.test(repository) || tag === "") return undefined;
  return { repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The repository with its registry written out, so that `nginx` and `docker.io/library/nginx` are equal. */
export function canonicalRepository(repository: string): string {
  const slash = repository.indexOf("/");
  const first = slash === -1 ? "" : repository.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const registry = hasRegistry ? first : "index.docker.io";
  const path = hasRegistry ? repository.slice(slash + 1) : repository;
  if (!/^(?:index\.|registry-1\.)?docker\.io$/.test(registry)) return `${registry}/${path}`;
  return `index.docker.io/${path.includes("/") ? path : `library/${path}`}`;
}
