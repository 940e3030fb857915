import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { ByteSource, concatBytes } from "./byte-source.ts";
import { decompress, portableDecompressors, sniffCompression } from "./compression.ts";
import { FormatError } from "./format-error.ts";

const encoder = new TextEncoder();

/** `printf 'hello, ' | tool; printf world | tool`, by the reference tools: two members, frames or streams in a row. */
const twice = {
  gzip: Buffer.concat([gzipSync("hello, "), gzipSync("world")]),
  zstd: Buffer.from("KLUv/SQHOQAAaGVsbG8sIM+5PnMotS/9JAUpAAB3b3JsZO9R7mY=", "base64"),
  xz: Buffer.from(
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAGaGVsbG8sIAAAEDGD4NTJ+DYAAR8HFi64cx+2830BAAAAAARZWv03elhaAAABaSLeNgIAIQEWAAAAdC/lowEABHdvcmxkAAAAAEMRdzoAARkFvOjsy5BCmQ0BAAAAAAFZWg==",
    "base64",
  ),
  bzip2: Buffer.from(
    "QlpoOTFBWSZTWXVqEAUAAAGRAEAEAkSgACGADAFrLhxdyRThQkHVqEAUQlpoOTFBWSZTWVnOe8sAAAIBgAQEkIAgADDNAMGkwHF3JFOFCQWc57yw",
    "base64",
  ),
} as const;

/** 300,000 zeros by `zstd --long=27`: the frame asks for a window of 128 MiB. */
const longWindow = Buffer.from("KLUv/QSIZAAAEAAAAgDp/zdz4AEsAgAQAAOfBAAtKN4m", "base64");

/** The same by `zstd --ultra -22 --zstd=wlog=30`: a window of 1 GiB. */
const hugeWindow = Buffer.from("28b52ffd04a0450000080001 00e42b20045a074479".replace(" ", ""), "hex");

test("two copies of this package in one process can both expand zstd", async () => {
  const copies = await Promise.all([
    import("./zstd.ts"),
    // @ts-expect-error a module of its own, as that of another copy is
    import("./zstd.ts?2") as Promise<typeof import("./zstd.ts")>,
  ]);

  expect(copies[0].unzstd).not.toBe(copies[1].unzstd);
  for (const { unzstd } of copies) {
    const parts: Uint8Array[] = [];
    for await (const part of unzstd(chunked(twice.zstd, 100))) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe("hello, world");
  }
});

async function* chunked(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function expand(packed: Uint8Array, chunk = 65_536): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of decompress(chunked(packed, chunk))) parts.push(part);
  return Buffer.concat(parts);
}

const failing = (problem: string): unknown => expect.objectContaining({ name: "FormatError", problem });

