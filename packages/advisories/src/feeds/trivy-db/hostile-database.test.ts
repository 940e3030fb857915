import type { FeedRecord } from "@plimsoll/model";
import { growthProblem, memoryBytes, oddBolt } from "@plimsoll/testkit";
import type { OddBuckets } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { openTrivyStore } from "../../store/trivy-store.ts";
import { trivyDb } from "./index.ts";

/** A file whose numbers are all right. */
const fileOf = (content: OddBuckets): Uint8Array => oddBolt(() => 0, content);
const times = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const buckets = (count: number, make: (at: number) => OddBuckets[string]): OddBuckets =>
  Object.fromEntries(times(count, (at) => [`CVE-2024-${at}`, make(at)] as const));

async function records(file: Uint8Array): Promise<readonly FeedRecord[]> {
  const said: FeedRecord[] = [];
  const content = memoryBytes(file).read(0, file.length);
  for await (const record of trivyDb.parse({ name: "trivy.db", content })) said.push(record);
  return said;
}

const alpine = { namespace: "Alpine:v3.20", name: "linux", version: "1" };

test("a package of which more is stated than a call has arguments is looked up", async () => {
  const value = JSON.stringify({ Entries: times(150_000, () => ({ FixedVersion: "2" })) });
  const store = await openTrivyStore(memoryBytes(fileOf({ "alpine 3.20": { linux: { "CVE-2024-0001": value } } })));

  const [found] = await store.find([alpine]);

  expect(found).toHaveLength(150_000);
});

test("products times vulnerabilities are not multiplied out without end, and told", async () => {
  const products = times(1_100, (at) => at);
  const cpe = Object.fromEntries(products.map((at) => [String(at), JSON.stringify(`cpe:/o:redhat:p:${at}`)]));
  const entry = { FixedVersion: "1", Affected: products, Cves: times(1_000, (at) => ({ ID: `CVE-2024-${at}` })) };
  const stated = { "CVE-2024-0001": JSON.stringify({ Entries: [entry] }) };
  const file = fileOf({ "Red Hat CPE": { cpe }, "Red Hat": { linux: stated } });
  const store = await openTrivyStore(memoryBytes(file));

  await expect(store.find([{ namespace: "Red Hat:p:1", name: "linux", version: "1" }])).rejects.toMatchObject({
    failure: { kind: "store-unreadable", reason: expect.stringContaining("than of any package") as unknown },
  });
  expect(await records(file)).toMatchObject([{ kind: "diagnostic" }]);
});

test("a product that is named often counts once", async () => {
  const entry = { FixedVersion: "1", Affected: times(50, () => 1), Cves: [{ ID: "CVE-2024-0001" }] };
  const cpe = { "1": JSON.stringify("cpe:/o:redhat:p:1") };
  const stated = { "CVE-2024-0001": JSON.stringify({ Entries: [entry] }) };
  const store = await openTrivyStore(memoryBytes(fileOf({ "Red Hat CPE": { cpe }, "Red Hat": { linux: stated } })));

  expect((await store.find([{ namespace: "Red Hat:p:1", name: "linux", version: "1" }]))[0]).toHaveLength(1);
});

test("buckets that share their pages are read no more often than the file is long", async () => {
  // Any number of packages, each of which is the same bucket.
  const many = buckets(200, () => '{"FixedVersion":"2"}');
  const file = fileOf({ "alpine 3.20": buckets(200, (at) => (at === 0 ? many : {})) });
  const view = new DataView(file.buffer);
  const headers: number[] = [];
  for (let at = 4 * 1024; at < file.length; at += 1024) {
    if (view.getUint16(at + 10, true) !== 200 || view.getUint32(at + 16, true) !== 1) continue;
    for (let entry = at + 16; headers.length < 200; entry += 16)
      headers.push(entry + view.getUint32(entry + 4, true) + view.getUint32(entry + 8, true));
  }
  const [first = 0] = headers;
  for (const at of headers) view.setBigUint64(at, view.getBigUint64(first, true), true);

  const said = await records(file);

  expect(headers).toHaveLength(200);
  expect(said.filter(({ kind }) => kind === "advisory").length).toBeLessThan(40 * 200);
  expect(said.at(-1)).toMatchObject({
    kind: "diagnostic",
    message: expect.stringContaining("overlap") as unknown,
  });
});

test("entries that share their bytes are refused", async () => {
  const file = fileOf({
    "alpine 3.20": { linux: buckets(200, () => `{"FixedVersion":"2","x":"${"x".repeat(400)}"}`) },
  });
  const view = new DataView(file.buffer);
  for (let at = 4 * 1024; at < file.length; at += 1024) {
    if (view.getUint16(at + 8, true) !== 2 || view.getUint16(at + 10, true) !== 200) continue;
    // Each value reaches to the end of the page.
    const end = at + (view.getUint32(at + 12, true) + 1) * 1024;
    for (let entry = at + 16; entry < at + 16 + 200 * 16; entry += 16)
      view.setUint32(entry + 12, end - entry - view.getUint32(entry + 4, true) - view.getUint32(entry + 8, true), true);
  }
  const store = await openTrivyStore(memoryBytes(file));

  await expect(store.find([alpine])).rejects.toMatchObject({ failure: { kind: "store-unreadable" } });
});

test("vulnerabilities of one package: twice as many are about twice the work", async () => {
  const files = new Map(
    [1, 2, 4].map((count) => [
      count,
      fileOf({ "alpine 3.20": { linux: buckets(300 * count, () => '{"FixedVersion":"2"}') } }),
    ]),
  );

  expect(await growthProblem((count) => records(files.get(count) ?? new Uint8Array(0)))).toBeUndefined();
});
