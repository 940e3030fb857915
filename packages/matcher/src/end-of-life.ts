import { checkOptions, callChecks } from "@plimsoll/model";
import type { AdvisoryStore, CallOptions, Distro } from "@plimsoll/model";

/** The namespace under which stores keep when releases of distributions end. */
const namespace = "End of life";

/**
 * The distribution with the end of its support as the store knows it; as it was where the store does not. What a store says is newer than
 * what an analyzer knew when it was built. A release `12` covers `12.5`; the longest that fits counts.
 */
export async function withEndOfLife(distro: Distro, store: AdvisoryStore, options: CallOptions = {}): Promise<Distro> {
  checkOptions("withEndOfLife", options, callChecks);
  const { id, versionId = "" } = distro;
  if (versionId === "" || !store.covers(namespace)) return distro;
  const [releases = []] = await store.find([{ namespace, name: id, version: versionId }], options);
  let best = "";
  let endOfLife = distro.endOfLife;
  for (const { versions = [], qualifiers } of releases) {
    const date = qualifiers?.["endOfLife"];
    for (const release of versions) {
      const fits = versionId === release || versionId.startsWith(`${release}.`);
      if (!fits || date === undefined || release.length <= best.length) continue;
      best = release;
      endOfLife = date;
    }
  }
  return endOfLife === undefined ? distro : { ...distro, endOfLife };
}
