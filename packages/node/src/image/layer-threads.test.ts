import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rangeBlob, readLayer } from "@plimsoll/image";
import type { LayerJob, LayerReader } from "@plimsoll/image";
import { ScanError, compileMatchers, defaultLimits } from "@plimsoll/model";
import type { Diagnostic, Digest, EntriesOptions, FileMatcher, LayerEntry } from "@plimsoll/model";
import { dockerArchive, oneOf, randomFrom, sha256, tarOf, wholeBelow } from "@plimsoll/testkit";
import type { LiteralEntry, Random } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { BatchBuilder, BatchMemory } from "./batch-builder.ts";
import { fileBytes } from "./file-bytes.ts";
import { handleBytes } from "./handle-bytes.ts";
import { layerThreads } from "./layer-threads.ts";
import { nativeReading } from "./native-reading.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-threads-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const here: LayerReader = (job, options) => readLayer(job, options, nativeReading);
const inThread = layerThreads({ minLayerBytes: 0, maxThreads: 2 });

interface Reading {
  readonly reader: LayerReader;
  readonly matches: readonly FileMatcher[];
  readonly diffId?: Digest;
  readonly verify?: boolean;
  readonly allowance?: number;
  readonly options?: Partial<EntriesOptions>;
  /** Chooses how much of a file is looked at. */
  readonly random?: Random;
  /** Called for every entry. */
  readonly onEntry?: (count: number) => Promise<void> | void;
}

let files = 0;

/** Everything that is said of a layer in a file to one who asks for what the matchers mean, and how it ended. */
async function told(stored: Uint8Array, reading: Reading): Promise<readonly string[]> {
  const path = join(folder, `${++files}.blob`);
  // What lies around the layer must not be read.
  const around = new Uint8Array(1_000).fill(0x55);
  writeFileSync(path, Buffer.concat([around, stored, around]));
  const bytes = await fileBytes(path);
  try {
    return await toldOf(rangeBlob(bytes, 1_000, 1_000 + stored.length), { ...reading, label: path });
  } finally {
    await bytes.close();
  }
}

async function toldOf(
  blob: LayerJob["blob"],
  { reader, matches, label, random = () => 0.9, onEntry, ...given }: Reading & { readonly label: string },
): Promise<readonly string[]> {
  const said: string[] = [];
  let produced = -1;
  const job: LayerJob = {
    ref: { index: 3, diffId: given.diffId ?? sha256("unknown") },
    blob,
    verify: given.verify ?? true,
    allowance: given.allowance ?? Infinity,
    onBytes: (count) => (produced = count),
  };
  const wanted = compileMatchers([matches]);
  try {
    for await (const entry of reader(job, { limits: defaultLimits, matches, ...given.options })) {
      said.push(await describeEntry(entry, wanted, random));
      await onEntry?.(said.length);
    }
    said.push(`${produced} bytes`);
  } catch (error) {
    said.push(`ended: ${error instanceof ScanError ? error.failure.kind : ""} ${String(error)}`);
  }
  return said.map((text) => text.replaceAll(label, "<file>"));
}

