import type { AdvisoryStore, FeedRecord } from "@plimsoll/model";
import { growthProblem, memoryBytes, oddBolt } from "@plimsoll/testkit";
import type { OddBuckets } from "@plimsoll/testkit";
import { describe, expect, test, vi } from "vitest";
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
    failure: {
      kind: "store-unreadable",
      reason: expect.stringContaining("than there are about any real package") as unknown,
    },
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

  await expect(store.find([alpine])).rejects.toMatchObject({
    failure: { kind: "store-unreadable", reason: expect.stringContaining("overlap") as unknown },
  });
});

describe("records of vulnerabilities that share their bytes", () => {
  const count = 200;
  const ids = times(count, (at) => `CVE-2024-${1000 + at}`);
  const entries = (value: string): OddBuckets => Object.fromEntries(ids.map((id) => [id, value]));
  const sized = 1024;

  /** Each record is a page of its own, which reaches to the end of the file, over all that follow. */
  function overlappingPages(): Uint8Array {
    const small = fileOf({
      "alpine 3.20": { linux: entries('{"FixedVersion":"2"}') },
      vulnerability: { "CVE-1": "{}" },
    });
    const branch = small.length / sized;
    const branchPages = 16;
    const file = new Uint8Array(small.length + (branchPages + count) * sized);
    file.set(small);
    const view = new DataView(file.buffer);
    view.setUint16(branch * sized + 8, 1, true);
    view.setUint16(branch * sized + 10, count, true);
    view.setUint32(branch * sized + 12, branchPages - 1, true);
    for (const [at, id] of ids.entries()) {
      const key = new TextEncoder().encode(id);
      const element = branch * sized + 16 + at * 16;
      const keyAt = branch * sized + 16 + count * 16 + at * key.length;
      file.set(key, keyAt);
      view.setUint32(element, keyAt - element, true);
      view.setUint32(element + 4, key.length, true);
      const page = branch + branchPages + at;
      view.setBigUint64(element + 8, BigInt(page), true);
      const leaf = page * sized;
      view.setUint16(leaf + 8, 2, true);
      view.setUint16(leaf + 10, 1, true);
      view.setUint32(leaf + 12, count - at - 1, true);
      view.setUint32(leaf + 20, 16, true);
      view.setUint32(leaf + 24, key.length, true);
      view.setUint32(leaf + 28, file.length - leaf - 32 - key.length, true);
      file.set(key, leaf + 32);
    }
    // The bucket's header names the branch page instead of its own.
    const name = new TextEncoder().encode("vulnerability");
    const at = Buffer.from(file.buffer).indexOf(name) + name.length;
    view.setBigUint64(at, BigInt(branch), true);
    return file;
  }

  /** The same page for all records, each of which reaches to its end. */
  function overlappingEntries(): Uint8Array {
    const file = fileOf({
      "alpine 3.20": { linux: entries('{"FixedVersion":"2"}') },
      vulnerability: entries(`{"x":"${"x".repeat(400)}"}`),
    });
    const view = new DataView(file.buffer);
    for (let at = 4 * sized; at < file.length; at += sized) {
      const pages = view.getUint32(at + 12, true) + 1;
      if (view.getUint16(at + 8, true) !== 2 || view.getUint16(at + 10, true) !== count || pages < 50) continue;
      for (let entry = at + 16; entry < at + 16 + count * 16; entry += 16) {
        const start = entry + view.getUint32(entry + 4, true) + view.getUint32(entry + 8, true);
        view.setUint32(entry + 12, at + pages * sized - start, true);
      }
    }
    return file;
  }

  test.each([
    ["in pages that overlap", overlappingPages],
    ["in one page", overlappingEntries],
  ])("%s are not read each, be it for their ratings, their texts or a copy", async (_, make) => {
    const file = make();
    for (const use of [
      (store: AdvisoryStore) => store.find([alpine]),
      (store: AdvisoryStore) => store.read(ids),
      (store: AdvisoryStore) => store.enrich(ids),
    ]) {
      let read = 0;
      const source = memoryBytes(file);
      const store = await openTrivyStore({
        size: source.size,
        read(start, end) {
          read += end - start;
          return source.read(start, end);
        },
      });

      await expect(use(store)).rejects.toMatchObject({
        failure: { kind: "store-unreadable", reason: expect.stringContaining("overlap") as unknown },
      });
      expect(read).toBeLessThan(12 * file.length);
    }

    expect((await records(file)).at(-1)).toMatchObject({
      kind: "diagnostic",
      message: expect.stringContaining("overlap") as unknown,
    });
  });
});

test("a record that many packages share is read once for its rating", async () => {
  const packages = Object.fromEntries(times(300, (at) => [`p${at}`, { "CVE-2024-1": '{"FixedVersion":"2"}' }]));
  const record = JSON.stringify({ VendorSeverity: { "alpine 3.20": 3 }, Description: "x".repeat(50_000) });
  const file = fileOf({ "alpine 3.20": packages, vulnerability: { "CVE-2024-1": record } });
  const store = await openTrivyStore(memoryBytes(file));

  const decode = vi.spyOn(TextDecoder.prototype, "decode");
  const found = await store.find(times(300, (at) => ({ ...alpine, name: `p${at}` })));
  const decoded = decode.mock.calls.reduce((sum, [bytes]) => sum + (bytes?.byteLength ?? 0), 0);
  decode.mockRestore();

  expect(found.every(([stated]) => stated?.severities?.[0]?.value === "HIGH")).toBe(true);
  expect(decoded).toBeLessThan(2 * record.length);
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
