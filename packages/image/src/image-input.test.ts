import { openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { dockerArchive, literalImage, memoryBytes } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { imageFrom } from "./image-input.ts";
import type { ImageInput } from "./image-input.ts";

const archive = await dockerArchive({ name: "app", layers: [{ "etc/os-release": "ID=test" }] });
const copy = new Uint8Array(archive);
const diffIds = (await imageFrom(copy).open()).layers.map(({ diffId }) => diffId);

test.each<[string, () => ImageInput]>([
  ["bytes", () => copy],
  ["a buffer", () => copy.slice().buffer],
  ["random access", () => memoryBytes(copy)],
  ["a blob", () => new Blob([copy])],
  ["a file", () => new File([copy], "app.tar")],
  ["a stream of the web", () => new Blob([copy]).stream()],
  ["a stream of Node", () => Readable.from([copy.subarray(0, 700), copy.subarray(700)])],
])("%s of an archive is an image", async (_, input) => {
  const image = await imageFrom(input()).open();
  expect(image.layers.map(({ diffId }) => diffId)).toEqual(diffIds);
  await image.close?.();
});

test("a file on a disk is an image without being read as a whole", async () => {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-input-"));
  try {
    await writeFile(join(folder, "app.tar"), copy);
    const image = await imageFrom(await openAsBlob(join(folder, "app.tar"))).open();
    expect(image.layers).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("an uploaded file gives its name, unless another is given", async () => {
  const file = new File([copy], "shop.tar");
  expect((await imageFrom(file).open()).name).toBe("shop.tar");
  expect((await imageFrom(file, { name: "shop:1" }).open()).name).toBe("shop:1");
});

test("a source is given back as it is", () => {
  const source = literalImage({ name: "app", layers: [] });
  expect(imageFrom(source)).toBe(source);
});

test("a stream is an image once, and what it was kept in is closed with the image and when there is none", async () => {
  let closed = 0;
  const spool = async (stream: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { ...memoryBytes(Buffer.concat(chunks)), close: async () => void closed++ };
  };
  const source = imageFrom(Readable.from([copy]), { spool });
  const image = await source.open();
  await expect(source.open()).rejects.toThrow("a stream can be read only once");
  await image.close?.();
  expect(closed).toBe(1);

  await expect(imageFrom(Readable.from([Buffer.from("no archive")]), { spool }).open()).rejects.toThrow(
    "image from stream",
  );
  expect(closed).toBe(2);
});

test.each(["app.tar", 7, null, undefined, {}, []])("%j is none", (input) => {
  expect(() => imageFrom(input as unknown as ImageInput)).toThrow("paths and references need plimsoll/node");
});
