// Gems that Bundler takes from a repository or a directory: Gemfile.lock states the name and version that their gemspec has, which is that of the
// published gem they are a copy or a branch of. Gems that are a company's own have names of their own.
import { isOfRegistry } from "@plimsoll/model";
import type { AffectedPackage, Package } from "@plimsoll/model";

/** Malware in the registry is what was uploaded there, often under the names of other people's private gems. */
export function rejectsMalware(pkg: Package, { advisory }: AffectedPackage): string | undefined {
  return isOfRegistry(pkg) || !advisory.startsWith("MAL-")
    ? undefined
    : "it does not come from the registry, to which the malware was uploaded";
}

/** Why an advisory may not be about a copy. */
export function copyDoubt(pkg: Package): string | undefined {
  if (isOfRegistry(pkg)) return undefined;
  const from = pkg.facts?.["from"];
  return `it comes from ${from === undefined ? "elsewhere" : from.slice(0, 200)}, not from the registry, and may have been changed under its version`;
}
