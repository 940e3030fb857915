import { crc32 as nativeCrc32, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { strFromU8, strToU8, zipSync } from "fflate";
import type { Zippable } from "fflate";
import { describe, expect, test } from "vitest";
import { FormatError } from "../format-error.ts";
import { crc32 } from "../crc32.ts";
import { openZip, openZipBytes } from "./open-zip.ts";
import type { ZipEntry } from "./directory.ts";
import type { ZipArchive, ZipOptions } from "./open-zip.ts";

const native: ZipOptions = {
  inflateRaw: (data, maxBytes) => inflateRawSync(data, { maxOutputLength: maxBytes }),
  crc32: nativeCrc32,
};

/** Compresses to more than the portable inflater takes in one call. */
const large = Array.from({ length: 40_000 }, (_, index) => ((index * 2_654_435_761) >>> 0).toString(36)).join(" ");

const files: Zippable = {
  "META-INF/": new Uint8Array(0),
  "META-INF/MANIFEST.MF": strToU8("Manifest-Version: 1.0\r\n"),
  "stored.txt": [strToU8("stored"), { level: 0 }],
  "empty.txt": new Uint8Array(0),
  "ünïcode.txt": strToU8("ü"),
  "large.txt": strToU8(large),
};

/** Random access that hands out small chunks. */
function inPieces(bytes: Uint8Array): Parameters<typeof openZip>[0] {
  return {
    size: bytes.length,
    async *read(start, end) {
      for (let at = start; at < Math.min(end, bytes.length); at += 1000)
        yield bytes.subarray(at, Math.min(end, at + 1000));
    },
  };
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function everything(archive: ZipArchive): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const content of archive.contents()) {
    found[content.entry.path] = "bytes" in content ? new TextDecoder().decode(content.bytes) : content.error.message;
  }
  return found;
}

const expected = {
  "META-INF/": "",
  "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\n",
  "stored.txt": "stored",
  "empty.txt": "",
  "ünïcode.txt": "ü",
  "large.txt": large,
};

describe.each([
  ["the portable inflater", {}],
  ["the inflater of the platform", native],
])("a zip read with %s", (_, options: ZipOptions) => {
  const zip = zipSync(files);

  test("gives every entry with its content", async () => {
    expect(await everything(await openZip(zip, options))).toEqual(expected);
    expect(await everything(await openZip(inPieces(zip), options))).toEqual(expected);
  });

  test("gives single entries", async () => {
    const archive = await openZip(inPieces(zip), options);
    const inMemory = openZipBytes(zip, options);

    for (const [index, entry] of archive.entries.entries()) {
      const bytes = await archive.read(entry);
      expect(new TextDecoder().decode(bytes)).toBe(expected[entry.path as keyof typeof expected]);
      expect(crc32(inMemory.read(inMemory.entries[index] ?? entry))).toBe(entry.crc32);
    }
  });

  test("is found behind a prefix, with offsets from the archive's start or the file's", async () => {
    const script = strToU8("#!/bin/sh\nexec java -jar $0\n");
    const prefixed = concat(script, zip);

    expect(await everything(await openZip(prefixed, options))).toEqual(expected);
  });

  test("is found before trailing bytes and with a comment", async () => {
    const commented = concat(zip, strToU8("hello"));
    commented[zip.length - 2] = 5;

    expect(await everything(await openZip(commented, options))).toEqual(expected);
    expect(await everything(await openZip(concat(zip, new Uint8Array(100)), options))).toEqual(expected);
  });

  test("tells a changed byte by the checksum and keeps the other entries", async () => {
    const damaged = zip.slice();
    const at = indexOf(damaged, "stored", 2);
    damaged[at] = 0x21;
    const found = await everything(await openZip(damaged, options));

    expect(found["stored.txt"]).toBe("zip: stored.txt does not match its checksum");
    expect(found["large.txt"]).toBe(expected["large.txt"]);
  });

  test("refuses output that is longer than declared", async () => {
    const lying = zipSync({ a: strToU8("x".repeat(200_000)), b: strToU8("b") });
    const view = new DataView(lying.buffer);
    const record = centralRecord(lying, 0);
    view.setUint32(record + 24, 150_000, true);
    const found = await everything(await openZip(lying, options));

    expect(found["a"]).toMatch(/does not inflate|has more than/);
    expect(found["b"]).toBe("b");
  });

  test("refuses a declared size that no deflate stream can have", async () => {
    const lying = zipSync({ a: strToU8("x".repeat(2000)) });
    new DataView(lying.buffer).setUint32(centralRecord(lying, 0) + 24, 400_000_000, true);

    const { entries, read } = await openZip(lying, { ...options, maxExpansionRatio: 1e9 });

    await expect(read(entries[0]!)).rejects.toThrow("declares more than its bytes can hold");
  });
});

