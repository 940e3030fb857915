import { hashAlgorithms, hashName } from "@plimsoll/formats";
import type { HashAlgorithm } from "@plimsoll/formats";

/** The checksums that standards have a name for and that look like what they claim to be, by algorithm name. */
export function knownHashes(
  hashes: Readonly<Record<string, string>> | undefined,
): readonly { readonly algorithm: HashAlgorithm; readonly hex: string }[] {
  const given = new Map(Object.entries(hashes ?? {}).map(([name, hex]) => [hashName(name) ?? name, hex]));
  return hashAlgorithms.flatMap((algorithm) => {
    const hex = given.get(algorithm.id);
    return hex?.length === algorithm.hexLength && /^[0-9a-f]+$/i.test(hex) ? [{ algorithm, hex }] : [];
  });
}
