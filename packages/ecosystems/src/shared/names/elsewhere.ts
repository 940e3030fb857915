import type { FoundPackage, Origin } from "@plimsoll/model";

/** That a package comes from elsewhere than a registry, with the address as the fact `from` where one is known. */
export function elsewhere(origin: Origin, from: string | undefined): Pick<FoundPackage, "origin" | "facts"> {
  return { origin, ...(from === undefined ? {} : { facts: { from } }) };
}

/** What kind of source an address is that a package manager wrote in place of a version of its registry. */
export function originOf(address: string): Origin {
  if (/^(?:workspace|root):/.test(address)) return "project";
  if (/^(?:link|portal|file|exec):|^\.{0,2}\//.test(address))
    return /\.(?:tgz|tar\.gz|tar|zip|whl)$/i.test(address) ? "archive" : "path";
  if (/^(?:git\b|ssh:|github:|gitlab:|bitbucket:|gist:|[\w.-]+@|[\w.-]+\/[\w.-]+(?:#|$))/i.test(address))
    return "repository";
  return /\.git(?:#|$)/.test(address) ? "repository" : "archive";
}
