import { describe, expect, test } from "vitest";
import {
  byteStream,
  bytesInMemory,
  isByteInput,
  isByteStream,
  randomAccess,
  collectBytes,
  firstBytes,
} from "./bytes.ts";
import type { ByteInput, ByteStream } from "./bytes.ts";

const bytes = Uint8Array.from({ length: 600_000 }, (_, index) => index % 251);

async function whole(stream: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks.map((chunk) => new Uint8Array(chunk))).arrayBuffer());
}

/** Whether a stream gives these bytes; a difference is told by where it is, since printing them takes minutes. */
async function differsAt(stream: ByteStream, expected: Uint8Array): Promise<number> {
  const given = await whole(stream);
  if (given.length !== expected.length) return Math.min(given.length, expected.length);
  return given.findIndex((byte, at) => byte !== expected[at]);
}

test.each<[string, ByteInput]>([
  ["bytes", bytes],
  ["a buffer", bytes.slice().buffer],
  ["a blob", new Blob([bytes])],
  ["a file", new File([bytes], "app.tar")],
  ["random access", bytesInMemory(bytes)],
])("%s can be read from anywhere, clamped to what is there", async (_, input) => {
  expect(isByteInput(input)).toBe(true);
  const { size, read } = randomAccess(input);
  expect(size).toBe(bytes.length);
  expect(await differsAt(read(0, size + 10), bytes)).toBe(-1);
  expect(await differsAt(read(262_000, 524_300), bytes.subarray(262_000, 524_300))).toBe(-1);
  expect(await differsAt(read(-5, 3), bytes.subarray(0, 3))).toBe(-1);
  expect(await whole(read(size, size + 1))).toHaveLength(0);
});

test("a blob is asked for pieces only, however much of it is read", async () => {
  const asked: number[] = [];
  const blob = {
    size: 10_000_000_000,
    slice: (start: number, end: number) => {
      asked.push(end - start);
      return { arrayBuffer: async () => new ArrayBuffer(end - start) };
    },
  };
  let read = 0;
  for await (const chunk of randomAccess(blob).read(9_000_000_000, 9_003_000_000)) read += chunk.length;
  expect(read).toBe(3_000_000);
  expect(Math.max(...asked)).toBeLessThanOrEqual(256 * 1024);
});

test.each<[string, ByteInput]>([
  ["bytes", bytes],
  ["a blob", new Blob([bytes])],
])("%s are not read on after an abort", async (_, input) => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(whole(randomAccess(input).read(0, 10, { signal }))).rejects.toThrow("enough");
});

test("streams of either kind give their chunks", async () => {
  const web = new Blob([bytes]).stream();
  expect(isByteStream(web)).toBe(true);
  expect(await differsAt(byteStream(web), bytes)).toBe(-1);
  // An engine whose streams cannot be iterated over.
  const reader = new Blob([bytes]).stream().getReader();
  expect(await differsAt(byteStream({ getReader: () => reader }), bytes)).toBe(-1);
});

test("a stream of the web whose reader leaves is cancelled", async () => {
  let cancelled = 0;
  const endless = {
    getReader: () => ({
      read: async () => ({ done: false, value: bytes }),
      cancel: async () => void cancelled++,
    }),
  };
  for await (const _ of byteStream(endless)) break;
  expect(cancelled).toBe(1);
});

test.each([undefined, null, 7, "app.tar", {}, { size: "7", read: () => [] }, { size: 7 }])("%j is neither", (value) => {
  expect([isByteInput(value), isByteStream(value)]).toEqual([false, false]);
});

describe("the body of an answer", () => {
  /** One that never ends, and tells how many chunks were taken and whether the sender was stopped. */
  function endless() {
    const sent = { chunks: 0, stopped: false };
    const content = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          sent.chunks++;
          controller.enqueue(new Uint8Array(1_000));
        },
        cancel: () => void (sent.stopped = true),
      },
      { highWaterMark: 0 },
    );
    return { content, sent };
  }

  test("is collected whole, and is empty where there is none", async () => {
    expect(await collectBytes(new Blob(["abc"]).stream(), "it", 3)).toEqual(new TextEncoder().encode("abc"));
    expect(await collectBytes(null, "it", 3)).toEqual(new Uint8Array(0));
  });

  test("is left at the limit, whatever its sender says of its length", async () => {
    const { content, sent } = endless();

    await expect(collectBytes(content, "it", 3_500)).rejects.toMatchObject({ failure: { kind: "limit-exceeded" } });
    expect(sent).toEqual({ chunks: 4, stopped: true });
  });

  test("gives its beginning without the rest", async () => {
    const { content, sent } = endless();

    expect(await firstBytes(content, 1_500)).toHaveLength(1_500);
    expect(sent).toEqual({ chunks: 2, stopped: true });
  });
});
