import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { Analyzer, Ecosystem, VersionScheme } from "@plimsoll/model";
import { formatPurl } from "./shared/names/purl.ts";

/** Versions that are only equal or different; their order means nothing. */
const opaqueVersions: VersionScheme = defineVersionScheme<string>({
  id: "opaque",
  parse: (text) => (text === "" ? undefined : text),
  compare: compareText,
});

/** Fills in what an ecosystem leaves out: library class, opaque versions, a `pkg:<id>` purl, no advisory keys. */
export function defineEcosystem(
  ecosystem: Partial<Ecosystem> & { readonly id: string; readonly analyzers: readonly Analyzer[] },
): Ecosystem {
  return {
    class: "library",
    versions: opaqueVersions,
    purl: (pkg) => formatPurl({ type: ecosystem.id, name: pkg.name, version: pkg.version }),
    advisoryKeys: () => [],
    ...ecosystem,
  };
}
