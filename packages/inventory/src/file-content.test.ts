import { defaultLimits } from "@plimsoll/model";
import type { FileAnalyzer, LayerFile, PartDetector, ScratchSpace } from "@plimsoll/model";
import { literalImage } from "@plimsoll/testkit";
import { describe, expect, test, vi } from "vitest";
import { FileContent, openFile, SpareMemory } from "./file-content.ts";
import { takeInventory } from "./index.ts";
import { Marks, MarkSearch } from "./mark-search.ts";

const megabyte = 1024 * 1024;

/** A file of so many megabytes, each filled with its number. */
function largeFile(megabytes: number): LayerFile {
  return {
    kind: "file",
    path: "usr/bin/browser",
    size: megabytes * megabyte,
    executable: true,
    async *content() {
      for (let index = 0; index < megabytes; index++) yield new Uint8Array(megabyte).fill(index);
    },
  };
}

/** Space that is lost after `room` bytes. */
function scratch(room = Infinity): { readonly open: () => ScratchSpace; readonly log: string[] } {
  const log: string[] = [];
  return {
    log,
    open() {
      log.push("open");
      const parts: Uint8Array[] = [];
      let size = 0;
      return {
        append(bytes) {
          if (size + bytes.length > room) throw new Error("no space left");
          parts.push(bytes.slice());
          size += bytes.length;
        },
        read: (start, end) => new Uint8Array(Buffer.concat(parts).subarray(start, end)),
        close: () => log.push(`close ${size}`),
      };
    },
  };
}

const path = "usr/bin/browser";
const limit = defaultLimits.maxEntryBytes;

describe("the content of a file", () => {
  test("that is too large for memory lies elsewhere until it is closed", async () => {
    const space = scratch();
    const content = new FileContent(largeFile(40), space.open);
    const held = await content.ranges(path, limit);

    expect(held.size).toBe(40 * megabyte);
    expect([...held.read(39 * megabyte - 1, 39 * megabyte + 1)]).toEqual([38, 39]);
    expect(held.read(40 * megabyte - 2, 41 * megabyte)).toHaveLength(2);
    await content.close();
    expect(space.log).toEqual(["open", `close ${40 * megabyte}`]);
  });

  test("may be larger elsewhere than in memory, but not without end", async () => {
    const allowed = 20 * megabyte;
    const large = new FileContent(largeFile(30), scratch().open);
    expect((await large.ranges(path, allowed)).size).toBe(30 * megabyte);
    await expect(large.bytes(path, allowed)).rejects.toThrow("limit");

    await expect(new FileContent(largeFile(30)).ranges(path, allowed)).rejects.toThrow("limit");
    await expect(new FileContent(largeFile(30), scratch(25 * megabyte).open).ranges(path, allowed)).rejects.toThrow(
      "limit",
    );
    await expect(new FileContent(largeFile(161), scratch().open).ranges(path, allowed)).rejects.toThrow("limit");
  });

  test("that fits into memory stays there", async () => {
    const space = scratch();
    const content = new FileContent(largeFile(16), space.open);

    expect((await content.ranges(path, limit)).size).toBe(16 * megabyte);
    expect(space.log).toEqual([]);
  });

  test.each([
    ["there is none", undefined],
    ["it is full from the start", scratch(0).open],
    ["it is full in the middle", scratch(20 * megabyte).open],
  ])("stays in memory where space elsewhere is missing: %s", async (_, open) => {
    const content = new FileContent(largeFile(24), open);
    const bytes = await content.bytes(path, limit);

    expect(bytes).toHaveLength(24 * megabyte);
    expect([0, 15, 16, 20, 23].map((index) => bytes[index * megabyte + 7])).toEqual([0, 15, 16, 20, 23]);
  });

  test("is streamed from where it lies to those who come later", async () => {
    const content = new FileContent(largeFile(20), scratch().open);
    await content.ranges(path, limit);
    const file = openFile(path, content, {
      limits: defaultLimits,
      nested: { bytes: 0, entries: 0, isSpent: false },
      maxBytes: undefined,
      last: true,
    });
    const first: (number | undefined)[] = [];
    for await (const part of file.stream()) if (part[0] !== first.at(-1)) first.push(part[0]);

    expect(first).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });
});

