import { strToU8, zipSync } from "fflate";
import type { FeedDocument, FeedRecord } from "@plimsoll/model";
import { memoryBytes } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { osvFeed } from "./index.ts";
import { fuzz } from "./osv.fuzz.ts";

const feed = osvFeed();

async function parse(name: string, bytes: Uint8Array, random = false): Promise<FeedRecord[]> {
  const source = memoryBytes(bytes, 7);
  const content = source.read(0, source.size);
  const document: FeedDocument = random ? { name, content, bytes: source } : { name, content };
  const records: FeedRecord[] = [];
  for await (const record of feed.parse(document)) records.push(record);
  return records;
}

function record(id: string): string {
  return JSON.stringify({
    id,
    modified: "2024-01-01T00:00:00Z",
    affected: [{ package: { ecosystem: "npm", name: "x" }, versions: ["1.0.0"] }],
  });
}

test.each([
  ["npm/all.zip", true],
  ["osv/Red Hat/all.zip", true],
  ["all.zip", true],
  ["npm/GHSA-aaaa-bbbb-cccc.json", true],
  ["x_RUBYSEC-a-b.json", true],
  ["SUSE/openSUSE-SU-2024:1-1.json", true],
  ["npm/modified_id.csv", false],
  ["package-lock.json", false],
  ["known_exploited_vulnerabilities.json", false],
  ["alpine-3.9.0.expected.json", false],
  ["ball.zip", false],
])("%s is its own: %s", (name, expected) => {
  expect(feed.accepts(name)).toBe(expected);
});

describe.each([
  ["at random", true],
  ["as a stream", false],
])("an archive read %s", (_, random) => {
  test("gives every record, and damage of one does not touch the others", async () => {
    const zip = zipSync({
      "A-1.json": strToU8(record("A-1")),
      "A-2.json": strToU8("{"),
      "README.md": strToU8("no record"),
      "A-3.json": strToU8(record("A-3")),
    });

    const records = await parse("npm/all.zip", zip, random);

    expect(records).toMatchObject([
      { kind: "advisory", advisory: { id: "A-1", source: "osv/npm" } },
      {
        kind: "diagnostic",
        code: "malformed-advisory",
        effect: "incomplete",
        location: { path: "npm/all.zip!/A-2.json" },
      },
      { kind: "skipped", id: "npm/all.zip!/A-2.json", reason: "unreadable", source: "osv/npm" },
      { kind: "advisory", advisory: { id: "A-3" } },
    ]);
  });

  test("that is none is told", async () => {
    expect(await parse("npm/all.zip", strToU8("no zip"), random)).toMatchObject([
      { kind: "diagnostic", code: "malformed-advisory", effect: "incomplete", location: { path: "npm/all.zip" } },
    ]);
  });
});

test("a single record is read by itself", async () => {
  expect(await parse("npm/A-1.json", strToU8(record("A-1")))).toMatchObject([{ kind: "advisory" }]);
});

test("aborting ends with the signal's reason", async () => {
  const reason = new Error("enough");
  const zip = zipSync({ "A-1.json": strToU8(record("A-1")) });
  const document = { name: "npm/all.zip", content: memoryBytes(zip).read(0, zip.length), bytes: memoryBytes(zip) };

  const reading = (async () => {
    for await (const _ of feed.parse(document, { signal: AbortSignal.abort(reason) }));
  })();

  await expect(reading).rejects.toBe(reason);
});

test("damage anywhere gives records and diagnostics, never a throw", async () => {
  const seeds = [
    strToU8(record("A-1")),
    zipSync({ "A-1.json": strToU8(record("A-1")), "A-2.json": strToU8(record("A-2")) }),
  ];
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), fc.array(change, { maxLength: 5 }), async (seed, changes) => {
      const damaged = seed.slice();
      for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
      await fuzz(damaged);
    }),
    { numRuns: 200 },
  );
});
