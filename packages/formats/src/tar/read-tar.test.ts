import { paxRecords, rawTarMember, tarOf } from "@plimsoll/testkit";
import fc from "fast-check";
import { extract, pack } from "tar-stream";
import { describe, expect, test, vi } from "vitest";
import { FormatError } from "../format-error.ts";
import { readTar } from "./read-tar.ts";
import type { TarOddity } from "./read-tar.ts";

const encoder = new TextEncoder();

const end = new Uint8Array(1024);

function bytes(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function pax(records: Readonly<Record<string, string>>, flag = "x"): Uint8Array {
  return rawTarMember({ name: "PaxHeader", flag, data: paxRecords(Object.entries(records)) });
}

interface Seen {
  readonly type: string;
  readonly name: string;
  readonly link: string;
  readonly size: number;
  readonly text: string;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

async function* chunked(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function read(archive: Uint8Array, chunk = 65_536): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const entry of readTar(chunked(archive, chunk))) {
    const { type, name, link, size, uid, gid } = entry;
    const parts: Uint8Array[] = [];
    for await (const part of entry.content()) parts.push(part.slice());
    seen.push({ type, name, link, size, text: Buffer.concat(parts).toString("latin1"), uid, gid });
  }
  return seen;
}

async function readOne(...parts: readonly Uint8Array[]): Promise<Seen> {
  const [only, ...more] = await read(bytes(...parts, end));
  expect(more).toEqual([]);
  if (only === undefined) throw new Error("no entry");
  return only;
}

const failing = (problem: string): unknown => expect.objectContaining({ name: "FormatError", problem });

function owned(uid: string | Uint8Array, gid: string | Uint8Array): Uint8Array {
  const put = (header: Uint8Array, at: number, value: string | Uint8Array): void =>
    header.set(typeof value === "string" ? encoder.encode(value) : value, at);
  return rawTarMember({
    patch: (header) => {
      put(header, 108, uid);
      put(header, 116, gid);
    },
  });
}

describe("a tar archive", () => {
  test.each<[string, readonly Uint8Array[], number | undefined, number | undefined]>([
    ["octal digits", [owned("0001750\0", "0000764\0")], 1000, 500],
    ["GNU's base-256", [owned(new Uint8Array([0x80, 0, 0, 0, 0, 76, 75, 64]), "0\0")], 5_000_000, 0],
    ["pax records, which hold over the header", [pax({ uid: "5000000", gid: "7" }), owned("1\0", "1\0")], 5_000_000, 7],
    ["nothing that is a number", [owned("nobody\0", new Uint8Array(8).fill(0xff))], undefined, undefined],
  ])("owners are told by %s", async (_, members, uid, gid) => {
    expect(await readOne(...members)).toMatchObject({ uid, gid });
  });

  test("gives files, directories and links in order", async () => {
    const archive = await tarOf({ "etc/": "", "etc/a": "one", b: { symlink: "etc/a" }, c: { hardlink: "b" } });

    const root = { uid: 0, gid: 0 };
    expect(await read(archive)).toEqual([
      { type: "directory", name: "etc/", link: "", size: 0, text: "", ...root },
      { type: "file", name: "etc/a", link: "", size: 3, text: "one", ...root },
      { type: "symlink", name: "b", link: "etc/a", size: 0, text: "", ...root },
      { type: "hardlink", name: "c", link: "b", size: 0, text: "", ...root },
    ]);
  });

  test("takes long names and targets from GNU headers", async () => {
    const name = "long/".repeat(60);

    expect(
      await readOne(
        rawTarMember({ name: "././@LongLink", flag: "L", data: `${name}n\0` }),
        rawTarMember({ name: "././@LongLink", flag: "K", data: `${name}t\0` }),
        rawTarMember({ name: "cut", flag: "2", link: "cut" }),
      ),
    ).toMatchObject({ name: `${name}n`, link: `${name}t` });
  });

  test("joins the ustar prefix, and only in ustar", async () => {
    expect(await readOne(rawTarMember({ name: "b", prefix: "usr/a" }))).toMatchObject({ name: "usr/a/b" });
    expect(await readOne(rawTarMember({ name: "b", prefix: "12345", magic: "ustar  \0" }))).toMatchObject({
      name: "b",
    });
  });

  test("lets pax records overrule the header, and GNU's long names them", async () => {
    const archive = bytes(
      pax({ path: "wägner/ü", size: "3" }),
      rawTarMember({ data: "abc", size: "00000000000\0" }),
      rawTarMember({ flag: "L", data: "long\0" }),
      pax({ path: "short" }),
      rawTarMember({ name: "ignored" }),
      end,
    );

    expect(await read(archive)).toMatchObject([{ name: "wägner/ü", size: 3, text: "abc" }, { name: "long" }]);
  });

  test("passes over global headers, as container engines do, and tells them", async () => {
    const told: TarOddity[] = [];
    const archive = bytes(
      pax({ comment: "0123456789abcdef" }, "g"),
      pax({ path: "global", size: "0" }, "g"),
      rawTarMember({ name: "own", data: "abc" }),
      pax({ path: "announced" }),
      pax({ linkpath: "global" }, "g"),
      rawTarMember({ name: "forgotten", data: "d" }),
      pax({ path: "solaris" }, "X"),
      rawTarMember({ name: "kept", data: "e" }),
      end,
    );

    const names: string[] = [];
    for await (const { name } of readTar(chunked(archive, 512), { onOddity: (oddity) => told.push(oddity) }))
      names.push(name);

    expect(names).toEqual(["own", "forgotten", "PaxHeader", "kept"]);
    expect(told).toMatchObject([
      { kind: "global-header", keywords: ["path", "size"], offset: 1024 },
      { kind: "global-header", keywords: ["linkpath"] },
      { kind: "unknown-type", flag: "X" },
    ]);
  });

  test("costs as much for global headers and sparse maps as they are long", async () => {
    const set = vi.spyOn(Map.prototype, "set");
    try {
      const work = async (headers: number): Promise<number> => {
        const parts = Array.from({ length: headers }, (_, header) =>
          pax(Object.fromEntries(Array.from({ length: 500 }, (__, at) => [`k${header}_${at}`, "v"])), "g"),
        );
        set.mockClear();
        await read(bytes(...parts, rawTarMember({}), end));
        return set.mock.calls.length;
      };
      const once = await work(5);

      expect(once).toBeGreaterThanOrEqual(2_500);
      expect(await work(20)).toBeLessThanOrEqual(4 * once);
    } finally {
      set.mockRestore();
    }
  });

  test("takes a name for a directory by its slash only in archives from before ustar", async () => {
    expect(await readOne(rawTarMember({ name: "status/", data: "abc" }))).toMatchObject({ type: "file", text: "abc" });
    const archive = bytes(
      rawTarMember({ name: "d/", flag: "\0", size: "00000001000\0" }),
      rawTarMember({ name: "next" }),
    );
    expect(await read(archive)).toMatchObject([{ type: "directory" }, { name: "next" }]);
  });

  test("reads base-256 sizes", async () => {
    const size = new Uint8Array(12);
    size[0] = 0x80;
    size[11] = 5;

    expect(await readOne(rawTarMember({ size, data: "hello" }))).toMatchObject({ size: 5, text: "hello" });
  });

  test("keeps names that are not UTF-8 apart, segment by segment", async () => {
    const latin = (...codes: number[]): Uint8Array => Uint8Array.from(codes);

    const seen = await read(
      bytes(
        rawTarMember({ name: bytes(encoder.encode("ü/"), latin(0xe9)) }),
        rawTarMember({ name: bytes(encoder.encode("ü/"), latin(0xe8)) }),
        rawTarMember({ name: "ü/é" }),
        end,
      ),
    );

    expect(seen.map((entry) => entry.name)).toEqual(["ü/\udce9", "ü/\udce8", "ü/é"]);
  });

  test.each([
    ["hard links", "1"],
    ["symbolic links", "2"],
    ["character devices", "3"],
    ["block devices", "4"],
    ["directories", "5"],
    ["pipes", "6"],
  ])("gives %s no content, whatever their size field says", async (_, flag) => {
    const archive = bytes(
      rawTarMember({ name: "hollow", flag, link: "x", size: "00000001000\0" }),
      rawTarMember({ name: "after", data: "here" }),
      end,
    );

    expect(await read(archive)).toMatchObject([{ size: 0 }, { name: "after", text: "here" }]);
  });

  test.each([
    ["old directories by their trailing slash", { name: "d/", flag: "\0" }, "directory"],
    ["v7 files", { flag: "\0", magic: "" }, "file"],
    ["contiguous files", { flag: "7" }, "file"],
    ["character devices", { flag: "3" }, "other"],
    ["pipes", { flag: "6" }, "other"],
    ["volume labels", { flag: "V" }, "other"],
  ] as const)("knows %s", async (_, raw, type) => {
    expect(await readOne(rawTarMember(raw))).toMatchObject({ type });
  });

  test("ends without end blocks where the input ends", async () => {
    expect(await read(rawTarMember({ data: "x" }))).toHaveLength(1);
    expect(await read(new Uint8Array())).toEqual([]);
  });

  test("reads nothing behind two zero blocks", async () => {
    expect(await read(bytes(rawTarMember({}), end, rawTarMember({ name: "hidden" })))).toHaveLength(1);
  });

  test("skips content that nobody reads", async () => {
    const archive = await tarOf({ a: "x".repeat(100_000), b: "y" });
    const names: string[] = [];

    for await (const entry of readTar(chunked(archive, 1000))) names.push(entry.name);

    expect(names).toEqual(["a", "b"]);
  });

  test("does not read skipped content of seekable input", async () => {
    const archive = await tarOf({ big: new Uint8Array(64 * 1024 * 1024), small: "y" });
    let wanted = 0;
    const seekable = {
      size: archive.length,
      async *read(start: number, stop: number) {
        wanted += stop - start;
        yield archive.subarray(start, stop);
      },
    };
    const texts: string[] = [];

    for await (const entry of readTar(seekable)) {
      if (entry.name === "small") for await (const part of entry.content()) texts.push(Buffer.from(part).toString());
    }

    expect(texts).toEqual(["y"]);
    expect(wanted).toBeLessThan(1024 * 1024);
  });

  test("gives no more content once the next entry was asked for", async () => {
    const archive = await tarOf({ a: "first", b: "second" });
    const contents: AsyncIterable<Uint8Array>[] = [];
    for await (const entry of readTar(chunked(archive, 4096))) contents.push(entry.content());
    const parts: Uint8Array[] = [];

    for (const content of contents) for await (const part of content) parts.push(part);

    expect(parts).toEqual([]);
  });
});

describe("a sparse file", () => {
  const stored = `${"A".repeat(4)}${"B".repeat(3)}`;
  const expanded = `\0\0AAAA\0\0\0BBB\0\0`;

  test("in the old GNU format is expanded", async () => {
    const octal = (value: number): string => `${value.toString(8).padStart(11, "0")}\0`;
    const patch = (header: Uint8Array): void => {
      const fields = [2, 4, 9, 3].map(octal).join("");
      header.set(encoder.encode(fields), 386);
      header.set(encoder.encode(octal(14)), 483);
    };

    expect(await readOne(rawTarMember({ flag: "S", magic: "ustar  \0", data: stored, patch }))).toMatchObject({
      size: 14,
      text: expanded,
    });
  });

  test.each([
    ["0.0", { "GNU.sparse.size": "14", "GNU.sparse.numblocks": "2" }, true],
    [
      "0.1",
      { "GNU.sparse.size": "14", "GNU.sparse.numblocks": "2", "GNU.sparse.map": "2,4,9,3", "GNU.sparse.name": "real" },
      false,
    ],
  ])("in pax format %s is expanded", async (_, records, paired) => {
    const pairs = [2, 4, 9, 3].map(
      (value, at) => [`GNU.sparse.${at % 2 ? "numbytes" : "offset"}`, `${value}`] as const,
    );
    const header = rawTarMember({
      flag: "x",
      data: paxRecords([...Object.entries(records), ...(paired ? pairs : [])]),
    });

    expect(await readOne(header, rawTarMember({ name: "real", data: stored }))).toMatchObject({
      name: "real",
      size: 14,
      text: expanded,
    });
  });

  test("in pax format 1.0 is expanded, its map taken from the content", async () => {
    const map = "2\n2\n4\n9\n3\n".padEnd(512, "\0");
    const records = {
      "GNU.sparse.major": "1",
      "GNU.sparse.minor": "0",
      "GNU.sparse.realsize": "14",
      "GNU.sparse.name": "real",
    };

    expect(
      await readOne(pax(records), rawTarMember({ name: "GNUSparseFile.0/real", data: map + stored })),
    ).toMatchObject({
      name: "real",
      size: 14,
      text: expanded,
    });
  });

  test.each([
    ["beyond its end", "2,4,9,300"],
    ["backwards", "9,3,2,4"],
    ["that speak of more than is stored", "2,4,8,4"],
    ["that speak of less than is stored", "2,4,9,2"],
  ])("with runs %s is malformed", async (_, map) => {
    const records = { "GNU.sparse.size": "14", "GNU.sparse.numblocks": "2", "GNU.sparse.map": map };

    await expect(read(bytes(pax(records), rawTarMember({ data: stored }), end))).rejects.toEqual(failing("malformed"));
  });
});

describe("bytes that are no good tar", () => {
  const huge = new Uint8Array(12).fill(0xff);
  huge[0] = 0xbf;

  test.each([
    ["a text file", encoder.encode("hello\n".repeat(200)), "malformed"],
    ["a short text file", encoder.encode("hello\n"), "malformed"],
    ["a damaged header", rawTarMember({ patch: (header) => header.set([1], 511) }).with(0, 0x7a), "malformed"],
    ["a size of 8 EB", rawTarMember({ size: huge }), "malformed"],
    ["a negative size", rawTarMember({ size: new Uint8Array(12).fill(0xff) }), "malformed"],
    ["a size in letters", rawTarMember({ size: "zzz" }), "malformed"],
    ["a size beyond the end", rawTarMember({ size: "00777777777\0" }), "truncated"],
    ["half a header", bytes(rawTarMember({}), rawTarMember({})).subarray(0, 800), "truncated"],
    ["a long name without its entry", rawTarMember({ flag: "L", data: "x\0" }), "truncated"],
    ["a pax header of 1 GiB", rawTarMember({ flag: "x", size: "10000000000\0" }), "limit-exceeded"],
    [
      "pax lengths that lie",
      bytes(rawTarMember({ flag: "x", data: "99 path=x\n" }), rawTarMember({}), end),
      "malformed",
    ],
    [
      "pax records without equals sign",
      bytes(rawTarMember({ flag: "x", data: "7 path\n" }), rawTarMember({}), end),
      "malformed",
    ],
    ["a pax size that is no number", bytes(pax({ size: "-1" }), rawTarMember({}), end), "malformed"],
    ["an entry after a lone zero block", bytes(rawTarMember({}), new Uint8Array(512), rawTarMember({})), "malformed"],
  ])("%s: a format error", async (_, archive, problem) => {
    await expect(read(archive)).rejects.toEqual(failing(problem));
  });

  test("cut anywhere give the same entries up to the cut, then nothing but a format error", async () => {
    const archive = await tarOf({ a: "x".repeat(700), "b/": "", "b/c": "y" });
    const whole = await read(archive);

    for (let cut = 0; cut < archive.length; cut += 97) {
      const names: string[] = [];
      try {
        for await (const entry of readTar(chunked(archive.subarray(0, cut), 512))) names.push(entry.name);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
      expect(whole.map((entry) => entry.name).slice(0, names.length)).toEqual(names);
    }
  });
});

describe("properties", () => {
  const name = fc.stringMatching(/^[a-zé0-9._-]{1,40}(\/[a-z0-9ü._-]{1,120}){0,3}$/);
  const files = fc.array(fc.tuple(name, fc.uint8Array({ maxLength: 2000 })), { maxLength: 8 });

  async function packed(entries: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array> {
    const tar = pack();
    for (const [path, content] of entries) tar.entry({ name: path, size: content.length }, Buffer.from(content));
    tar.finalize();
    const parts: Uint8Array[] = [];
    for await (const part of tar) parts.push(part as Uint8Array);
    return bytes(...parts);
  }

  test("what tar-stream writes is read back, in chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 3000 }), async (entries, chunk) => {
        const seen = await read(await packed(entries), chunk);

        expect(seen.map(({ name: path, text }) => [path, text])).toEqual(
          entries.map(([path, content]) => [path, Buffer.from(content).toString("latin1")]),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("tar-stream reads the same from the same archive", async () => {
    await fc.assert(
      fc.asyncProperty(files, async (entries) => {
        const archive = await packed(entries);
        const theirs: unknown[] = [];
        const reader = extract();
        reader.end(Buffer.from(archive));
        for await (const entry of reader) {
          const { header } = entry as unknown as { header: { name: string; type: string; size: number } };
          theirs.push({ name: header.name, type: header.type, size: header.size });
          for await (const _ of entry);
        }

        expect(
          (await read(archive)).map((entry) => ({ name: entry.name, type: entry.type, size: entry.size })),
        ).toEqual(theirs);
      }),
      { numRuns: 50 },
    );
  });

  test("damaged archives end with a format error or not at all, and equally in any chunks", async () => {
    const archive = bytes(
      await packed([
        ["a", new Uint8Array(600)],
        ["b".repeat(150), new Uint8Array(3)],
      ]),
    );
    const outcome = async (damaged: Uint8Array, chunk: number): Promise<unknown> =>
      read(damaged, chunk).catch((error: unknown) => {
        expect(error).toBeInstanceOf(FormatError);
        return (error as FormatError).message;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 1500 }),
        async (edits, chunk) => {
          const damaged = archive.slice();
          for (const [at, value] of edits) damaged[at] = value;

          expect(await outcome(damaged, chunk)).toEqual(await outcome(damaged, damaged.length));
        },
      ),
      { numRuns: 300 },
    );
  });
});