describe("limits", () => {
  const zip = zipSync({ a: strToU8("aaaa"), b: strToU8("bb") });

  test("hold for entries, directory, one content and all contents", async () => {
    await expect(openZip(zip, { maxEntries: 1 })).rejects.toThrow("more than 1 entries");
    await expect(openZip(zip, { maxEntries: 2 })).resolves.toBeDefined();
    await expect(openZip(zip, { maxDirectoryBytes: 10 })).rejects.toThrow("central directory of more than 10 bytes");
    expect(await everything(await openZip(zip, { maxEntryBytes: 3 }))).toEqual({
      a: "zip: a expands to 4 bytes",
      b: "bb",
    });
    expect(await everything(await openZip(zip, { maxEntryBytes: 4 }))).toEqual({ a: "aaaa", b: "bb" });
    expect(await everything(await openZip(zip, { maxTotalBytes: 5 }))).toEqual({
      a: "aaaa",
      b: "zip: b expands to 2 bytes",
    });
  });

  test("refuse entries that share bytes, but the first", async () => {
    const bomb = zip.slice();
    new DataView(bomb.buffer).setUint32(centralRecord(bomb, 1) + 42, 0, true);

    expect(await everything(await openZip(bomb))).toEqual({ a: "aaaa", b: "zip: b: bytes shared with another entry" });
  });

  test("stop at an abort", async () => {
    await expect(openZip(zip, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
  });
});

describe("what cannot be read", () => {
  test.each([
    ["an encrypted entry", 8, 1, "unsupported", "encrypted"],
    ["another method", 10, 12, "unsupported", "compression method 12"],
  ])("%s is named", async (_, offset, value, problem, message) => {
    const zip = zipSync({ a: strToU8("aaaa") });
    new DataView(zip.buffer).setUint16(centralRecord(zip, 0) + offset, value, true);
    const { entries, read } = await openZip(zip);

    const error: unknown = await read(entries[0]!).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "FormatError", problem, message: `zip: a: ${message}` });
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["text", strToU8("hello")],
    ["a cut archive", zipSync({ a: strToU8("a".repeat(999)) }).subarray(0, 60)],
  ])("%s is no zip", async (_, bytes) => {
    await expect(openZip(bytes)).rejects.toThrow("no end of central directory record");
    expect(() => openZipBytes(bytes)).toThrow(FormatError);
  });

  test("a directory that breaks off keeps its first entries", () => {
    const zip = zipSync({ a: strToU8("aa"), b: strToU8("bb") });
    zip[centralRecord(zip, 1)] = 0;
    const archive = openZipBytes(zip);

    expect(archive.entries.map((entry) => entry.path)).toEqual(["a"]);
    expect(archive.damage).toBe("the central directory breaks off after 1 of 2 entries");
  });
});

describe("where not all entries are wanted", () => {
  test("only those that are are listed, and no more than a part of a large directory is read at once", () => {
    const many: Zippable = { "wanted.txt": strToU8("here") };
    for (let index = 0; index < 12_000; index++) many[`${"directory/".repeat(10)}${index}`] = new Uint8Array(0);
    const zip = zipSync(many, { level: 0 });
    let largest = 0;
    const read = (start: number, end: number): Uint8Array => {
      largest = Math.max(largest, end - start);
      return zip.subarray(start, end);
    };
    const asked: string[] = [];
    const archive = openZipBytes(
      { size: zip.length, read },
      { wanted: (path) => asked.push(path) > 0 && path.endsWith(".txt") },
    );

    expect(archive.entries.map(({ path }) => path)).toEqual(["wanted.txt"]);
    expect(archive.damage).toBeUndefined();
    expect([asked, archive.count]).toEqual([Object.keys(many), 12_001]);
    expect(largest).toBe(1024 * 1024);
    expect(zip.length).toBeGreaterThan(2 * largest);
    expect(strFromU8(archive.read(archive.entries[0] ?? expect.unreachable()))).toBe("here");
  });

  test("the others still say which bytes are theirs", () => {
    const zip = zipSync({ a: strToU8("aaaa"), b: strToU8("bb") });
    new DataView(zip.buffer).setUint32(centralRecord(zip, 1) + 42, 0, true);
    const { entries, read } = openZipBytes(zip, { wanted: (path) => path === "b" });

    expect(() => read(entries[0] ?? expect.unreachable())).toThrow("bytes shared with another entry");
  });
});

