import type { FoundPackage, Origin } from "@plimsoll/model";

/** The fields of a package that does not come from a registry: its origin, and the address as the fact `from` where one is known. */
export function elsewhere(origin: Origin, from: string | undefined): Pick<FoundPackage, "origin" | "facts"> {
  return { origin, ...(from === undefined ? {} : { facts: { from } }) };
}

/** The origin of a package whose lock file has an address in place of a version, such as `file:../a` or `git+https://…`. */
export function originOf(address: string): Origin {
  if (/^(?:workspace|root):/.test(address)) return "project";
  if (/^(?:link|portal|file|exec):|^\.{0,2}\//.test(address))
    return /\.(?:tgz|tar\.gz|tar|zip|whl)$/i.test(address) ? "archive" : "path";
  if (/^(?:git\b|ssh:|github:|gitlab:|bitbucket:|gist:|[\w.-]+@|[\w.-]+\/[\w.-]+(?:#|$))/i.test(address))
    return "repository";
  return /\.git(?:#|$)/.test(address) ? "repository" : "archive";
}
