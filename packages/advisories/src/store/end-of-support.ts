import type { AdvisoryStore, CallOptions } from "@plimsoll/model";

/** Where the file of a store keeps when releases of distributions end, under the distribution's os-release id. */
const namespace = "End of life";

/**
 * When the support of a distribution's release ends, as the entries of a store say. A release `12` covers `12.5`; the longest that fits counts.
 * @throws what `find` throws
 */
export async function endOfSupport(
  store: Pick<AdvisoryStore, "covers" | "find">,
  distribution: string,
  version: string,
  options: CallOptions,
): Promise<string | undefined> {
  if (version === "" || !store.covers(namespace)) return undefined;
  const [releases = []] = await store.find([{ namespace, name: distribution, version }], options);
  let longest = "";
  let end: string | undefined;
  for (const { versions = [], qualifiers } of releases)
    for (const release of versions) {
      const fits = version === release || version.startsWith(`${release}.`);
      if (!fits || qualifiers?.endOfLife === undefined || release.length <= longest.length) continue;
      longest = release;
      end = qualifiers.endOfLife;
    }
  return end;
}