/** Asks for content as a scan does: by the path, else by as many first bytes as matter; of what is wanted all, a part, or nothing. */
async function describeEntry(
  entry: LayerEntry | Diagnostic,
  wanted: ReturnType<typeof compileMatchers>,
  random: Random,
): Promise<string> {
  if (entry.kind !== "file") return JSON.stringify(entry);
  const { path, size, executable } = entry;
  const head = `${executable ? "program" : "file"} ${path} ${size}`;
  const magicLength = wanted.magicLength(executable);
  const byPath = wanted.byPath(path) !== undefined;
  if (!byPath && (magicLength === 0 || size === 0)) return head;
  const most = oneOf(random, [0, 1, magicLength, 70_000, Infinity, Infinity], Infinity);
  if (byPath && most === 0) return head;
  const source = entry.content()[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  const read = async (count: number): Promise<void> => {
    while (length < count) {
      const { done, value } = await source.next();
      if (done === true) break;
      parts.push(value.slice());
      length += value.length;
    }
  };
  const shown = (): string => sha256(Buffer.concat(parts).subarray(0, most === Infinity ? length : most));
  try {
    await read(byPath ? most : magicLength);
    if (!byPath && wanted.byMagic(Buffer.concat(parts), executable) === undefined)
      return `${head} begins ${Buffer.concat(parts).toString("hex", 0, magicLength)}`;
    await read(most);
    return `${head} ${shown()}`;
  } catch (error) {
    return `${head} ${most === Infinity ? shown() : ""} broke: ${String(error)}`;
  }
}

const elf = "\u007fELF";
const matcherSets: readonly (readonly FileMatcher[])[] = [
  [],
  [{ suffix: "" }],
  [{ basename: "list" }, { suffix: ".jar" }],
  [
    { magic: Buffer.from(elf), executable: true },
    { basename: "list", outside: "d1" },
  ],
  [{ magic: Buffer.from("#!") }, { magic: new Uint8Array(), executable: true }, { path: "d1/list" }],
  [{ below: "d1" }, { stem: "x" }, { magic: Buffer.from("a long beginning of a file"), executable: false }],
  [{ directory: "d2", beginning: "l", ending: "t" }, { directory: "d3" }, { magic: Buffer.from("PK") }],
];

function oddLayer(random: Random, count: number): Readonly<Record<string, LiteralEntry>> {
  const layer: Record<string, LiteralEntry> = {};
  const names = ["list", "x.jar", "xyz", "a", "program"];
  const beginnings = ["", elf, "#!", "#", "PK", "a long beginning of a file", "a long begin", elf.slice(0, 3)];
  const lengths = [0, 0, 1, 3, 30, 511, 512, 513, 5_000, 70_000, 300_000];
  for (let at = 0; at < count; at++) {
    const path = `d${wholeBelow(random, 5)}/${random() < 0.5 ? `${at}/` : ""}${oneOf(random, names, "a")}`;
    const kind = random();
    const filler = String(at).repeat(Math.ceil(oneOf(random, lengths, 0) / String(at).length));
    const content = oneOf(random, beginnings, "") + filler;
    if (kind < 0.6) layer[path] = content;
    else if (kind < 0.8) layer[path] = { executable: content };
    else if (kind < 0.85) layer[path] = { symlink: "../list" };
    else if (kind < 0.9) layer[path] = { hardlink: "d1/list" };
    else if (kind < 0.95) layer[`d${wholeBelow(random, 5)}/.wh.${at}`] = "";
    else layer[`d${wholeBelow(random, 5)}/${at}/`] = "";
  }
  return layer;
}

/** Every file a gzip member of its own, as stargz does it. */
function inMembers(plain: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < plain.length; at += 7_000) parts.push(gzipSync(plain.subarray(at, at + 7_000), { level: 1 }));
  return Buffer.concat(parts);
}

function zstd(plain: Uint8Array): Uint8Array {
  return spawnSync("zstd", ["-1", "-c"], { input: plain, maxBuffer: 1 << 26 }).stdout;
}

const forms: readonly (readonly [string, (plain: Uint8Array) => Uint8Array])[] = [
  ["plain", (plain) => plain],
  ["gzip", (plain) => gzipSync(plain)],
  ["gzip in many members", inMembers],
  ...(spawnSync("zstd", ["--version"]).error === undefined ? [["zstd", zstd] as const] : []),
];

