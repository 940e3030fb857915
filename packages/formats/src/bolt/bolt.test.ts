import { readFileSync } from "node:fs";
import { boltFile, memoryBytes } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { fuzz } from "./bolt.fuzz.ts";
import { openBolt } from "./open-bolt.ts";
import type { BoltBucket } from "./open-bolt.ts";

const file = new Uint8Array(readFileSync(new URL("./fixtures/small.db", import.meta.url)));
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

async function open(bytes: Uint8Array = file): Promise<BoltBucket> {
  return openBolt(memoryBytes(bytes, 1_000));
}

async function keys(bucket: BoltBucket | undefined, prefix?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of bucket?.entries(prefix) ?? []) found.push(text(key) ?? "");
  return found;
}

describe("a file of the real engine", () => {
  test("lists its buckets in order", async () => {
    expect(await keys(await open())).toEqual(["deep", "empty", "large", "many", "packages"]);
  });

  test("finds every key of a bucket with branch pages, and no other", async () => {
    const many = await (await open()).bucket("many");

    for (let at = 0; at < 160; at++) {
      const key = `key-${String(at).padStart(4, "0")}`;
      expect(text(await many?.get(key))).toBe(`value ${at} ${"x".repeat(at % 40)}`);
    }
    expect(await Promise.all(["", "key", "key-0160", "key-00005", "zzz"].map((key) => many?.get(key)))).toEqual(
      Array(5).fill(undefined),
    );
  });

  test("is read without waiting where that is possible, also past its end", async () => {
    const readSync = (start: number, end: number): Uint8Array => file.subarray(start, end);
    const read = (): never => {
      throw new Error("nobody needs to wait");
    };
    const root = await openBolt({ size: file.length, read, readSync });
    const cut = openBolt({ size: 6_000, read, readSync: (start, end) => file.subarray(start, Math.min(end, 6_000)) });

    expect(text(await (await root.bucket("many"))?.get("key-0007"))).toBe(`value 7 ${"x".repeat(7)}`);
    await expect(cut.then((bucket) => keys(bucket))).rejects.toThrow(FormatError);
  });

  test.each([
    ["key-00", 100],
    ["key-01", 60],
    ["key-0159", 1],
    ["key-02", 0],
    ["", 160],
    ["a", 0],
    ["z", 0],
  ])("lists the keys that begin with %j", async (prefix, count) => {
    const many = await (await open()).bucket("many");
    const found = await keys(many, prefix);

    expect(found).toHaveLength(count);
    expect(found).toEqual([...found].sort());
    expect(found.every((key) => key.startsWith(prefix))).toBe(true);
  });

  test("reads buckets that lie inline, empty ones and deep ones", async () => {
    const root = await open();
    const packages = await root.bucket("packages");

    expect(await keys(packages)).toHaveLength(20);
    expect(text(await (await packages?.bucket("package-7"))?.get("CVE-2024-7"))).toBe('{"FixedVersion":"1.7"}');
    expect(await keys(await root.bucket("empty"))).toEqual([]);
    let deep = await root.bucket("deep");
    for (const name of ["a", "b", "c"]) deep = await deep?.bucket(name);
    expect(text(await deep?.get("d"))).toBe("bottom");
  });

  test("reads a value longer than a page", async () => {
    expect((await (await (await open()).bucket("large"))?.get("blob"))?.length).toBe(6_000);
  });

  test("tells a bucket from a value", async () => {
    const root = await open();

    expect(await root.get("many")).toBeUndefined();
    expect(await (await root.bucket("many"))?.bucket("key-0001")).toBeUndefined();
    expect(await root.bucket("none")).toBeUndefined();
  });

  test("is read as of the transaction before when the newest description is damaged", async () => {
    const newest = file.slice(0, 4_096)[16 + 48] === 2 ? 0 : 4_096;
    const damaged = file.slice();
    damaged[newest + 16 + 56] = (damaged[newest + 16 + 56] ?? 0) ^ 1;

    expect(await keys(await open(damaged))).toEqual([]);
  });
});

