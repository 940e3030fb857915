// An image is scanned from whatever a program has, with the same result.
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerArchive } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leftPadFiles, leftPadStore as advisories } from "./fixtures/left-pad.ts";
import * as neutral from "./index.ts";
import * as node from "./node.ts";

let folder = "";
let path = "";
let bytes = new Uint8Array();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plimsoll-inputs-"));
  path = join(folder, "app.tar");
  await writeFile(path, await dockerArchive({ name: "app", layers: [leftPadFiles] }));
  bytes = new Uint8Array(await readFile(path));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inputs: readonly (readonly [string, () => node.ImageInput])[] = [
  ["bytes", () => bytes],
  ["a blob", () => new Blob([bytes])],
  ["a file", () => new File([bytes], "app.tar")],
  ["a stream of the web", () => new Blob([bytes]).stream()],
  ["a stream of Node", () => createReadStream(path)],
];

describe.each(inputs)("an image as %s", (_, input) => {
  test("has the report of its path, in both entries", async () => {
    const expected = await node.scanImage(path, { advisories, cache: false });
    expect(expected.vulnerabilities.map(({ id }) => id)).toEqual(["GHSA-1"]);
    for (const scan of [neutral.scanImage, node.scanImage]) {
      const { artifact, ...report } = await scan(input(), { advisories });
      const { artifact: named, ...rest } = expected;
      expect(report).toEqual(rest);
      expect(artifact.layers).toEqual(named.layers);
    }
  });

  test("has its inventory and its events, too", async () => {
    const inventory = await neutral.analyzeImage(input());
    expect(inventory.packages.map(({ name }) => name)).toEqual(["left-pad"]);
    const kinds = new Set<string>();
    for await (const event of node.scanEvents(input(), { advisories, cache: false })) kinds.add(event.kind);
    expect(kinds).toContain("report");
  });
});

test("an uploaded file is named in its report", async () => {
  const report = await neutral.scanImage(new File([bytes], "shop.tar"), { advisories });
  expect(report.artifact.name).toBe("shop.tar");
});

test("what is no image is refused by name of what it should be", async () => {
  const wrong = {} as unknown as node.ImageInput;
  for (const scan of [neutral.scanImage, node.scanImage])
    await expect(scan(wrong, { advisories, cache: undefined })).rejects.toThrow(/an image is a source such as/);
  await expect(neutral.scanImage("app.tar" as unknown as node.ImageInput, { advisories })).rejects.toThrow(
    "paths and references need plimsoll/node",
  );
});

test("a file or folder that is missing is told before a database that is missing, too", async () => {
  const missing = join(folder, "no-such.tar");
  const options = { cacheDir: join(folder, "empty"), offline: true, cache: false } as const;
  const wanted = { failure: { kind: "image-not-found" } };

  await expect(node.scanImage(missing, options)).rejects.toMatchObject(wanted);
  await expect(node.scanImage(node.imageSource(`oci-dir:${missing}`), options)).rejects.toMatchObject(wanted);
  await expect(node.scanDirectory(missing, options)).rejects.toMatchObject(wanted);
  await expect(node.analyzeImage(missing, { ...options, javaDb: missing })).rejects.toMatchObject(wanted);
  await expect(node.scanImage(path, options)).rejects.toMatchObject({ failure: { kind: "store-missing" } });
});