describe.each(forms)("what is said of a layer, %s, is the same with and without a thread", (_, store) => {
  test("whatever is asked for, and however much of it is read", async () => {
    for (const [seed, matches] of matcherSets.entries()) {
      const plain = await tarOf(oddLayer(randomFrom(seed), 150));
      const reading = { matches, diffId: sha256(plain), verify: seed % 2 === 0 };
      const withoutThread = await told(store(plain), { ...reading, reader: here, random: randomFrom(seed) });

      expect(withoutThread.length).toBeGreaterThan(75);
      expect(await told(store(plain), { ...reading, reader: inThread, random: randomFrom(seed) })).toEqual(
        withoutThread,
      );
    }
  });

  test("wherever it is cut or damaged, and within whatever limits it must stay", async () => {
    const random = randomFrom(7);
    const plain = await tarOf(oddLayer(random, 60));
    const whole = store(plain);
    const cuts = Array.from({ length: 12 }, () => whole.subarray(0, wholeBelow(random, whole.length)));
    const damaged = Array.from({ length: 12 }, () => {
      const copy = whole.slice();
      for (let at = 0; at < 3; at++) copy[wholeBelow(random, copy.length)] = wholeBelow(random, 256);
      return copy;
    });
    for (const [at, stored] of [new Uint8Array(0), whole, ...cuts, ...damaged].entries()) {
      const reading: Omit<Reading, "reader"> = {
        matches: matcherSets[at % matcherSets.length] ?? [],
        diffId: sha256(plain),
        verify: at % 3 !== 0,
        ...(at % 4 === 1 ? { allowance: plain.length / 2 } : {}),
        ...(at % 4 === 2 ? { options: { limits: { ...defaultLimits, maxEntriesPerLayer: 20 } } } : {}),
      };

      expect(await told(stored, { ...reading, reader: inThread }), `case ${at}`).toEqual(
        await told(stored, { ...reading, reader: here }),
      );
    }
  });
});

