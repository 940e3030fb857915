import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { readLayer } from "@plimsoll/image";
import { defaultLimits } from "@plimsoll/model";
import type { ByteStream, Diagnostic, Digest, EntriesOptions, Image, LayerEntry } from "@plimsoll/model";
import { dockerArchive, memoryBytes, ociLayoutFiles, tarOf } from "@plimsoll/testkit";
import type { LiteralImage } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gunzipDirectly, gunzipStreamed } from "./gunzip.ts";
import { imageFile, imageStream } from "./image-file.ts";
import type { ImageFileOptions } from "./image-file.ts";
import { layerThreads } from "./layer-threads.ts";
import { nativeDecompressors } from "./native-decompressors.ts";
import { nativeHasher } from "./native-hasher.ts";
import { nativeReading } from "./native-reading.ts";

const literal: LiteralImage = {
  name: "app",
  layers: [
    {
      "etc/os-release": "ID=test",
      "bin/sh": { executable: "\u007fELF and more of it" },
      "opt/data": "x".repeat(70_000),
    },
    { "etc/.wh.os-release": "", lib: { symlink: "usr/lib" }, "bin/b": { hardlink: "bin/sh" }, "opt/.wh..wh..opq": "" },
  ],
};

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-files-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that an image's layers say, content included. */
async function everything(image: Image, options: Partial<EntriesOptions> = {}): Promise<unknown[]> {
  const said: unknown[] = [];
  for (const layer of image.layers)
    for await (const entry of layer.entries({ limits: defaultLimits, ...options })) said.push(await withContent(entry));
  await image.close?.();
  return said;
}

async function withContent(entry: LayerEntry | Diagnostic): Promise<unknown> {
  if (entry.kind !== "file") return entry;
  const parts: Uint8Array[] = [];
  for await (const part of entry.content()) parts.push(part);
  const { kind, path, size, executable } = entry;
  return { kind, path, size, executable, content: Buffer.concat(parts).toString("latin1") };
}

const expected = [
  { kind: "file", path: "etc/os-release", content: "ID=test" },
  { kind: "file", path: "bin/sh", executable: true },
  { kind: "file", path: "opt/data", size: 70_000 },
  { kind: "whiteout", path: "etc/os-release" },
  { kind: "symlink", path: "lib", target: "usr/lib" },
  { kind: "hardlink", path: "bin/b", target: "bin/sh" },
  { kind: "opaque", path: "opt" },
];

const forms: readonly (readonly [string, () => Promise<Uint8Array>])[] = [
  ["of docker save", () => dockerArchive(literal)],
  ["of docker save over an OCI layout", newerDockerArchive],
  ["in OCI layout", async () => tarOf(await ociLayoutFiles(literal, { gzip: true }))],
];

/** What Docker 25 writes: a layout, and a `manifest.json` that names its blobs. */
async function newerDockerArchive(): Promise<Uint8Array> {
  const files = await ociLayoutFiles(literal);
  const index = JSON.parse(Buffer.from(files["index.json"] ?? []).toString()) as { manifests: { digest: string }[] };
  const path = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
  const bytes = files[path(index.manifests[0]?.digest ?? "")] ?? new Uint8Array(0);
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  const saved = [
    {
      Config: path(manifest.config.digest),
      RepoTags: ["app:latest"],
      Layers: manifest.layers.map(({ digest }) => path(digest)),
    },
  ];
  return tarOf({ ...files, "manifest.json": JSON.stringify(saved) });
}

describe.each(["plain", "gzip", "zstd", "xz", "bzip2"])("an archive, %s as a whole,", (compression) => {
  test.each(forms)("%s is the same image from a file and from a stream", async (_, make) => {
    const plain = await make();
    const packed = compressed(plain, compression);
    if (packed === undefined) return console.log(`skipped: ${compression} is not installed`);
    const path = join(folder, "image.tar");
    writeFileSync(path, packed);

    expect(await everything(await imageFile(path).open())).toMatchObject(expected);
    expect(await everything(await imageStream(memoryBytes(packed, 777).read(0, packed.length)).open())).toMatchObject(
      expected,
    );
  });
});

