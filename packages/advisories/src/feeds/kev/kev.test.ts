import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes, sharedFile } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { kev } from "./index.ts";

async function parse(text: string): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(text);
  const records: FeedRecord[] = [];
  const document = { name: "kev.json", content: memoryBytes(bytes).read(0, bytes.length) };
  for await (const record of kev.parse(document)) records.push(record);
  return records;
}

test("an entry says when, until when, and whether ransomware uses it", async () => {
  const entry = {
    cveID: "CVE-2021-44228",
    vulnerabilityName: "Log4Shell",
    dateAdded: "2021-12-10",
    shortDescription: "Lookups.",
    dueDate: "2021-12-24",
    knownRansomwareCampaignUse: "Known",
  };

  expect(await parse(JSON.stringify({ vulnerabilities: [entry, { cveID: "CVE-1" }, null] }))).toMatchObject([
    {
      kind: "enrichment",
      cve: "CVE-2021-44228",
      enrichment: {
        knownExploited: { dateAdded: "2021-12-10", dueDate: "2021-12-24", ransomware: true },
        title: "Log4Shell",
        description: "Lookups.",
      },
    },
    { kind: "diagnostic", location: { path: "kev.json#1" } },
    { kind: "diagnostic", location: { path: "kev.json#2" } },
  ]);
});

test.each(["", "{", "[]", '{"vulnerabilities": 1}'])("%j is told to be no catalogue", async (text) => {
  expect(await parse(text)).toMatchObject([{ kind: "diagnostic", effect: "incomplete" }]);
});

const catalogue = sharedFile("data/kev/known_exploited_vulnerabilities.json");

test.skipIf(catalogue === undefined)("the real catalogue is read whole", async () => {
  const records = await parse(catalogue ?? "");

  expect(records.filter((record) => record.kind === "enrichment")).toHaveLength(1404);
});