describe("compression", () => {
  test.each([
    ["gzip", [0x1f, 0x8b]],
    ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
    ["zstd", [0x53, 0x2a, 0x4d, 0x18]],
    ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    ["bzip2", [0x42, 0x5a, 0x68, 0x39]],
    [undefined, [0x42, 0x5a, 0x68, 0x30]],
    [undefined, [0x1f]],
    [undefined, []],
  ])("%s is told by its first bytes", (compression, head) => {
    expect(sniffCompression(Uint8Array.from(head))).toBe(compression);
  });

  test("plain bytes pass as they are, the empty input too", async () => {
    expect((await expand(encoder.encode("plain"), 2)).toString()).toBe("plain");
    expect(await expand(new Uint8Array())).toHaveLength(0);
  });

  describe.each(Object.entries(twice))("%s", (format, packed) => {
    test.each([1, 2, 3, 5, 7, 13, 1000])("is expanded to the last member, in chunks of %i", async (chunk) => {
      expect((await expand(packed, chunk)).toString()).toBe("hello, world");
    });

    test("cut anywhere within a member is truncated", async () => {
      const cuts = Array.from({ length: packed.length - 1 }, (_, at) => at + 1).filter((at) => at > 6);
      for (const cut of cuts) {
        const outcome = await expand(packed.subarray(0, cut)).then(String, (error: unknown) => error);

        if (outcome === "hello, ") continue;
        expect(outcome).toEqual(failing("truncated"));
      }
    });

    test("damaged anywhere gives bytes or a format error, and equally in any chunks", async () => {
      const outcome = (damaged: Uint8Array, chunk: number): Promise<string> =>
        expand(damaged, chunk).then(
          (bytes) => bytes.toString("hex"),
          (error: unknown) => {
            expect(error).toBeInstanceOf(FormatError);
            return (error as FormatError).problem;
          },
        );
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 6, max: packed.length - 1 }), fc.nat(255), async (at, value) => {
          const damaged = Uint8Array.from(packed).with(at, value);

          expect(await outcome(damaged, 3)).toBe(await outcome(damaged, 1000));
        }),
        { numRuns: format === "gzip" ? 200 : 60 },
      );
    });
  });

  test("zeros behind the last gzip member are padding, anything else is damage", async () => {
    expect((await expand(Buffer.concat([twice.gzip, new Uint8Array(700)]))).toString()).toBe("hello, world");
    await expect(expand(Buffer.concat([twice.gzip, encoder.encode("rubbish")]))).rejects.toEqual(failing("malformed"));
    await expect(expand(Buffer.concat([twice.gzip, Uint8Array.of(0x1f)]))).rejects.toEqual(failing("truncated"));
  });

  test("a gzip member's CRC-32 is left to those who compare a digest, its length is not", async () => {
    const wrongSum = Uint8Array.from(twice.gzip).with(twice.gzip.length - 8, 0xff);
    const wrongLength = Uint8Array.from(twice.gzip).with(twice.gzip.length - 4, 0xff);
    const digested = async (bytes: Uint8Array): Promise<string> => {
      const parts: Uint8Array[] = [];
      const plain = decompress(chunked(bytes, 7), portableDecompressors, { isDigested: true });
      for await (const part of plain) parts.push(part.slice());
      return Buffer.concat(parts).toString();
    };

    await expect(expand(wrongSum)).rejects.toEqual(failing("malformed"));
    expect(await digested(wrongSum)).toBe("hello, world");
    await expect(digested(wrongLength)).rejects.toEqual(failing("malformed"));
  });

  test("a gzip header's own checksum must hold", async () => {
    const deflated = deflateRawSync("x");
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(Buffer.from("x")), 0);
    trailer.writeUInt32LE(1, 4);
    const header = Buffer.from([0x1f, 0x8b, 8, 0x02 | 0x08, 0, 0, 0, 0, 0, 3, 0x61, 0]);
    const sum = Buffer.alloc(2);
    sum.writeUInt16LE(crc32(header) & 0xffff);
    const wrong = Buffer.from(sum.map((byte) => byte ^ 1));

    expect((await expand(Buffer.concat([header, sum, deflated, trailer]))).toString()).toBe("x");
    await expect(expand(Buffer.concat([header, wrong, deflated, trailer]))).rejects.toEqual(failing("malformed"));
  });

  test.each([1, 7, 65_536])("every field of a gzip header is skipped, in pieces of %d bytes", async (size) => {
    const fields = [0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0, 0, 1, 0, 0x61, 0, 0x62, 0x63, 0];
    const sum = crc32(Uint8Array.from(fields)) & 0xffff;
    const member = [...fields, sum & 0xff, sum >> 8, ...gzipSync("x").subarray(10)];

    expect((await expand(Uint8Array.from([...member, ...member]), size)).toString()).toBe("xx");
    await expect(expand(Uint8Array.from(member.slice(0, 19)), size)).rejects.toEqual(failing("truncated"));
  });

  test("a long name in a gzip header is not waited for byte by byte, and one without an end is refused", async () => {
    const named = (length: number): Uint8Array =>
      concatBytes([Uint8Array.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3), new Uint8Array(length).fill(0x61)]);
    const take = vi.spyOn(ByteSource.prototype, "take");
    const next = vi.spyOn(ByteSource.prototype, "next");

    const whole = concatBytes([named(65_535), Uint8Array.of(0), gzipSync("x").subarray(10)]);
    expect((await expand(whole)).toString()).toBe("x");
    expect(take.mock.calls.length + next.mock.calls.length).toBeLessThan(20);
    await expect(expand(named(65_536))).rejects.toEqual(failing("malformed"));
    vi.restoreAllMocks();
  });

  test("zeros between and behind xz streams and behind bzip2 ones are padding, anything else is damage", async () => {
    const text = Buffer.from(
      "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQADdGV4dABVzegz/0oMFwABHARvLJzBH7bzfQEAAAAABFla",
      "base64",
    );
    const padding = new Uint8Array(8);

    expect((await expand(Buffer.concat([text, padding, text, padding]), 5)).toString()).toBe("texttext");
    await expect(expand(Buffer.concat([text, new Uint8Array(3)]))).rejects.toEqual(failing("malformed"));
    await expect(expand(Buffer.concat([text, encoder.encode("rubbish")]))).rejects.toEqual(failing("malformed"));
    expect((await expand(Buffer.concat([twice.bzip2, padding]))).toString()).toBe("hello, world");
    await expect(expand(Buffer.concat([twice.bzip2, encoder.encode("rubbish")]))).rejects.toEqual(failing("malformed"));
  });

  test("xz without checksum and with one that is not computed is read, programs' filters are refused", async () => {
    const noSum = Buffer.from("/Td6WFoAAAD/EtlBAgAhARYAAAB0L+WjAQAFbm8gc3VtAAAAAAEWBsmlfdUGcp56AQAAAAAAWVo=", "base64");
    const sha256 = Buffer.from(
      "/Td6WFoAAArh+wyhAgAhARYAAAB0L+WjAQACc2hhAADWAEdLG45Q02M8kcDPHvxFS3nJYkpD/X3kQe5xdFcmqwABMwOhgeRNGJtLmgEAAAAAClla",
      "base64",
    );
    const filtered = Buffer.from(
      "/Td6WFoAAATm1rRGAgEEACEBDADWfBivAQAHZmlsdGVyZWQADRmJw6ylIwgAASAIuxnZux+2830BAAAAAARZWg==",
      "base64",
    );

    expect((await expand(noSum)).toString()).toBe("no sum");
    expect((await expand(sha256)).toString()).toBe("sha");
    await expect(expand(filtered)).rejects.toEqual(failing("unsupported"));
  });

  test.each([
    ["xz", ["-0", "--check=crc32"]],
    ["xz", ["-9", "--block-size=500000"]],
    ["xz", ["--lzma2=preset=6,dict=4KiB,lc=0,lp=4,pb=3"]],
    ["bzip2", ["-1"]],
    ["bzip2", ["-9"]],
  ])("what %s %j writes is read back: noise, runs, text and programs", async (tool, args) => {
    if (spawnSync(tool, ["--version"], { stdio: "ignore" }).error !== undefined)
      return console.log(`skipped: ${tool} is not installed`);
    const program = readFileSync(process.execPath).subarray(1_000_000, 1_500_000);
    const noise = Uint8Array.from({ length: 100_000 }, (_, at) => Math.imul(at * at, 0x9e3779b1) >>> 24);
    const whole = Buffer.concat([new Uint8Array(300_000), program, noise, encoder.encode("text ".repeat(20_000))]);
    const packed = spawnSync(tool, ["-c", ...args], { input: whole, maxBuffer: 1 << 28 }).stdout;

    expect((await expand(packed, 10_007)).equals(whole)).toBe(true);
  });

  test("a stream of Node is read as a stream", async () => {
    const source = new ByteSource(Readable.from([encoder.encode("abc")]));

    expect(Buffer.from(await source.take(10)).toString()).toBe("abc");
  });

  test("skippable zstd frames are skipped", async () => {
    const packed = Buffer.from("UCpNGAQAAABhYmNkKLUv/SQHOQAAaGVsbG8sIM+5PnM=", "base64");

    expect((await expand(packed)).toString()).toBe("hello, ");
  });

  test("zstd windows of 128 MiB are read, larger ones refused", async () => {
    expect(await expand(longWindow)).toHaveLength(300_000);
    await expect(expand(hugeWindow)).rejects.toEqual(failing("unsupported"));
  });

  test("a reader that leaves early releases its input", async () => {
    let released = false;
    async function* input(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzipSync(new Uint8Array(100_000));
      } finally {
        released = true;
      }
    }

    for await (const part of decompress(input())) if (part.length > 0) break;

    expect(released).toBe(true);
  });
});
