import type { PurlParts } from "./purl.ts";

/** Types whose registries do not tell capitals from small letters, though their package URLs do. */
const caseless: ReadonlySet<string> = new Set(["composer", "githubactions", "nuget", "pypi"]);

/** A package URL in one form for all spellings that its registry takes for the same package: two packages are the same when their forms are equal. */
export function registryForm(parts: PurlParts): PurlParts {
  if (!caseless.has(parts.type)) return parts;
  const name = parts.name.toLowerCase();
  return {
    ...parts,
    ...(parts.namespace === undefined ? {} : { namespace: parts.namespace.toLowerCase() }),
    // PEP 503: runs of dots, dashes and underscores are one dash.
    name: parts.type === "pypi" ? name.replaceAll(/[-_.]+/g, "-") : name,
  };
}
