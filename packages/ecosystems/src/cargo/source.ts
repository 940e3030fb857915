const registry = "crates.io";

/** Where a crate came from, as a fact: `crates.io`, `local`, or the address of a registry or repository. */
export function sourceFacts(source: string | undefined): { readonly source: string } {
  if (source === undefined || source === "local") return { source: "local" };
  return { source: isCratesIo(source) ? registry : source };
}

/** Whether advisories for crates.io speak of a crate with these facts. */
export function isFromCratesIo(facts: Readonly<Record<string, string>> | undefined): boolean {
  return (facts?.["source"] ?? registry) === registry;
}

function isCratesIo(source: string): boolean {
  return (
    source === registry ||
    source === "registry" ||
    source === "registry+https://github.com/rust-lang/crates.io-index" ||
    source.startsWith("sparse+https://index.crates.io")
  );
}
