import { defaultLimits } from "@plimsoll/model";
import type { FileAnalyzer, LayerFile, PartDetector, ScratchSpace } from "@plimsoll/model";
import { literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { FileContent, openFile } from "./file-content.ts";
import { takeInventory } from "./index.ts";

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