describe("a layer in a thread", () => {
  const small = { "a/list": "1", "b/list": "2", "c/list": "3" };
  const everyFile: readonly FileMatcher[] = [{ suffix: "" }];

  test("that is larger than what is on its way at once is the same, and so are several at once", async () => {
    const random = randomFrom(21);
    const plains = await Promise.all(Array.from({ length: 3 }, () => tarOf(oddLayer(random, 1_500))));
    const read = (reader: LayerReader): Promise<readonly (readonly string[])[]> =>
      Promise.all(plains.map((plain) => told(gzipSync(plain, { level: 1 }), { reader, matches: everyFile })));

    expect(await read(inThread)).toEqual(await read(here));
  });

  test("whose file cannot be read says why as it is said without a thread", async () => {
    const path = join(folder, "unreadable");
    writeFileSync(path, "x".repeat(2_000));
    // Open for writing alone: the system refuses every read.
    const handle = await open(path, "a");
    const bytes = handleBytes(handle, 2_000, "the label");
    const outcome = (reader: LayerReader): Promise<readonly string[]> =>
      toldOf(rangeBlob(bytes, 0, 2_000), { reader, matches: everyFile, label: path });

    expect(await outcome(inThread)).toEqual(await outcome(here));
    expect(await outcome(here)).toEqual([
      expect.stringContaining("the label is not a readable image: reading failed: EBADF"),
    ]);
    await bytes.close();
  });

  test("is read there from as many bytes as was said, and here below that", async () => {
    const stored = gzipSync(await tarOf(small));
    let readHere = 0;
    const read = async (minLayerBytes: number): Promise<number> => {
      const threads = layerThreads({ minLayerBytes });
      const reader: LayerReader = (job, options) => {
        const stream: typeof job.blob.stream = (given) => (readHere++, job.blob.stream(given));
        return threads({ ...job, blob: { ...job.blob, stream } }, options);
      };
      expect(await told(stored, { reader, matches: everyFile })).toHaveLength(5);
      return readHere;
    };

    expect([await read(stored.length), await read(stored.length + 1)]).toEqual([0, 1]);
  });

  test("is not read on once nobody needs it, and what was read of it counts", async () => {
    const stored = gzipSync(await tarOf({ zeros: new Uint8Array(50_000_000) }));
    const path = join(folder, "zeros");
    writeFileSync(path, stored);
    const bytes = await fileBytes(path);
    let onBytes: ((count: number) => void) | undefined;
    const produced = new Promise<number>((resolve) => (onBytes = resolve));
    const job = { ref: { index: 0, diffId: sha256("") }, verify: false, allowance: Infinity, onBytes };
    const options = { limits: defaultLimits, matches: [], signal: AbortSignal.abort(new Error("enough")) };
    const entries = inThread({ ...job, blob: rangeBlob(bytes, 0, stored.length) }, options)[Symbol.asyncIterator]();

    await expect(entries.next()).rejects.toThrow("enough");
    expect(await produced).toBeLessThan(40_000_000);
    await bytes.close();
  });

  test("of which nobody asks for more lets the process end", async () => {
    const image = join(folder, "left.tar");
    const many = Object.fromEntries(Array.from({ length: 8_000 }, (_, at) => [`d/${at}`, ""]));
    writeFileSync(image, await dockerArchive({ layers: [many] }));
    const { href } = new URL("../../dist/index.js", import.meta.url);
    const script = `
      const { imageFile, layerThreads } = await import(${JSON.stringify(href)});
      const options = { readLayer: layerThreads({ minLayerBytes: 0 }) };
      const { layers } = await imageFile(${JSON.stringify(image)}, options).open();
      const entries = layers[0].entries({ limits: ${JSON.stringify(defaultLimits)}, matches: [] });
      console.log((await entries[Symbol.asyncIterator]().next()).value.path);`;
    const options = { encoding: "utf8", timeout: 300_000 } as const;
    const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], options);

    expect({ status, stdout }).toEqual({ status: 0, stdout: "d/0\n" });
  });

  const program = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const port = 'import { parentPort } from "node:worker_threads"; parentPort.postMessage({ kind: "ready" });';

  test.each([0, 1, 2, 5])("whose thread dies after %d batches is read to its end here", async (batches) => {
    const real = new URL("../../dist/image/layer-worker.js", import.meta.url);
    const dying = program(
      `import { parentPort } from "node:worker_threads";
      const post = parentPort.postMessage.bind(parentPort);
      let left = ${batches};
      parentPort.postMessage = (message, transfer) => {
        if (message.kind === "batch" && left-- === 0) process.exit(1);
        post(message, transfer);
      };
      await import(${JSON.stringify(real.href)});`,
    );
    const noise = Buffer.from(
      Array.from({ length: 200_000 }, (_, at) => (at * 2_654_435_761) % 4_294_967_291).join(" "),
    );
    const plain = await tarOf({ ...small, ...oddLayer(randomFrom(3), 40), noise, "d/list": "4", "e/list": "5" });
    const read = (reader: LayerReader): Promise<readonly string[]> =>
      told(gzipSync(plain), { reader, matches: everyFile, diffId: sha256(plain), random: randomFrom(5) });

    const reader = layerThreads({ minLayerBytes: 0, worker: dying });
    const expected = await read(here);
    // The second one goes to a thread that dies, too, or is read here from the start.
    for (let round = 0; round < 2; round++) expect(await read(reader)).toEqual(expected);
  });

  test("is given to a new thread while an idle one ends", async () => {
    // This thread finds nothing in any layer, which tells its answers from those of the reader here.
    const empty = program(
      `${port}parentPort.on("message", ({ kind }) => kind === "start" && parentPort.postMessage({ kind: "end", bytes: 7 }))`,
    );
    const stored = gzipSync(await tarOf(small));
    const reader = layerThreads({ minLayerBytes: 0, worker: empty });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      for (let round = 0; round < 3; round++) {
        expect(await told(stored, { reader, matches: everyFile })).toEqual(["7 bytes"]);
        vi.advanceTimersByTime(60_000);
      }
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the memory in which threads send content", () => {
  const every: readonly FileMatcher[] = [{ suffix: "" }];

  /** An opened layer of files that no compression makes small, and what they hold. */
  async function layerOf(names: readonly string[]): Promise<{
    readonly bytes: Awaited<ReturnType<typeof fileBytes>>;
    readonly digests: readonly Digest[];
  }> {
    const contents = names.map(() => new Uint8Array(randomBytes(700_000)));
    const path = join(folder, `${++files}.blob`);
    writeFileSync(path, await tarOf(Object.fromEntries(names.map((name, index) => [name, contents[index] ?? ""]))));
    return { bytes: await fileBytes(path), digests: contents.map((content) => sha256(content)) };
  }

  function jobOf(bytes: Awaited<ReturnType<typeof fileBytes>>, onBytes?: () => void): LayerJob {
    const blob = rangeBlob(bytes, 0, bytes.size);
    return { ref: { index: 0, diffId: sha256("unknown") }, blob, verify: false, allowance: Infinity, onBytes };
  }

  async function digestsOf(entries: AsyncIterable<LayerEntry | Diagnostic>): Promise<Digest[]> {
    const found: Digest[] = [];
    for await (const entry of entries) {
      if (entry.kind !== "file") continue;
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.content()) chunks.push(chunk);
      found.push(sha256(Buffer.concat(chunks)));
    }
    return found;
  }

  test("takes turns among a few places", () => {
    const memory = new BatchMemory(5);
    const builder = new BatchBuilder(memory);
    const places = new Set<unknown>();
    for (let batch = 0; batch < 40; batch++) {
      for (let at = 0; !builder.isFull; at++)
        expect(builder.chunk(new Uint8Array(100_000).fill(at))).toBeGreaterThan(0);
      places.add(builder.take().content.buffer);
    }

    expect(places.size).toBe(5);
  });

  test("is handed over to those who are done with each chunk, others get a copy", async () => {
    const { bytes, digests } = await layerOf(["a", "b", "c", "d", "e"]);
    const buffers = async (recycle: boolean): Promise<ReadonlySet<string>> => {
      const seen = new Set<string>();
      for await (const entry of inThread(jobOf(bytes), { limits: defaultLimits, matches: every, recycle }))
        if (entry.kind === "file") for await (const { buffer } of entry.content()) seen.add(buffer.constructor.name);
      return seen;
    };

    expect(await buffers(true)).toEqual(new Set(["SharedArrayBuffer"]));
    expect(await buffers(false)).toEqual(new Set(["ArrayBuffer"]));
    expect(await digestsOf(inThread(jobOf(bytes), { limits: defaultLimits, matches: every }))).toEqual(digests);
    await bytes.close();
  });

  test("is not written to for another layer while somebody still reads, nor waited for", async () => {
    const [first, second] = [await layerOf(["a", "b"]), await layerOf(["c", "d", "e", "f", "g"])];
    const reader = layerThreads({ minLayerBytes: 0, maxThreads: 1 });
    const options = { limits: defaultLimits, matches: every, recycle: true };
    let isSent = (): void => undefined;
    const sent = new Promise<void>((resolve) => (isSent = resolve));
    const read: Digest[] = [];
    for await (const entry of reader(
      jobOf(first.bytes, () => isSent()),
      options,
    )) {
      if (entry.kind !== "file") continue;
      // All of it lies here, and the thread is free.
      await sent;
      expect(await digestsOf(reader(jobOf(second.bytes), { ...options, recycle: false }))).toEqual(second.digests);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry.content()) chunks.push(chunk.slice());
      read.push(sha256(Buffer.concat(chunks)));
    }

    expect(read).toEqual(first.digests);
    await first.bytes.close();
    await second.bytes.close();
  });

  test("is given back for what nobody read to its end", async () => {
    const { bytes, digests } = await layerOf(["a", "b", "c", "d", "e", "f"]);
    const reader = layerThreads({ minLayerBytes: 0, maxThreads: 1 });
    const options = { limits: defaultLimits, matches: every, recycle: true };
    for (let round = 0; round < 8; round++)
      for await (const entry of reader(jobOf(bytes), options)) {
        if (entry.kind !== "file") continue;
        for await (const _ of entry.content()) break;
        break;
      }

    expect(await digestsOf(reader(jobOf(bytes), { ...options, recycle: false }))).toEqual(digests);
    await bytes.close();
  });
});
