import { gzipSync } from "node:zlib";
import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { updateinfo } from "./index.ts";

async function parse(text: string | Uint8Array, name = "oracle/9/updateinfo.xml", chunk = 7): Promise<FeedRecord[]> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const records: FeedRecord[] = [];
  for await (const record of updateinfo.parse({ name, content: memoryBytes(bytes, chunk).read(0, bytes.length) })) {
    records.push(record);
  }
  return records;
}

const update = `<update from="linux-security@a.example" status="final" type="security" version="2.0">
    <id>ELSA-2024-0001</id>
    <title>bash security update</title>
    <severity>IMPORTANT</severity>
    <description>One &amp; two</description>
    <issued date="2024-01-31 00:18:01"/>
    <references>
      <reference href="https://a.example/CVE-2024-0001" id="CVE-2024-0001" type="cve"/>
      <reference href="https://a.example/ELSA" id="ELSA-2024-0001" type="self"/>
    </references>
    <pkglist><collection short="ol9"><name>x</name>
      <module name="nodejs" stream="18" version="1" context="c" arch="x86_64"/>
      <package name="bash" version="5.1" release="9.el9" epoch="0" arch="x86_64"><filename>b.rpm</filename></package>
      <package name="bash" version="5.1" release="9.el9" epoch="0" arch="aarch64"/>
      <package name="bash" version="5.1" release="9.el9" epoch="0" arch="src"/>
      <package name="bash-doc" version="5.1" release="9.el9" epoch="2" arch="noarch"/>
    </collection></pkglist>
  </update>`;
const document = `<?xml version="1.0"?><updates>${update}<update type="bugfix"><id>ELBA-2024-0002</id></update></updates>`;

const expected = [
  {
    kind: "advisory",
    partial: true,
    advisory: {
      id: "ELSA-2024-0001",
      source: "updateinfo/Oracle Linux:9",
      aliases: [],
      upstream: ["CVE-2024-0001"],
      published: "2024-01-31T00:18:01Z",
      summary: "bash security update",
      details: "One & two",
      severities: [{ system: "rating", value: "IMPORTANT", source: "oracle" }],
      references: ["https://a.example/CVE-2024-0001", "https://a.example/ELSA"],
      affected: [
        {
          advisory: "ELSA-2024-0001",
          namespace: "Oracle Linux:9",
          name: "bash",
          ranges: [{ introduced: "0", end: { kind: "fixed", version: "5.1-9.el9" } }],
          qualifiers: { modules: ["nodejs:18"], arch: ["aarch64", "x86_64"] },
        },
        {
          advisory: "ELSA-2024-0001",
          namespace: "Oracle Linux:9",
          name: "bash-doc",
          ranges: [{ introduced: "0", end: { kind: "fixed", version: "2:5.1-9.el9" } }],
          qualifiers: { modules: ["nodejs:18"], arch: ["noarch"] },
        },
      ],
    },
  },
  { kind: "skipped", id: "ELBA-2024-0002", reason: "no security update", source: "updateinfo/Oracle Linux:9" },
];

test.each([1, 7, 100, 100_000])("is read in pieces of %d bytes", async (chunk) => {
  expect(await parse(document, "oracle/9/updateinfo.xml", chunk)).toEqual(expected);
});

test("is read compressed", async () => {
  expect(await parse(gzipSync(document), "oracle/9/baseos-updateinfo.xml.gz")).toEqual(expected);
});

test.each([
  ["amazon/2023/updateinfo.xml.gz", true],
  ["feeds/oracle/8/repodata/0123-updateinfo.xml.gz", true],
  ["updateinfo.xml", false],
  ["fedora/40/updateinfo.xml", true],
  ["mandriva/40/updateinfo.xml", false],
  ["amazon/2023/primary.xml.gz", false],
])("%s is its own: %s", (name, own) => {
  expect(updateinfo.accepts(name)).toBe(own);
});

describe("damage is told", () => {
  test("a broken update does not take the others with it", async () => {
    const records = await parse(`<updates><update type="security"><a b></update>${update}</updates>`);

    expect(records).toMatchObject([
      { kind: "diagnostic", effect: "incomplete" },
      { kind: "skipped", reason: "unreadable" },
      { kind: "advisory", advisory: { id: "ELSA-2024-0001" } },
    ]);
  });

  test.each(["", "hello", "<updates></updates>", document.slice(0, 600)])("%j", async (text) => {
    expect((await parse(text)).at(-1)).toMatchObject({ kind: "diagnostic", effect: "incomplete" });
  });

  test("any text ends without a throw", async () => {
    const piece = fc.constantFrom(
      "<update>",
      "<update ",
      "</update>",
      "<updates>",
      "<id>",
      "x",
      ">",
      '"',
      "&",
      "<![CDATA[",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
        await parse(pieces.join(""));
      }),
      { numRuns: 200 },
    );
  });
});
