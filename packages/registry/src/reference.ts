import { ScanError, isDigest } from "@plimsoll/model";
import type { Digest } from "@plimsoll/model";

/** An image reference, as Docker's grammar has it, with its defaults filled in. */
export interface Reference {
  /** Host and port: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path of the repository: `library/alpine`. */
  readonly repository: string;
  /** Absent when only a digest was given; else `latest` by default. */
  readonly tag?: string;
  readonly digest?: Digest;
}

const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const host =
  /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::\d{1,5})?$/;

/**
 * Parses `[registry/]repository[:tag][@digest]`; the first part is a registry only if it has a dot, a colon, an upper-case
 * letter, or is `localhost` (distribution/reference, `normalize.go`).
 * @throws ScanError `invalid-option` saying which part is wrong.
 */
export function parseReference(text: string): Reference {
  const fail = (reason: string): never => {
    throw new ScanError({ kind: "invalid-option", option: `image reference "${text}"`, reason });
  };
  if (text.length > 1024) fail("it is too long");
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest))
    return fail("the digest is not sha256 or sha512 with all its hex digits");
  const named = at < 0 ? text : text.slice(0, at);
  const { registry, rest } = splitRegistry(named);
  const colon = rest.lastIndexOf(":");
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) fail(`"${tag}" is not a tag`);
  const path = colon < 0 ? rest : rest.slice(0, colon);
  if (!host.test(registry)) fail(`"${registry}" is not a registry's name`);
  if (path === "" || path.length > 255 || !path.split("/").every((part) => component.test(part))) {
    fail(/[A-Z]/.test(path) ? "a repository's name is lower-case" : `"${path}" is not a repository's name`);
  }
  const repository = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  return {
    registry,
    repository,
    ...(tag === undefined ? (digest === undefined ? { tag: "latest" } : {}) : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function splitRegistry(named: string): { registry: string; rest: string } {
  const slash = named.indexOf("/");
  const first = slash < 0 ? "" : named.slice(0, slash);
  if (first === "" || !(/[.:A-Z]/.test(first) || first === "localhost")) return { registry: "docker.io", rest: named };
  const registry = first === "index.docker.io" ? "docker.io" : first;
  return { registry, rest: named.slice(slash + 1) };
}

/** The reference in full, defaults included. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}
