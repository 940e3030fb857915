import type { ScannerId } from "@plimsoll/model";

/**
 * Who finds what an id names, by how the id begins: those of Trivy (`pkg/compliance/spec`), with and without the `AVD-` of older
 * specifications, and ids of advisories.
 */
const beginnings: readonly (readonly [ScannerId, RegExp])[] = [
  ["vuln", /^(?:cve|vuln|ghsa|dla|dsa|usn|rhsa|rlsa|elsa|alas|osv|go|pysec|rustsec)-/i],
  ["secret", /^secret-/i],
  ["misconfig", /^(?:avd-|(?:ksv|kcv|ds|aws|azu|gcp|gh|git|dig|ns|nif|os|cloud|cmd)-?\d)/i],
];

/** The scanner whose findings a check id names; undefined: no scanner has such ids. */
export function scannerOfCheck(id: string): ScannerId | undefined {
  return beginnings.find(([, pattern]) => pattern.test(id))?.[0];
}

/** The check ids of a specification, each once, by the scanner that finds them. Ids that no scanner knows are left out. */
export function checkIdsByScanner({
  controls,
}: {
  readonly controls: readonly { readonly checks: readonly string[] }[];
}): Readonly<Partial<Record<ScannerId, readonly string[]>>> {
  const ids = new Map<ScannerId, Set<string>>();
  for (const id of controls.flatMap(({ checks }) => checks)) {
    const scanner = scannerOfCheck(id);
    if (scanner === undefined) continue;
    const known = ids.get(scanner);
    if (known === undefined) ids.set(scanner, new Set([id]));
    else known.add(id);
  }
  return Object.fromEntries([...ids].map(([scanner, names]) => [scanner, [...names]]));
}