test.each([1, 4, 5, 9, 40])(
  "the first bytes are still there when all are read, of a layer that uses its memory again (%i)",
  async (length) => {
    const memory = new Uint8Array(4);
    const content = new FileContent({
      size: 12,
      executable: true,
      async *content() {
        for (let at = 0; at < 12; at += 4) yield memory.fill(at);
      },
    });
    const head = [...(await content.head(length))];
    const all = [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8];

    expect(head).toEqual(all.slice(0, Math.min(12, Math.ceil(length / 4) * 4)));
    expect([...(await content.bytes(path, limit))]).toEqual(all);
  },
);

describe("a file that is searched while it is read", () => {
  const marks = new Marks([new TextEncoder().encode("a mark")]);

  async function read(spare: SpareMemory, file: LayerFile) {
    const content = new FileContent(file);
    const held = await content.ranges(path, limit, { search: new MarkSearch(marks), spare });
    return { content, held };
  }

  test("leaves its memory to the next one when nobody was shown it", async () => {
    const spare = new SpareMemory();
    const first = await read(spare, largeFile(3));
    await first.content.close();
    const memory = spare.take(megabyte) ?? expect.unreachable();
    expect(memory).toHaveLength(3 * megabyte);

    spare.leave(memory);
    const second = await read(spare, largeFile(2));
    expect(spare.take(1)).toBeUndefined();
    expect(second.held.read(megabyte, megabyte + 1).buffer).toBe(memory.buffer);
    expect(second.held.read(0, 9 * megabyte)).toHaveLength(2 * megabyte);
  });

  test.each([
    [-5, -1],
    [0, -1],
    [-3, 0],
    [megabyte, 0],
    [megabyte + 1, 3 * megabyte],
  ])("shows nothing of an earlier one from %i to %i", async (start, end) => {
    const spare = new SpareMemory();
    spare.leave(new Uint8Array(2 * megabyte).fill(255));
    const { held } = await read(spare, largeFile(1));

    expect(held.read(start, end)).toHaveLength(0);
  });

  test("keeps its memory when somebody was shown it, and no more than twice of what it needs", async () => {
    const spare = new SpareMemory();
    spare.leave(new Uint8Array(4 * megabyte).fill(255));
    const fitting = await read(spare, largeFile(2));
    const part = fitting.held.read(megabyte, 2 * megabyte);
    await fitting.content.close();
    expect(spare.take(1)).toBeUndefined();
    expect(part.buffer.byteLength).toBe(4 * megabyte);

    spare.leave(new Uint8Array(4 * megabyte).fill(255));
    const small = await read(spare, largeFile(1));
    expect(small.held.read(0, megabyte).buffer.byteLength).toBe(megabyte);
    expect(spare.take(1)).toHaveLength(4 * megabyte);
    await small.content.close();
    expect(spare.take(1)).toBeUndefined();
  });
});

