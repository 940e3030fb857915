import { expect, test } from "vitest";
import { byteStream, bytesInMemory, isByteInput, isByteStream, randomAccess } from "./bytes.ts";
import type { ByteInput, ByteStream } from "./bytes.ts";

const bytes = Uint8Array.from({ length: 600_000 }, (_, index) => index % 251);

async function whole(stream: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks.map((chunk) => new Uint8Array(chunk))).arrayBuffer());
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
  expect(await whole(read(0, size + 10))).toEqual(bytes);
  expect(await whole(read(262_000, 524_300))).toEqual(bytes.subarray(262_000, 524_300));
  expect(await whole(read(-5, 3))).toEqual(bytes.subarray(0, 3));
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
  expect(await whole(byteStream(web))).toEqual(bytes);
  // An engine whose streams cannot be iterated over.
  const reader = new Blob([bytes]).stream().getReader();
  expect(await whole(byteStream({ getReader: () => reader }))).toEqual(bytes);
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
