// What was found out about the licences of packages, beside what they declare.
import type { Steps } from "@plimsoll/formats";
import type { Report } from "@plimsoll/model";

/** The licences of one package. */
export interface PackageLicenses {
  /** One SPDX expression: the declared licences, joined with `AND` to those that the licence texts add. */
  readonly concluded: string;
  /** SPDX ids of the licence texts in its directory, without repetitions, sorted. */
  readonly texts: readonly string[];
  /** The lines about copyright in these texts. */
  readonly copyrights: readonly string[];
}

/** The licences of each package, by package id; empty when the report has no licence findings. Licence names without an SPDX id are left out. */
export function* licensesOfPackages({ licenses = [] }: Report): Steps<ReadonlyMap<string, PackageLicenses>> {
  const found = new Map<
    string,
    { stated: Set<string>; texts: Set<string>; others: Set<string>; copyrights: Set<string> }
  >();
  for (const { package: pkg, id, explanation, copyrights = [] } of licenses) {
    yield bytesPerLicense;
    if (pkg === undefined) continue;
    let of = found.get(pkg.id);
    if (of === undefined)
      found.set(pkg.id, (of = { stated: new Set(), texts: new Set(), others: new Set(), copyrights: new Set() }));
    for (const line of copyrights) of.copyrights.add(line);
    if (id.includes("LicenseRef-")) continue;
    if (explanation.source === "statement") of.stated.add(id);
    else {
      of.texts.add(id);
      if (explanation.notes !== undefined) of.others.add(id);
    }
  }
  const licensesById = new Map<string, PackageLicenses>();
  for (const [id, { stated, texts, others, copyrights }] of found) {
    yield bytesPerLicense;
    const parts = stated.size > 0 ? [...stated, ...others] : [...texts];
    if (parts.length === 0 && copyrights.size === 0) continue;
    licensesById.set(id, { concluded: joined(parts), texts: [...texts].sort(), copyrights: [...copyrights].sort() });
  }
  return licensesById;
}

/** To look at a finding takes about as long as looking at so many bytes. */
const bytesPerLicense = 128;

function joined(parts: readonly string[]): string {
  const sorted = [...new Set(parts)].sort();
  if (sorted.length < 2) return sorted[0] ?? "NOASSERTION";
  return sorted.map((part) => (part.includes(" OR ") ? `(${part})` : part)).join(" AND ");
}