describe("zip64", () => {
  test("sizes, offsets and the directory may be 64 bits wide", async () => {
    expect(await everything(await openZip(zip64("content")))).toEqual({ wide: "content" });
    expect(await everything(await openZip(concat(strToU8("prefix"), zip64("content"))))).toEqual({ wide: "content" });
  });

  test("more than 65535 entries are listed with and without it", async () => {
    const many: Zippable = {};
    for (let index = 0; index < 66_000; index++) many[`f${index}`] = [new Uint8Array(0), { level: 0 }];
    const archive = await openZip(zipSync(many));

    expect(archive.entries).toHaveLength(66_000);
    expect(archive.damage).toBeUndefined();
  });
});

test("names outside of UTF-8 are read as code page 437", () => {
  const zip = zipSync({ "xy.txt": strToU8("1") });
  for (let at = 0; at < zip.length; at++) if (zip[at] === 0x78 && zip[at + 1] === 0x79) zip[at] = 0x81;

  expect(openZipBytes(zip).entries[0]?.path).toBe("üy.txt");
});

test("the checksum is that of the platform", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => crc32(bytes) === nativeCrc32(bytes)));
});

test("any bytes around and inside an archive give entries or a FormatError", () => {
  const zip = zipSync(files);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(zip.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      (prefix, at, patch) => {
        const bytes = concat(prefix, zip);
        bytes.set(patch.subarray(0, bytes.length - at), at);
        try {
          const archive = openZipBytes(bytes);
          for (const entry of archive.entries) {
            try {
              archive.read(entry);
            } catch (error) {
              if (!(error instanceof FormatError)) throw error;
            }
          }
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      },
    ),
    { numRuns: 200 },
  );
});

/** Offset of the nth record of the central directory. */
function centralRecord(zip: Uint8Array, nth: number): number {
  return indexOf(zip, "PK\u0001\u0002", nth + 1);
}

function indexOf(bytes: Uint8Array, text: string, occurrence: number): number {
  const wanted = strToU8(text, true);
  let seen = 0;
  for (let at = 0; at + wanted.length <= bytes.length; at++) {
    if (wanted.every((byte, index) => bytes[at + index] === byte) && ++seen === occurrence) return at;
  }
  throw new Error(`${text} is not there ${occurrence} times`);
}

/** A stored entry with every field in its zip64 form, by hand. */
function zip64(content: string): Uint8Array {
  const body = strToU8(content);
  const name = strToU8("wide");
  const local = new DataView(new ArrayBuffer(30));
  local.setUint32(0, 0x04034b50, true);
  local.setUint16(26, name.length, true);
  const central = new DataView(new ArrayBuffer(46 + name.length + 28));
  central.setUint32(0, 0x02014b50, true);
  central.setUint32(16, crc32(body), true);
  central.setUint32(20, 0xffffffff, true);
  central.setUint32(24, 0xffffffff, true);
  central.setUint16(28, name.length, true);
  central.setUint16(30, 28, true);
  central.setUint32(42, 0xffffffff, true);
  new Uint8Array(central.buffer).set(name, 46);
  const extra = 46 + name.length;
  central.setUint16(extra, 1, true);
  central.setUint16(extra + 2, 24, true);
  central.setBigUint64(extra + 4, BigInt(body.length), true);
  central.setBigUint64(extra + 12, BigInt(body.length), true);
  const start = 30 + name.length + body.length;
  const end64 = new DataView(new ArrayBuffer(56));
  end64.setUint32(0, 0x06064b50, true);
  end64.setBigUint64(4, 44n, true);
  end64.setBigUint64(24, 1n, true);
  end64.setBigUint64(32, 1n, true);
  end64.setBigUint64(40, BigInt(central.byteLength), true);
  end64.setBigUint64(48, BigInt(start), true);
  const locator = new DataView(new ArrayBuffer(20));
  locator.setUint32(0, 0x07064b50, true);
  locator.setBigUint64(8, BigInt(start + central.byteLength), true);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, 0xffff, true);
  end.setUint16(10, 0xffff, true);
  end.setUint32(12, 0xffffffff, true);
  end.setUint32(16, 0xffffffff, true);
  return concat(
    ...[local, name, body, central, end64, locator, end].map((part) =>
      part instanceof DataView ? new Uint8Array(part.buffer) : part,
    ),
  );
}

