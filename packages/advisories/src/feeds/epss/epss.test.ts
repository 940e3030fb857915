import { gzipSync } from "node:zlib";
import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes, sharedFile } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { epss } from "./index.ts";

async function parse(text: string | Uint8Array): Promise<FeedRecord[]> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const records: FeedRecord[] = [];
  const document = { name: "epss.csv", content: memoryBytes(bytes, 5).read(0, bytes.length) };
  for await (const record of epss.parse(document)) records.push(record);
  return records;
}

const heading = "#model_version:v2023.03.01,score_date:2024-10-25T00:00:00+0000\ncve,epss,percentile\n";

test("a line is a score of the file's date", async () => {
  expect(await parse(`${heading}CVE-1999-0005,0.91963,0.99030\r\nCVE-1999-0006,1e-05,0`)).toEqual([
    {
      kind: "enrichment",
      cve: "CVE-1999-0005",
      enrichment: { epss: { probability: 0.91963, percentile: 0.9903, date: "2024-10-25" } },
    },
    {
      kind: "enrichment",
      cve: "CVE-1999-0006",
      enrichment: { epss: { probability: 0.00001, percentile: 0, date: "2024-10-25" } },
    },
  ]);
});

test("a gzipped file is read like a plain one", async () => {
  const text = `${heading}CVE-1999-0005,0.91963,0.99030\n`;

  expect(await parse(gzipSync(text))).toEqual(await parse(text));
});

test.each(["CVE-1999-0005", "CVE-1999-0005,2,0.5", "CVE-1999-0005,0.5,-1", "nothing,0.5,0.5", "CVE-1999-0005,..,0.5"])(
  "%j is told to be no score",
  async (line) => {
    expect(await parse(`${heading}${line}\nCVE-1999-0006,0.5,0.5\n`)).toMatchObject([
      { kind: "diagnostic", location: { path: "epss.csv#3" } },
      { kind: "enrichment" },
    ]);
  },
);

test("scores without a date are refused", async () => {
  expect(await parse("CVE-1999-0005,0.5,0.5\n")).toMatchObject([{ kind: "diagnostic" }]);
});

test("a file without line ends is not collected", async () => {
  expect(await parse("x".repeat(100_000))).toMatchObject([{ kind: "diagnostic", effect: "incomplete" }]);
});

test.each([
  ["epss-2024-10-25.sample.csv", 29],
  ["epss-2025-02-20.sample.csv", 5],
])("%s of the shared data is read whole", async (file, scores) => {
  const text = sharedFile(`data/epss/${file}`);
  if (text === undefined) return;

  const records = await parse(text);

  expect(records.filter((record) => record.kind === "enrichment")).toHaveLength(scores);
});