test("an archive and a directory may be called what they are, and not what they are not", async () => {
  const path = join(folder, "named.tar");
  const save = await dockerArchive(literal);
  writeFileSync(path, save);
  const opened = (kind: "docker-archive" | "oci-archive" | "oci-dir") => imageFile(path, { kind }).open();

  expect(await everything(await opened("docker-archive"))).toMatchObject(expected);
  await expect(opened("oci-archive")).rejects.toThrow("oci-archive");
  await expect(opened("oci-dir")).rejects.toThrow("it is a file, not a directory");
  const stream = imageStream(memoryBytes(save, 777).read(0, save.length), { kind: "docker-archive" });
  expect(await everything(await stream.open())).toMatchObject(expected);
  writeFileSync(path, await tarOf(await ociLayoutFiles(literal, { gzip: true })));
  expect(await everything(await opened("oci-archive"))).toMatchObject(expected);
});

function compressed(bytes: Uint8Array, compression: string): Uint8Array | undefined {
  if (compression === "plain") return bytes;
  if (compression === "gzip") return gzipSync(bytes);
  const { stdout, error } = spawnSync(compression, ["-c"], { input: bytes, maxBuffer: 1 << 26 });
  return error === undefined ? stdout : undefined;
}

test("a layout in a directory is the same image, and a stream is read once", async () => {
  for (const [path, bytes] of Object.entries(await ociLayoutFiles(literal, { gzip: true }))) {
    mkdirSync(dirname(join(folder, "layout", path)), { recursive: true });
    writeFileSync(join(folder, "layout", path), bytes);
  }
  const archive = await dockerArchive(literal);
  const stream = imageStream(memoryBytes(archive).read(0, archive.length));

  expect(await everything(await imageFile(join(folder, "layout")).open())).toMatchObject(expected);
  await (await stream.open()).close?.();
  await expect(stream.open()).rejects.toThrow("read only once");
});

test("chunks of a content have memory of their own, unless who reads it asks for none", async () => {
  const path = join(folder, "chunks.tar");
  writeFileSync(path, await dockerArchive({ layers: [{ file: randomBytes(700_000) }] }, { gzip: true }));
  const image = await imageFile(path, { readLayer: (job, own) => readLayer(job, own, nativeReading) }).open();
  const buffers = async (recycle: boolean): Promise<number> => {
    const seen = new Set<unknown>();
    for await (const entry of image.layers[0]?.entries({ limits: defaultLimits, recycle }) ?? [])
      if (entry.kind === "file") for await (const chunk of entry.content()) seen.add(chunk.buffer);
    return seen.size;
  };
  const own = await buffers(false);
  const shared = await buffers(true);
  await image.close?.();

  expect(own).toBeGreaterThan(2);
  expect(shared).toBe(1);
});

test("layers are expanded and hashed by what the caller gives", async () => {
  const path = join(folder, "own.tar");
  writeFileSync(path, await dockerArchive(literal, { gzip: true }));
  const used = { expanded: 0, hashed: 0 };
  const own: ImageFileOptions = {
    decompressors: {
      ...nativeDecompressors,
      gzip: (input, options) => (used.expanded++, nativeDecompressors.gzip(input, options)),
    },
    createHasher: (algorithm) => (used.hashed++, nativeHasher(algorithm)),
  };

  expect(await everything(await imageFile(path, own).open())).toMatchObject(expected);
  expect(used.expanded).toBe(2);
  expect(used.hashed).toBeGreaterThanOrEqual(2);
});