describe("a zip of which any part can be read", () => {
  const stored = new Uint8Array(5_000_000).map((_, index) => index % 251);
  const bytes = zipSync({ "large.bin": [stored, { level: 0 }], "small.txt": [strToU8("small"), { level: 0 }] });

  /** Bytes of the largest part that was asked for, and of all parts. */
  function counted(content: Uint8Array): {
    readonly source: Parameters<typeof openZipBytes>[0];
    largest: number;
    read: number;
  } {
    const count = {
      largest: 0,
      read: 0,
      source: {
        size: content.length,
        read: (start: number, end: number) => {
          const part = content.subarray(Math.max(0, start), Math.max(0, end));
          count.largest = Math.max(count.largest, part.length);
          count.read += part.length;
          return part;
        },
      },
    };
    return count;
  }

  test("gives a stored entry by parts, of which none is larger than a window", () => {
    const count = counted(bytes);
    const zip = openZipBytes(count.source);
    const large = zip.entries.find(({ path }) => path === "large.bin");
    const content = zip.stored(large ?? expect.unreachable());
    const whole = Buffer.concat([...zip.pieces(large ?? expect.unreachable())]);

    expect(content?.size).toBe(stored.length);
    expect(content?.read(4_999_990, 5_000_001)).toEqual(stored.subarray(4_999_990));
    expect(whole.equals(stored)).toBe(true);
    expect(count.largest).toBeLessThanOrEqual(1024 * 1024);
  });

  test("gives a compressed entry by pieces, of which none is held", () => {
    const count = counted(zipSync({ "large.bin": stored }));
    const zip = openZipBytes(count.source);
    const [large = expect.unreachable()] = zip.entries;
    const pieces = Array.from(zip.pieces(large), (piece) => piece.slice());

    expect(zip.stored(large)).toBeUndefined();
    expect(Buffer.concat(pieces).equals(stored)).toBe(true);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(stored.length);
    expect(count.largest).toBeLessThanOrEqual(1024 * 1024);
  });

  test("leaves alone what stands behind the end of a compressed entry, whatever there is of it", () => {
    const packed = concat(deflateRawSync("content"), new Uint8Array(5_000_000));
    const count = counted(zipSync({ "padded.txt": [packed, { level: 0 }] }));
    const zip = openZipBytes(count.source);
    const [entry = expect.unreachable()] = zip.entries;
    const padded = { ...entry, method: 8, size: 7, crc32: crc32(strToU8("content")) };
    count.read = 0;

    expect(Buffer.concat([...zip.pieces(padded)]).toString()).toBe("content");
    expect(count.read).toBeLessThan(2 * 1024 * 1024);
    expect(zip.read(padded)).toEqual(strToU8("content"));
  });

  test.each([
    ["fewer bytes than it declares", (entry: ZipEntry) => ({ ...entry, size: entry.size + 1 }), "has fewer than its"],
    ["more bytes than it declares", (entry: ZipEntry) => ({ ...entry, size: entry.size - 1 }), "has more than its"],
    ["another checksum", (entry: ZipEntry) => ({ ...entry, crc32: 7 }), "does not match its checksum"],
    ["a stream that is cut", (entry: ZipEntry) => ({ ...entry, compressedSize: 40 }), "does not inflate"],
    ["more than its bytes can hold", (entry: ZipEntry) => ({ ...entry, compressedSize: 4 }), "can hold"],
    ["more than is allowed", (entry: ZipEntry) => ({ ...entry, size: 600 * 1024 ** 2 }), "expands to"],
  ])("says at the end of its pieces that an entry has %s", (_, lie, message) => {
    const zip = openZipBytes(zipSync({ a: stored.subarray(0, 30_000) }));
    const [entry = expect.unreachable()] = zip.entries;

    expect(() => [...zip.pieces(lie(entry))]).toThrow(message);
  });

  test("refuses a stored entry whose bytes were changed, or end early", () => {
    const changed = bytes.slice().fill(0, 3_000_000, 3_000_010);
    const zip = openZipBytes(counted(changed).source);

    expect(() => zip.entries.map((entry) => [...zip.pieces(entry)])).toThrow("does not match its checksum");
  });
});
