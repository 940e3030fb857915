import { checkOptions, callChecks } from "@plimsoll/model";
import type { AdvisoryStore, CallOptions, Distro } from "@plimsoll/model";

/**
 * The distribution with the end of its support as the store knows it; as it was where the store does not. What a store says is newer than
 * what an analyzer knew when it was built.
 */
export async function withEndOfLife(distro: Distro, store: AdvisoryStore, options: CallOptions = {}): Promise<Distro> {
  checkOptions("withEndOfLife", options, callChecks);
  const { id, versionId = "" } = distro;
  const endOfLife = versionId === "" ? undefined : await store.endOfSupport?.(id, versionId, options);
  return endOfLife === undefined ? distro : { ...distro, endOfLife };
}
