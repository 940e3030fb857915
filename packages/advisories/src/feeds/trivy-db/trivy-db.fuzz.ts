import { ScanError } from "@plimsoll/model";
import { memoryBytes, oddBolt, oddJson, oneOf, wholeBelow } from "@plimsoll/testkit";
import type { OddBuckets, Random } from "@plimsoll/testkit";
import { openTrivyStore } from "../../store/trivy-store.ts";
import { trivyDb } from "./index.ts";

const fields = ["FixedVersion", "AffectedVersion", "VulnerableVersions", "PatchedVersions", "Entries", "Arches"].concat(
  [
    "Affected",
    "Cves",
    "ID",
    "Severity",
    "Status",
    "Title",
    "References",
    "CVSS",
    "V3Vector",
    "nvd",
    "CweIDs",
    "BaseID",
  ],
);
const sources = [
  "alpine 3.20",
  "debian 12",
  "alma 9",
  "npm::GitHub",
  "pip::osv",
  "seal npm::x",
  "unknown 1",
  "Red Hat",
];
const packages = ["a", "m:1::a", "Zope.Interface", "__proto__", ""];
const ids = ["CVE-2024-0001", "GHSA-a", "", "__proto__", "0", "1"];

/** Trivy's buckets, with values of the right names and of any type. */
export function make(random: Random): Uint8Array {
  const text = (): string =>
    random() < 0.9 ? new TextDecoder().decode(oddJson(random, fields)) : oneOf(random, ["null", "{", ""], "");
  const some = (names: readonly string[], inside: () => string | OddBuckets): OddBuckets =>
    Object.fromEntries(
      Array.from({ length: wholeBelow(random, 5) }, () => [oneOf(random, names, ""), inside()] as const),
    );
  const advisory = (): string =>
    random() < 0.5
      ? text()
      : JSON.stringify({
          FixedVersion: "1",
          Entries: [{ Affected: [0, 1, 1], Cves: [{ ID: "CVE-2024-0001" }], FixedVersion: "2" }],
        });
  return oddBolt(random, {
    ...some(sources, () => some(packages, () => (random() < 0.9 ? some(ids, advisory) : text()))),
    "Red Hat": some(packages, () => some(ids, advisory)),
    "Red Hat CPE": { cpe: some(ids, () => '"cpe:/o:redhat:enterprise_linux:9"') },
    "data-source": some(sources, text),
    vulnerability: some(ids, text),
  });
}

/** Every byte sequence is a database that answers, or a `store-unreadable` error; as a feed it says what it could not read. */
export async function fuzz(input: Uint8Array): Promise<void> {
  for await (const record of trivyDb.parse({ name: "trivy.db", content: memoryBytes(input).read(0, input.length) }))
    if (record.kind === "advisory" && record.advisory.affected.length > input.length)
      throw new Error(`${record.advisory.affected.length} statements of ${input.length} bytes`);
  try {
    const store = await openTrivyStore(memoryBytes(input));
    const namespaces = ["Alpine:v3.20", "AlmaLinux:9", "npm", "PyPI", "Red Hat:enterprise_linux:9"];
    await store.find(namespaces.flatMap((namespace) => packages.map((name) => ({ namespace, name, version: "1" }))));
    await store.read(ids);
    await store.enrich(ids);
  } catch (error) {
    if (!(error instanceof ScanError && error.failure.kind === "store-unreadable")) throw error;
  }
}