describe("a layer read in a thread", () => {
  const inThread = layerThreads({ minLayerBytes: 0, maxThreads: 1 });

  async function open(name: string, image: LiteralImage, options: object): Promise<Image> {
    const path = join(folder, `${name}.tar`);
    writeFileSync(path, await dockerArchive(image, { gzip: true }));
    return imageFile(path, options).open();
  }

  test("says what one read here says, as far as it was announced what is wanted", async () => {
    const wanted = { matches: [{ basename: "os-release" }, { magic: new TextEncoder().encode("\u007fELF") }] };
    const here = await everything(
      await open("here", literal, {
        readLayer: (job: never, own: EntriesOptions) => readLayer(job, own, nativeReading),
      }),
    );
    const there: unknown[] = [];
    const image = await open("there", literal, { readLayer: inThread });
    for (const layer of image.layers)
      for await (const entry of layer.entries({ limits: defaultLimits, ...wanted }))
        there.push(entry.kind === "file" && entry.path === "opt/data" ? entry.path : await withContent(entry));
    await image.close?.();

    expect(there).toEqual(here.map((said) => ((said as { path: string }).path === "opt/data" ? "opt/data" : said)));
  });

  test("gives each file its own content, whatever of the files before it nobody asked for", async () => {
    // 70,000 bytes come in more than one piece.
    const files = Array.from(
      { length: 40 },
      (_, at) => [`f/${at}`, `${at} `.repeat(at % 4 === 0 ? 20_000 : 3)] as const,
    );
    const image = await open("asked", { name: "app", layers: [Object.fromEntries(files)] }, { readLayer: inThread });
    const begins: (readonly [path: string, begin: string])[] = [];
    let seen = 0;
    for (const layer of image.layers)
      for await (const entry of layer.entries({ limits: defaultLimits, matches: [{ below: "f" }] })) {
        if (entry.kind !== "file" || ++seen % 3 === 0) continue;
        const content = entry.content()[Symbol.asyncIterator]();
        const { value } = await content.next();
        begins.push([entry.path, Buffer.from(value ?? []).toString("latin1", 0, 5)]);
        if (seen % 2 === 0) while ((await content.next()).done !== true);
      }
    await image.close?.();

    expect(begins).toHaveLength(27);
    expect(begins).toEqual(begins.map(([path]) => [path, `${path.slice(2)} `.repeat(3).slice(0, 5)]));
  });

  const program = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const port = 'import { parentPort } from "node:worker_threads";';
  const ready = 'parentPort.postMessage({ kind: "ready" });';

  test.each<readonly [string, URL | undefined]>([
    ["is not there, as in a bundle", new URL("file:///nowhere/layer-worker.js")],
    ["cannot be loaded", program('import "./not-there.js"')],
    ["ends before it says anything", program("process.exit(3)")],
    [
      "breaks when it is asked",
      program(`${port}${ready}parentPort.on("message", () => { throw new Error("broken"); })`),
    ],
    [
      "has no such open file",
      program(`${port}${ready}parentPort.on("message", () => parentPort.postMessage({ kind: "refused" }))`),
    ],
  ])("whose code %s is read here, with the same result, and so are all further ones", async (name, worker) => {
    const readThere = layerThreads({ minLayerBytes: 0, maxThreads: 2, worker });
    const image = await open(name.replaceAll(/\W/g, "-"), literal, { readLayer: readThere });
    const paths: string[] = [];
    for (let round = 0; round < 2; round++)
      for (const layer of image.layers)
        for await (const entry of layer.entries({ limits: defaultLimits, matches: [] }))
          if ("path" in entry) paths.push(entry.path);
    await image.close?.();
    const here = await open("plain", literal, {
      readLayer: (job: never, own: EntriesOptions) => readLayer(job, own, nativeReading),
    });
    const once: string[] = [];
    for (const layer of here.layers)
      for await (const entry of layer.entries({ limits: defaultLimits })) if ("path" in entry) once.push(entry.path);
    await here.close?.();

    expect(paths).toEqual([...once, ...once]);
  });

  test.each([
    ["compressed, of so many bytes", { gzip: true, bytes: 40_000 }, "there"],
    ["plain, of as many", { gzip: false, bytes: 40_000 }, "here"],
    ["plain, of six times as many", { gzip: false, bytes: 130_000 }, "there"],
  ])("is one that is %s", async (_, { gzip, bytes }, place) => {
    const answer =
      '{ kind: "end", bytes: 0, failure: { kind: "malformed-image", label: "layer", reason: "read there" } }';
    const worker = program(
      `${port}${ready}parentPort.on("message", (m) => m.kind === "start" && parentPort.postMessage(${answer}))`,
    );
    const path = join(folder, `${bytes}-${gzip}.tar`);
    const content = randomBytes(bytes);
    writeFileSync(path, await dockerArchive({ layers: [{ file: content }] }, { gzip }));
    const image = await imageFile(path, { readLayer: layerThreads({ minLayerBytes: 20_000, worker }) }).open();
    const read = async (): Promise<string> => {
      for await (const _entry of image.layers[0]?.entries({ limits: defaultLimits, matches: [] }) ?? []);
      return "here";
    };
    const told = await read().catch((error: unknown) => String(error));
    await image.close?.();

    expect(told).toMatch(place);
  });

  test("ends with its reader, and lets the thread be used again", async () => {
    const many = Object.fromEntries(Array.from({ length: 7_000 }, (_, at) => [`d/${at}`, ""]));
    const image = await open("many", { layers: [many] }, { readLayer: inThread });
    const read = async (): Promise<number> => {
      let count = 0;
      for await (const _ of image.layers[0]?.entries({ limits: defaultLimits, matches: [] }) ?? [])
        if (++count === 10) break;
      return count;
    };

    for (let round = 0; round < 5; round++) expect(await read()).toBe(10);
    let all = 0;
    for await (const _ of image.layers[0]?.entries({ limits: defaultLimits, matches: [] }) ?? []) all++;
    expect(all).toBe(7_000);
    const stop = new AbortController();
    const aborted = (async () => {
      const options = { limits: defaultLimits, matches: [], signal: stop.signal };
      for await (const _ of image.layers[0]?.entries(options) ?? []) stop.abort(new Error("enough"));
    })();
    await expect(aborted).rejects.toThrow("enough");
    await image.close?.();
  });
});

