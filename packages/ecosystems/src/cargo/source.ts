import type { FoundPackage } from "@plimsoll/model";

const registry = "crates.io";

/** Where a crate came from, with the fact `source`: `crates.io`, `local`, or the address of a registry or repository. */
export function sourceFacts(source: string | undefined): Pick<FoundPackage, "origin" | "facts"> {
  if (source === undefined || source === "local") return { origin: "project", facts: { source: "local" } };
  if (/^git(?:$|\+)/.test(source)) return { origin: "repository", facts: { source } };
  if (/^path(?:$|\+)/.test(source)) return { origin: "path", facts: { source } };
  return { facts: { source: isCratesIo(source) ? registry : source } };
}

function isCratesIo(source: string): boolean {
  return (
    source === registry ||
    source === "registry" ||
    source === "registry+https://github.com/rust-lang/crates.io-index" ||
    source.startsWith("sparse+https://index.crates.io")
  );
}
