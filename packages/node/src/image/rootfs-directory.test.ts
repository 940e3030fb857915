import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultLimits } from "@plimsoll/model";
import type { EntriesOptions, LayerEntry } from "@plimsoll/model";
import { countTurns } from "@plimsoll/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rootfsDirectory } from "./rootfs-directory.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-directory-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function* entriesOf(path: string, options: Partial<EntriesOptions> = {}): AsyncGenerator<LayerEntry> {
  const image = await rootfsDirectory(path, { kind: "filesystem" }).open();
  for (const layer of image.layers)
    for await (const entry of layer.entries({ limits: defaultLimits, ...options }))
      if (entry.kind !== "diagnostic") yield entry;
}

/** The files' contents, each as long as its pieces; `before` runs between listing and reading. */
async function contents(options: Partial<EntriesOptions> = {}, before = (): void => {}): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const entry of entriesOf(folder, options)) {
    if (entry.kind !== "file") continue;
    before();
    const parts: Uint8Array[] = [];
    for await (const part of entry.content()) parts.push(part);
    found.set(entry.path, Buffer.concat(parts).toString("latin1"));
  }
  return found;
}

describe("files of a directory", () => {
  test("have the same content whether they are read at once or by pieces", async () => {
    const sizes = [0, 1, 4_095, 65_535, 65_536, 65_537, 262_143, 262_144, 300_001, 600_000];
    for (const size of sizes) writeFileSync(join(folder, `of-${size}`), "abcdefg".repeat(size / 7 + 1).slice(0, size));

    const found = await contents();

    expect(sizes.map((size) => found.get(`of-${size}`)?.length)).toEqual(sizes);
    expect(found.get("of-600000")).toBe("abcdefg".repeat(600_000 / 7 + 1).slice(0, 600_000));
  });

  test.each([10, 100_000])("of %i bytes that grew since they were listed are read to their end", async (size) => {
    const path = join(folder, "log");
    writeFileSync(path, "a".repeat(size));

    const found = await contents({}, () => appendFileSync(path, "b".repeat(500_000)));

    expect(found.get("log")).toBe("a".repeat(size) + "b".repeat(500_000));
  });

  test("that became links since they were listed are not followed", async () => {
    writeFileSync(join(folder, "a"), "content");
    const swap = (): void => {
      unlinkSync(join(folder, "a"));
      symlinkSync("/etc/passwd", join(folder, "a"));
    };

    await expect(contents({}, swap)).rejects.toMatchObject({ failure: { kind: "malformed-image", label: "a" } });
  });

  test("are read no further than the signal lets", async () => {
    writeFileSync(join(folder, "a"), "content");
    const stop = new AbortController();

    await expect(contents({ signal: stop.signal }, () => stop.abort(new Error("enough")))).rejects.toThrow("enough");
  });

  test("leave others their turn between them", async () => {
    mkdirSync(join(folder, "many"));
    for (let at = 0; at < 1_000; at++) writeFileSync(join(folder, "many", `f${at}`), "x");
    const turns = countTurns();

    await contents();
    turns.stop();

    expect(turns.count).toBeGreaterThanOrEqual(10);
  });
});
