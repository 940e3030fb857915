import type { AdvisoryKey, AffectedPackage, Package } from "@plimsoll/model";
import { highestRanked } from "../distro/rebuilds.ts";

const prefix = "Seal:";

/**
 * Adds the keys under which Seal Security (https://www.sealsecurity.io) speaks of a library that it has rebuilt with patches: such
 * packages have names that nobody else uses, and are asked of nobody else, or versions with a mark.
 */
export function withSeal(keys: readonly AdvisoryKey[], name: RegExp, version: RegExp): readonly AdvisoryKey[] {
  return keys.flatMap((key): readonly AdvisoryKey[] => {
    const own = { ...key, namespace: `${prefix}${key.namespace}`, selective: true } as const;
    if (name.test(key.name)) return [own];
    return version.test(key.version) ? [own, key] : [key];
  });
}

/** Whether a key is the vendor's. */
export function isSeal({ namespace }: { readonly namespace: string }): boolean {
  return namespace.startsWith(prefix);
}

/** Of one vulnerability the vendor's statement goes before the publisher's: the vendor knows what it has patched. */
export function settleSealed(_: Package, entries: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return highestRanked(entries, (entry) => (isSeal(entry) ? 1 : 0));
}
