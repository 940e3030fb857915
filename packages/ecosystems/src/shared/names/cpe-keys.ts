import { parseCpe } from "@plimsoll/formats";
import type { AdvisoryKey } from "@plimsoll/model";

/**
 * Keys for software that only the NVD has advisories for: `vendor:product` of each CPE 2.3 name, in the namespace `CPE`. Versions are
 * compared as given: CPE names write them with escapes.
 */
export function cpeKeys(cpes: readonly string[] | undefined, version: string): readonly AdvisoryKey[] {
  const names = (cpes ?? []).flatMap((text) => {
    const cpe = parseCpe(text);
    return cpe === undefined ? [] : `${cpe.vendor}:${cpe.product}`;
  });
  return [...new Set(names)].map((name) => ({ namespace: "CPE", name, version, guessed: true }));
}