describe("bytes that are no database", () => {
  test.each([
    ["nothing", new Uint8Array(0)],
    ["zeros", new Uint8Array(40_000)],
    ["text", new TextEncoder().encode("hello ".repeat(3_000))],
    ["half a description", file.subarray(0, 60)],
  ])("%s is refused", async (_, bytes) => {
    await expect(open(bytes)).rejects.toBeInstanceOf(FormatError);
  });

  test("a cut file ends in an error, not in silence", async () => {
    const reading = async (): Promise<string[]> => keys(await (await open(file.subarray(0, 8_192))).bucket("many"));

    await expect(reading()).rejects.toBeInstanceOf(FormatError);
  });

  test("damage anywhere gives entries or a FormatError, and the walk ends", async () => {
    const change = fc.tuple(fc.integer({ min: 0, max: file.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 20 }), async (changes) => {
        const damaged = file.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        await fuzz(damaged);
      }),
      { numRuns: 100 },
    );
  });

  test("a page that names itself as its child ends in an error", async () => {
    const damaged = file.slice();
    const view = new DataView(damaged.buffer);
    for (let page = 2; page * 4_096 < damaged.length; page++) {
      const at = page * 4_096;
      if (view.getUint16(at + 8, true) === 1) {
        for (let entry = 0; entry < view.getUint16(at + 10, true); entry++) {
          view.setBigUint64(at + 16 + entry * 16 + 8, BigInt(page), true);
        }
      }
    }

    const many = await (await open(damaged)).bucket("many");
    await expect(many?.get("key-0001")).rejects.toThrow(/circle/);
    await expect(keys(many)).rejects.toThrow(/circle/);
  });
});

test("pages that overlap are read no more often than the file is long", async () => {
  // Each page claims all that follows it, so that a walk over n pages would read n times the file.
  const pages = 2_000;
  const bytes = new Uint8Array(file.length + pages * 4_096);
  bytes.set(file);
  const view = new DataView(bytes.buffer);
  const first = file.length / 4_096;
  for (let page = first; page < first + pages; page++) {
    view.setUint16(page * 4_096 + 8, 2, true);
    view.setUint32(page * 4_096 + 12, Math.min(4_000, first + pages - page - 1), true);
  }
  // The branch page of the bucket "many" names these instead of its own.
  for (let page = 2; page < first; page++) {
    const at = page * 4_096;
    if (view.getUint16(at + 8, true) !== 1) continue;
    for (let entry = 0; entry < view.getUint16(at + 10, true); entry++)
      view.setBigUint64(at + 16 + entry * 16 + 8, BigInt(first + entry), true);
  }
  let read = 0;
  const source = memoryBytes(bytes);
  const many = await (
    await openBolt({
      size: source.size,
      read(start, end) {
        read += end - start;
        return source.read(start, end);
      },
    })
  ).bucket("many");

  await expect(keys(many)).rejects.toThrow(/overlap/);
  expect(read).toBeLessThan(4 * bytes.length);
});

test("any buckets written by the real engine are read back", async () => {
  const names = fc.stringMatching(/^[a-zA-Z:/.@ -]{1,20}$/);
  const written = fc.sample(fc.dictionary(names, fc.dictionary(names, fc.string({ unit: "grapheme" }))), {
    numRuns: 5,
    seed: 7,
  });
  for (const content of written) {
    const bytes = boltFile(content);
    if (bytes === undefined) return;

    const root = await open(bytes);
    const read: Record<string, Record<string, string>> = {};
    for await (const { key, bucket } of root.entries()) {
      const values: Record<string, string> = {};
      for await (const entry of bucket?.entries() ?? []) values[text(entry.key) ?? ""] = text(entry.value) ?? "";
      read[text(key) ?? ""] = values;
    }

    expect(read).toEqual(content);
  }
});
