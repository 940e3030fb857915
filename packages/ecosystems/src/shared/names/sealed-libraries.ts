import type { AdvisoryKey, AffectedPackage, Package } from "@plimsoll/model";
import { highestRanked } from "../distro/rebuilds.ts";

const prefix = "Seal:";

/**
 * Adds the keys of Seal Security (https://www.sealsecurity.io) for a library that it has rebuilt with patches. Such a package has
 * either a name that only this vendor uses, and is then looked up under its keys alone, or a marked version.
 */
export function withSeal(keys: readonly AdvisoryKey[], name: RegExp, version: RegExp): readonly AdvisoryKey[] {
  return keys.flatMap((key): readonly AdvisoryKey[] => {
    const own = { ...key, namespace: `${prefix}${key.namespace}`, selective: true } as const;
    if (name.test(key.name)) return [own];
    return version.test(key.version) ? [own, key] : [key];
  });
}

/** Whether a key or an entry is one of Seal Security. */
export function isSeal({ namespace }: { readonly namespace: string }): boolean {
  return namespace.startsWith(prefix);
}

/** Leaves out the entries of others about vulnerabilities that Seal Security has an entry for, since it knows what it has patched. */
export function settleSealed(_: Package, entries: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return highestRanked(entries, (entry) => (isSeal(entry) ? 1 : 0));
}
