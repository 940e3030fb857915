import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { errata } from "./index.ts";

async function parse(name: string, document: unknown): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const records: FeedRecord[] = [];
  for await (const record of errata.parse({ name, content: memoryBytes(bytes).read(0, bytes.length) }))
    records.push(record);
  return records;
}

const pkg = (name: string, arch: string, epoch = "0"): object => ({
  name,
  version: "1.2",
  release: "3.el8",
  epoch,
  arch,
});

test("AlmaLinux names the module of a collection, and its times in milliseconds", async () => {
  const erratum = {
    updateinfo_id: "ALSA-2021:3076",
    issued_date: { $date: 1628596858000 },
    pkglist: {
      packages: [pkg("golang", "x86_64"), pkg("golang", "aarch64")],
      module: { name: "go-toolset", stream: "rhel8" },
    },
    references: [{ id: "CVE-2021-27918", href: "https://a.example" }, { id: "ALSA-2021:3076" }],
    severity: "Moderate",
    title: "go-toolset",
  };

  expect(await parse("alma/8/2021/ALSA-2021-3076.json", erratum)).toEqual([
    {
      kind: "advisory",
      partial: true,
      advisory: {
        id: "ALSA-2021:3076",
        source: "errata/AlmaLinux:8",
        aliases: [],
        upstream: ["CVE-2021-27918"],
        published: "2021-08-10T12:00:58.000Z",
        summary: "go-toolset",
        severities: [{ system: "rating", value: "Moderate", source: "alma" }],
        references: ["https://a.example"],
        affected: [
          {
            advisory: "ALSA-2021:3076",
            namespace: "AlmaLinux:8",
            name: "golang",
            ranges: [{ introduced: "0", end: { kind: "fixed", version: "1.2-3.el8" } }],
            qualifiers: { modules: ["go-toolset:rhel8"], arch: ["aarch64", "x86_64"] },
          },
        ],
      },
    },
  ]);
});

test("Rocky Linux has collections, and minor releases in its folders", async () => {
  const erratum = {
    id: "RLSA-2021:1989",
    cveids: ["CVE-2021-25215"],
    collections: [{ packages: [pkg("bind", "x86_64", "32")] }],
  };

  expect(await parse("rocky/8.5/BaseOS/x86_64/2021/RLSA-2021-1989.json", erratum)).toMatchObject([
    {
      advisory: {
        affected: [{ namespace: "Rocky Linux:8", name: "bind", ranges: [{ end: { version: "32:1.2-3.el8" } }] }],
      },
    },
  ]);
});

test("Bottlerocket has no releases", async () => {
  const erratum = { id: "BRSA-1", packages: [pkg("glibc", "x86_64"), pkg("glibc", "src")] };

  expect(await parse("bottlerocket/BRSA-1.json", erratum)).toMatchObject([
    {
      advisory: {
        id: "BRSA-1",
        upstream: [],
        affected: [{ namespace: "Bottlerocket", name: "glibc", qualifiers: { arch: ["x86_64"] } }],
      },
    },
  ]);
});

test.each([
  [[], ["diagnostic"]],
  [{ id: "A" }, ["skipped"]],
  [{ id: "A", packages: [{ name: 1 }], collections: {} }, ["diagnostic", "diagnostic", "skipped"]],
])("of %j it says %j", async (document, kinds) => {
  expect((await parse("bottlerocket/BRSA-1.json", document)).map((record) => record.kind)).toEqual(kinds);
});