test("both ways to native gunzip give the same, for several members and for damage", async () => {
  const packed = Buffer.concat([gzipSync("hello, "), gzipSync(new Uint8Array(600_000)), gzipSync("world")]);
  const outcome = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
    const parts: Uint8Array[] = [];
    try {
      for await (const part of stream) parts.push(part.slice());
    } catch (error) {
      return (error as Error).name;
    }
    return Buffer.concat(parts).toString("latin1");
  };

  for (const bytes of [
    packed,
    packed.subarray(0, -3),
    packed.subarray(0, 30),
    Buffer.concat([packed, Buffer.from("x")]),
  ]) {
    const direct = await outcome(gunzipDirectly(memoryBytes(bytes, 50).read(0, bytes.length), { recycle: true }));

    expect(direct).toBe(await outcome(gunzipStreamed(memoryBytes(bytes, 50).read(0, bytes.length))));
    expect(direct === "FormatError").toBe(bytes !== packed);
  }
});

test("what came out of native gunzip stays until more is asked for, although more is expanded meanwhile", async () => {
  const plain = Buffer.from(Array.from({ length: 300_000 }, (_, at) => String(at)).join(","));
  const packed = gzipSync(plain);
  let at = 0;
  for await (const part of gunzipDirectly(memoryBytes(packed, packed.length).read(0, packed.length), {
    recycle: true,
  })) {
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(plain.compare(part, 0, part.length, at, at + part.length)).toBe(0);
    at += part.length;
  }

  expect(at).toBe(plain.length);
});

test("native gunzip gives small members together, and what came before damage", async () => {
  const members = Array.from({ length: 500 }, (_, at) => gzipSync(`file ${at}\n`));
  const packed = Buffer.concat([...members, Buffer.from("rubbish")]);
  const parts: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const part of gunzipDirectly(memoryBytes(packed, packed.length).read(0, packed.length), {}))
      parts.push(Buffer.from(part).toString());
  };

  await expect(reading()).rejects.toThrow("no gzip header");
  expect(parts).toEqual([Array.from({ length: 500 }, (_, at) => `file ${at}\n`).join("")]);
});

test("a layer whose bytes hash to its diff ID needs no CRC, and changed bytes are told by the diff ID", async () => {
  const plain = await tarOf({ "etc/motd": "hello" });
  const diffId: Digest = `sha256:${createHash("sha256").update(plain).digest("hex")}`;
  const stored = gzipSync(plain, { level: 0 });
  const wrongSum = Uint8Array.from(stored)
    .with(stored.length - 8, 0)
    .with(stored.length - 7, 0);
  const changed = Uint8Array.from(stored).with(stored.indexOf("hello"), 0x48);
  const diagnosticsOf = async (packed: Uint8Array): Promise<readonly string[]> => {
    const stream = (): ByteStream => memoryBytes(packed, 100).read(0, packed.length);
    const blob = { size: packed.length, stream };
    const job = { ref: { index: 0, diffId }, blob, verify: true, allowance: Infinity };
    const said: string[] = [];
    for await (const entry of readLayer(job, { limits: defaultLimits }, nativeReading))
      if (entry.kind === "diagnostic") said.push(entry.code);
    return said;
  };

  expect(await diagnosticsOf(wrongSum)).toEqual([]);
  expect(await diagnosticsOf(changed)).toEqual(["digest-mismatch"]);
});

test("native gunzip may be left while more is expanded", async () => {
  const packed = gzipSync(new Uint8Array(2_000_000));
  const parts = gunzipDirectly(memoryBytes(packed, packed.length).read(0, packed.length), { recycle: true });

  expect((await parts.next()).value?.length).toBeGreaterThan(0);
  expect(await parts.return(undefined)).toEqual({ done: true, value: undefined });
});