describe("what was made out of a file", () => {
  function* pieces(megabytes: number): Generator<Uint8Array> {
    const piece = new Uint8Array(megabyte);
    for (let index = 0; index < megabytes; index++) yield piece.fill(index);
  }

  function opened(open: (() => ScratchSpace) | undefined, maxBytes?: number) {
    const content = new FileContent(largeFile(1), open);
    const nested = { bytes: 0, entries: 0, isSpent: false };
    const file = openFile(path, content, { limits: defaultLimits, nested, maxBytes, last: true });
    return { file, putAside: file.putAside ?? expect.unreachable() };
  }

  test("lies elsewhere where it is too large for memory, until it is closed", async () => {
    const space = scratch();
    const { file, putAside } = opened(space.open);
    const kept = await putAside("lib/a.jar", 20 * megabyte, pieces(20));

    expect(kept.size).toBe(20 * megabyte);
    expect([...kept.read(19 * megabyte - 1, 19 * megabyte + 1)]).toEqual([18, 19]);
    kept.close();
    kept.close();
    expect(space.log).toEqual(["open", `close ${20 * megabyte}`]);
    expect(() => kept.read(0, 1)).toThrow("lib/a.jar was read after it had been closed");
    file.close();
  });

  test("is gone when the analyzer has ended", async () => {
    const space = scratch();
    const { file, putAside } = opened(space.open);
    const kept = await putAside("lib/a.jar", 20 * megabyte, pieces(20));
    file.close();

    expect(space.log).toEqual(["open", `close ${20 * megabyte}`]);
    expect(() => kept.read(0, 1)).toThrow("closed");
    await expect(putAside("lib/b.jar", 1, [Uint8Array.of(1)])).rejects.toThrow("after its analyzer had ended");
  });

  test.each([true, false])("may lie where it cannot be given back: closed by the analyzer: %s", async (byAnalyzer) => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): number => rejections.push(reason);
    process.on("unhandledRejection", note);
    const { open } = scratch();
    const stuck = (): ScratchSpace => ({
      ...open(),
      close() {
        throw new Error("the disk is gone");
      },
    });
    const { file, putAside } = opened(stuck);
    const kept = await putAside("lib/a.jar", 20 * megabyte, pieces(20));
    if (byAnalyzer) kept.close();
    file.close();
    await new Promise((resolve) => setTimeout(resolve, 0));
    process.off("unhandledRejection", note);

    expect(rejections).toEqual([]);
  });

  test("is gone when the scan is stopped while the analyzer has it", async () => {
    const space = scratch();
    const stop = new AbortController();
    const analyzer: FileAnalyzer = {
      id: "archives/any",
      kind: "file",
      revision: 1,
      matches: [{ suffix: ".zip" }],
      async *analyze(file) {
        await file.putAside?.("lib/a.jar", 20 * megabyte, pieces(20));
        stop.abort(new Error("enough"));
        yield { kind: "diagnostic", code: "malformed-file", effect: "none", message: "late" };
      },
    };
    const detectors: PartDetector[] = [
      { id: "archives", analyzers: [analyzer], clean: () => undefined, collect: () => ({}) },
    ];
    const image = literalImage({ layers: [{ "srv/a.zip": "PK" }] });

    await expect(
      takeInventory(image, { ecosystems: [], detectors, scratch: space.open, signal: stop.signal }),
    ).rejects.toThrow("enough");
    expect(space.log).toEqual(["open", `close ${20 * megabyte}`]);
  });

  test("is not kept when it is too large or cannot be made", async () => {
    const space = scratch();
    const { putAside } = opened(space.open, 20 * megabyte);
    function* broken(): Generator<Uint8Array> {
      yield* pieces(18);
      throw new Error("damaged");
    }

    await expect(putAside("lib/a.jar", 161 * megabyte, pieces(1))).rejects.toThrow("limit");
    await expect(putAside("lib/a.jar", 18 * megabyte, broken())).rejects.toThrow("damaged");
    await expect(opened(undefined, 20 * megabyte).putAside("lib/a.jar", 21 * megabyte, pieces(1))).rejects.toThrow(
      "limit",
    );
    expect(space.log).toEqual(["open", `close ${18 * megabyte}`]);
  });

  test("takes no more memory on its way than what may be held of one file", async () => {
    let largest = 0;
    const Counted = new Proxy(Uint8Array, {
      construct(target, from: unknown[], newTarget) {
        // Views of buffers are made with them.
        if (typeof from[0] === "number") largest = Math.max(largest, from[0]);
        return Reflect.construct(target, from, newTarget) as Uint8Array; // as: of typed arrays
      },
    });
    const { putAside } = opened(scratch().open);
    vi.stubGlobal("Uint8Array", Counted);
    try {
      await putAside("lib/a.jar", 40 * megabyte, pieces(40));
    } finally {
      vi.unstubAllGlobals();
    }

    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThanOrEqual(16 * megabyte);
  });
});

describe("a program", () => {
  const shown: string[] = [];
  const analyzer = (id: string, mark?: string): FileAnalyzer => ({
    id,
    kind: "file",
    revision: 1,
    matches: [
      {
        magic: Uint8Array.of(0x7f, 0x45),
        executable: true,
        ...(mark === undefined ? {} : { marks: [new TextEncoder().encode(mark)] }),
      },
    ],
    analyze(file) {
      shown.push(`${id} ${file.path}`);
      return [];
    },
  });
  const detector: PartDetector = {
    id: "programs",
    analyzers: [analyzer("programs/any"), analyzer("programs/go", "buildinf"), analyzer("programs/rust", ".dep-v0")],
    clean: () => undefined,
    collect: () => ({}),
  };
  const content = (text: string) => ({ executable: `\u007fE${"x".repeat(5_000)}${text}` });

  test("is shown to those alone whose marks it holds", async () => {
    const image = literalImage({
      layers: [
        { "bin/go": content("buildinf"), "bin/plain": content(""), "bin/both": content(".dep-v0 and buildinf") },
      ],
    });
    shown.length = 0;
    await takeInventory(image, { ecosystems: [], detectors: [detector] });

    expect(shown.toSorted()).toEqual([
      "programs/any bin/both",
      "programs/any bin/go",
      "programs/any bin/plain",
      "programs/go bin/both",
      "programs/go bin/go",
      "programs/rust bin/both",
    ]);
  });
});
