import { PolicyError } from "../policy-error.ts";

/** An image reference split into registry, path, and tag or digest with its `:` or `@`. An absent part is empty. */
export interface ImageParts {
  readonly domain: string;
  readonly path: string;
  readonly tag: string;
}

/** Splits an image reference. Never fails: text that is not a reference is returned as a path. */
export function imageParts(image: string): ImageParts {
  const { domain, rest } = splitDomain(image);
  const cut = rest.search(/[:@]/);
  return { domain, path: cut === -1 ? rest : rest.slice(0, cut), tag: cut === -1 ? "" : rest.slice(cut) };
}

/** What stands before the first slash is a registry if it has a dot or a colon, or is `localhost`. */
function splitDomain(text: string): { readonly domain: string; readonly rest: string } {
  const slash = text.indexOf("/");
  const head = slash === -1 ? "" : text.slice(0, slash);
  return /[.:]/.test(head) || head === "localhost"
    ? { domain: head, rest: text.slice(slash + 1) }
    : { domain: "", rest: text };
}

/** Replaces the parts of an image reference that are given; empty parts keep its own. */
export function replaceImageParts(image: string, given: ImageParts): string {
  const own = imageParts(image);
  const domain = given.domain || own.domain;
  return `${domain === "" ? "" : `${domain}/`}${given.path || own.path}${given.tag || own.tag}`;
}

const domainForm = /^(?:\w[\w-]*\.[\w.-]*\w|localhost)(?::\d+)?$/;
const pathForm = /^[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*$/;
const tagForm = /^(?::\w[\w.-]{0,127}|@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,})$/;
const maxLength = 4096;

/**
 * Refuses parts that would be split differently once combined, because the mutation would then never converge.
 * @throws {PolicyError} with a code: `missingComponents`, `domain`, `path`, `tag`, `domainLikePath`.
 */
export function checkImageParts({ domain, path, tag }: ImageParts): void {
  if (domain === "" && path === "" && tag === "")
    throw refusal("at least one of assignDomain, assignPath, assignTag must be set", "missingComponents");
  const holds = (form: RegExp, text: string): boolean => text === "" || (text.length <= maxLength && form.test(text));
  if (!holds(domainForm, domain))
    throw refusal(`assignDomain "${domain}" is not a registry, such as registry.example.com:5000`, "domain");
  if (!holds(pathForm, path)) throw refusal(`assignPath "${path}" is not a repository path, such as team/app`, "path");
  if (!holds(tagForm, tag))
    throw refusal(
      `assignTag "${tag}" must be a tag with its colon (:1.2) or a digest with its at sign (@sha256:…)`,
      "tag",
    );
  if (domain === "" && splitDomain(path).domain !== "")
    throw refusal(
      `assignPath "${path}" begins with what would be read as a registry: set assignDomain, too`,
      "domainLikePath",
    );
}

function refusal(message: string, code: string): PolicyError {
  return new PolicyError("mutator", message, code);
}
