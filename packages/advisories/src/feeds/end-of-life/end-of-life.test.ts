import type { FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { endOfLife } from "./index.ts";

async function parse(name: string, document: unknown): Promise<FeedRecord[]> {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const records: FeedRecord[] = [];
  for await (const record of endOfLife.parse({ name, content: memoryBytes(bytes).read(0, bytes.length) }))
    records.push(record);
  return records;
}

const dates = (records: readonly FeedRecord[]): string[] =>
  records.map((record) => {
    if (record.kind !== "advisory") return record.kind === "skipped" ? record.reason : record.kind;
    const [entry] = record.advisory.affected;
    return `${entry?.namespace} ${entry?.name} ${entry?.versions?.join()} ${entry?.qualifiers?.["endOfLife"]}`;
  });

test("states the ends of releases by os-release id", async () => {
  const alpine = [
    { cycle: "3.20", releaseDate: "2024-05-22", eol: "2026-04-01", latest: "3.20.3" },
    { cycle: "3.99", eol: false },
    { cycle: "2.0", eol: true },
    {},
  ];

  expect(dates(await parse("endoflife/alpine-linux.json", alpine))).toEqual([
    "End of life alpine 3.20 2026-04-01",
    "no end is announced",
    "ended, no date is known",
    "diagnostic",
  ]);
});

test("counts Debian's long-term support, and nobody else's paid one", async () => {
  const cycle = { cycle: "12", eol: "2026-06-10", extendedSupport: "2028-06-30" };

  expect(dates(await parse("endoflife/debian.json", [cycle]))).toEqual(["End of life debian 12 2028-06-30"]);
  expect(dates(await parse("endoflife/ubuntu.json", [{ ...cycle, cycle: "22.04" }]))).toEqual([
    "End of life ubuntu 22.04 2026-06-10",
  ]);
});

test("reads the second version of the interface", async () => {
  const document = {
    schema_version: "1.2.0",
    result: { name: "rhel", releases: [{ name: "9", eolFrom: "2032-05-31" }] },
  };

  expect(dates(await parse("endoflife/rhel.json", document))).toEqual(["End of life rhel 9 2032-05-31"]);
});

test("leaves other products out", async () => {
  expect(dates(await parse("endoflife/python.json", []))).toEqual(["no distribution that images are made of"]);
  expect(dates(await parse("endoflife/debian.json", 1))).toEqual(["diagnostic"]);
});
