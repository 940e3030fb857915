import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { directoryCache } from "./directory-cache.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-cache-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Paths of the files in the cache, leftovers included. */
function files(): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

const bytes = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

describe("a cache in a directory", () => {
  test("gives what was put, to others too, and nothing for other keys", async () => {
    await directoryCache(folder).set("a/../../key", bytes(10, 1));

    expect(await directoryCache(folder).get("a/../../key")).toEqual(bytes(10, 1));
    expect(await directoryCache(folder).get("key")).toBeUndefined();
    expect(files()).toHaveLength(1);
  });

  test.each([
    ["a changed byte", (stored: Uint8Array) => stored.with(stored.length - 1, 9)],
    ["a changed seal", (stored: Uint8Array) => stored.with(3, (stored[3] ?? 0) ^ 1)],
    ["a missing end", (stored: Uint8Array) => stored.subarray(0, stored.length - 1)],
    ["nothing in it", () => new Uint8Array(0)],
  ])("takes an entry with %s for absent, removes it and keeps the next one", async (_, spoil) => {
    const cache = directoryCache(folder);
    await cache.set("key", bytes(100, 1));
    const [path = ""] = files();
    writeFileSync(path, spoil(new Uint8Array(readFileSync(path))));

    expect(await cache.get("key")).toBeUndefined();
    expect(files()).toEqual([]);
    await cache.set("key", bytes(100, 2));
    expect(await cache.get("key")).toEqual(bytes(100, 2));
  });

  test("takes an entry that stands under another's name for absent", async () => {
    const cache = directoryCache(folder);
    await cache.set("one", bytes(100, 1));
    const [one = ""] = files();
    await cache.set("two", bytes(100, 2));
    const two = files().find((path) => path !== one) ?? "";
    writeFileSync(two, readFileSync(one));

    expect(await cache.get("two")).toBeUndefined();
    expect(await cache.get("one")).toEqual(bytes(100, 1));
  });

  test("forgets the least recently used when it is full, and refuses what is too large for it", async () => {
    const cache = directoryCache(folder, { maxBytes: 1000 });
    for (let at = 0; at < 5; at++) {
      const before = new Set(files());
      await cache.set(`key ${at}`, bytes(200 - 32, at));
      // Times of use a minute apart.
      for (const path of files()) if (!before.has(path)) utimesSync(path, 1000 + at * 60, 1000 + at * 60);
    }
    await cache.get("key 0");
    await cache.set("key 5", bytes(200 - 32, 5));
    await cache.set("too large", bytes(1000, 6));

    const known = await Promise.all([0, 1, 2, 3, 4, 5].map(async (at) => (await cache.get(`key ${at}`)) !== undefined));
    expect(known).toEqual([true, false, false, true, true, true]);
    expect(await cache.get("too large")).toBeUndefined();
  });

  test("removes what a writer that died left behind, not what one is writing", async () => {
    writeFileSync(join(folder, "old.tmp"), "half");
    utimesSync(join(folder, "old.tmp"), 1000, 1000);
    writeFileSync(join(folder, "new.tmp"), "half");

    await directoryCache(folder).set("key", bytes(1, 1));

    expect(files().map((path) => path.slice(folder.length + 1))).toEqual(expect.arrayContaining(["new.tmp"]));
    expect(files()).not.toContain(join(folder, "old.tmp"));
  });

  test.skipIf(process.platform === "win32")(
    "does not follow links, wait for pipes, or believe what everybody may write",
    async () => {
      const cache = directoryCache(folder);
      await cache.set("key", bytes(10, 1));
      const [path = ""] = files();
      const kept = join(folder, "kept");

      renameSync(path, kept);
      symlinkSync(kept, path);
      expect(await cache.get("key")).toBeUndefined();
      rmSync(path);
      execFileSync("mkfifo", [path]);
      expect(await cache.get("key")).toBeUndefined();
      rmSync(path);
      renameSync(kept, path);
      expect(await cache.get("key")).toEqual(bytes(10, 1));
      chmodSync(path, 0o666);
      expect(await cache.get("key")).toBeUndefined();

      await cache.set("key", bytes(10, 2));
      expect(await cache.get("key")).toEqual(bytes(10, 2));
      expect(statSync(path).mode & 0o777).toBe(0o600);
    },
  );

  test.skipIf(process.geteuid?.() !== 0)(
    "does not believe what belongs to others (needs root, who can give files away)",
    async () => {
      const cache = directoryCache(folder);
      await cache.set("key", bytes(10, 1));
      const [path = ""] = files();

      chownSync(path, 12_345, 12_345);
      expect(await cache.get("key")).toBeUndefined();
      // Below a directory that everybody may write to, a directory's owner is anybody.
      chownSync(folder, 12_345, 12_345);
      expect(await cache.get("key")).toBeUndefined();
      const own = join(folder, "home");
      mkdirSync(own);
      chownSync(own, 12_345, 12_345);
      const theirs = directoryCache(own);
      await theirs.set("key", bytes(10, 1));
      const [below = ""] = files().filter((each) => each.startsWith(own));
      chownSync(below, 12_345, 12_345);
      expect(await theirs.get("key")).toEqual(bytes(10, 1));
    },
  );

  test("that cannot be written is a cache that knows nothing", async () => {
    writeFileSync(join(folder, "file"), "");
    const cache = directoryCache(join(folder, "file"));

    await cache.set("key", bytes(10, 1));

    expect(await cache.get("key")).toBeUndefined();
  });

  test("written, read and emptied by several processes at once never gives half an entry or another's", async () => {
    // Compiled: Node 20 cannot run TypeScript.
    const compiled = new URL("../../dist/cache/directory-cache.js", import.meta.url);
    const script = `
      const { directoryCache } = await import(${JSON.stringify(compiled.href)});
      const cache = directoryCache(${JSON.stringify(folder)}, { maxBytes: 200_000 });
      let hits = 0;
      for (let round = 0; round < 150; round++) {
        const key = (round * Number(process.argv[1])) % 23;
        const value = await cache.get("key " + key);
        if (value !== undefined) {
          hits++;
          if (value.length !== 5_000 + key * 997 || value.some((byte) => byte !== key)) throw new Error("spoiled: " + key);
        }
        await cache.set("key " + key, new Uint8Array(5_000 + key * 997).fill(key));
      }
      console.log(hits);`;
    const run = (stride: number): Promise<string> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", script, String(stride)]);
        let said = "";
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += String(text)));
        child.on("close", (code) => (code === 0 ? resolve(said) : reject(new Error(said))));
      });
    mkdirSync(folder, { recursive: true });

    const hits = await Promise.all([1, 3, 5, 7].map(run));

    expect(hits.every((text) => Number(text) > 0)).toBe(true);
    expect(files().filter((path) => path.endsWith(".tmp"))).toEqual([]);
    expect(files().reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThan(400_000);
  });
});
