import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { ubuntuVex } from "./index.ts";

async function parse(document: unknown, name = "vex/cve/2024/CVE-2024-0001.json"): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(typeof document === "string" ? document : JSON.stringify(document));
  const records: FeedRecord[] = [];
  for await (const record of ubuntuVex.parse({ name, content: memoryBytes(bytes).read(0, bytes.length) }))
    records.push(record);
  return records;
}

const purl = (name: string, version: string, distro: string, arch = "source"): object => ({
  "@id": `pkg:deb/ubuntu/${name}@${version}?arch=${arch}&distro=${distro}`,
});
const statement = (status: string, ...products: readonly object[]): object => ({
  vulnerability: { "@id": "https://ubuntu.com/security/CVE-2024-0001", name: "CVE-2024-0001", description: "A flaw" },
  timestamp: "2024-02-01T00:00:00Z",
  products,
  status,
});
/** Shaped as Canonical's are: https://github.com/canonical/ubuntu-security-notices, vex/. */
const document = {
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://github.com/canonical/ubuntu-security-notices/blob/main/vex/cve/2024/CVE-2024-0001.json",
  author: "Canonical Ltd.",
  timestamp: "2024-01-01T00:00:00Z",
  version: 1,
  statements: [
    statement(
      "fixed",
      purl("openssl", "3.0.2-0ubuntu1.15", "jammy"),
      purl("libssl3", "3.0.2-0ubuntu1.15", "jammy", "amd64"),
      purl("openssl", "1.0.2g-1ubuntu4.20%2Besm12", "esm-infra/xenial"),
      purl("openssl", "3.0.2-0ubuntu1.15%2BFips1", "fips-updates/jammy"),
      purl("openssl", "1", "nowhere"),
    ),
    statement("affected", purl("edk2", "2022.02-3ubuntu0.22.04.2", "jammy")),
    statement("under_investigation", purl("nodejs", "12.22.9~dfsg-1ubuntu3.4", "esm-apps/jammy")),
    statement("not_affected", purl("openssl1.0", "1.0.2n-1ubuntu5", "bionic")),
  ],
};

test("states fixes and flaws of source packages by release and archive", async () => {
  const [record] = await parse(document);

  expect(record).toMatchObject({
    kind: "advisory",
    partial: true,
    advisory: { id: "UBUNTU-CVE-2024-0001", source: "ubuntu-vex", upstream: ["CVE-2024-0001"], details: "A flaw" },
  });
  const stated = record?.kind === "advisory" ? record.advisory.affected : [];
  expect(
    stated.map(({ namespace, name, ranges: [range], status = "" }) =>
      [namespace, name, range?.end.kind === "fixed" ? range.end.version : "", status].join(" "),
    ),
  ).toEqual([
    "Ubuntu:22.04:LTS openssl 3.0.2-0ubuntu1.15 ",
    "Ubuntu:Pro:16.04:LTS openssl 1.0.2g-1ubuntu4.20+esm12 ",
    "Ubuntu:Pro:FIPS-updates:22.04:LTS openssl 3.0.2-0ubuntu1.15+Fips1 ",
    "Ubuntu:22.04:LTS edk2  affected",
    "Ubuntu:Pro:22.04:LTS nodejs  under_investigation",
  ]);
});

test("reads the texts of the format's first version", async () => {
  const old = {
    "@context": "https://openvex.dev/ns",
    statements: [
      { vulnerability: "CVE-2024-0001", products: ["pkg:deb/ubuntu/a@1?arch=source&distro=noble"], status: "fixed" },
    ],
  };

  expect(await parse(old)).toMatchObject([{ advisory: { affected: [{ namespace: "Ubuntu:24.04:LTS", name: "a" }] } }]);
});

test.each([
  ["{", ["diagnostic"]],
  ["{}", ["diagnostic"]],
  [JSON.stringify({ "@context": "https://openvex.dev/ns", statements: [{}] }), ["diagnostic"]],
  [JSON.stringify({ ...document, statements: [statement("not_affected", purl("a", "1", "noble"))] }), ["skipped"]],
])("of %.40s it says %j", async (text, kinds) => {
  expect((await parse(text)).map((record) => record.kind)).toEqual(kinds);
});
