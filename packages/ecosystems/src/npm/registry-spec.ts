/** What a version field of a lock file says: a version of the registry, perhaps of a package with another name, or a source elsewhere. */
export interface RegistrySpec {
  /** Real name, where the entry is an alias. */
  readonly name?: string;
  /** Empty for sources that have no version: repositories, directories, archives. */
  readonly version: string;
  /** Address of a source other than the registry. */
  readonly from?: string;
}

const otherSource = /^(?:[a-z][a-z0-9+.-]*:|\.{0,2}\/|[\w.-]+\/[\w.-]+(?:#|$)|git@)/i;

/** Reads `1.2.3`, `npm:name@1.2.3`, `git+ssh://…#commit`, `file:…`, `github:user/repo#…`. */
export function parseRegistrySpec(text: string): RegistrySpec {
  const alias = /^npm:(@?[^@]+)@(.+)$/.exec(text);
  if (alias !== null) return { name: alias[1] ?? "", version: alias[2] ?? "" };
  if (otherSource.test(text)) return { version: "", from: text };
  return { version: text };
}
