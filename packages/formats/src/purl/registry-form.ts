import type { PurlParts } from "./purl.ts";

/** Types whose registries take capitals for the same letters, though the type itself keeps them. */
const caseless: ReadonlySet<string> = new Set(["composer", "githubactions", "nuget", "pypi"]);

/** A package URL in the one form that stands for all spellings which its registry takes for the same package. */
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
