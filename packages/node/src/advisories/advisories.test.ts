import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedPath } from "@plimsoll/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildAdvisories } from "./build-advisories.ts";
import { ensureAdvisories } from "./ensure-advisories.ts";
import { importAdvisories } from "./import-advisories.ts";
import { openAdvisories } from "./open-advisories.ts";
import { defaultStorePath } from "./store-path.ts";
import { defaultCacheDirectory } from "../cache/default-cache-directory.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-advisories-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function record(id: string, version: string): string {
  return JSON.stringify({
    id,
    modified: "2024-01-01T00:00:00Z",
    affected: [{ package: { ecosystem: "npm", name: "x" }, versions: [version] }],
  });
}

function mirror(records: Readonly<Record<string, string>>): string {
  const path = join(folder, "mirror");
  mkdirSync(join(path, "npm"), { recursive: true });
  for (const [id, version] of Object.entries(records)) {
    writeFileSync(join(path, "npm", `${id}.json`), record(id, version));
  }
  return path;
}

const key = { namespace: "npm", name: "x", version: "1" };

test("a folder of records becomes a store file, and nothing else stays", async () => {
  const output = join(folder, "cache", "advisories.plimsoll");

  const result = await buildAdvisories({ from: [mirror({ "A-1": "1", "A-2": "2" })], output });
  const store = await openAdvisories(output);

  expect(result.sources).toEqual([
    { id: "osv/npm", read: 2, records: 2, skipped: {}, updatedAt: "2024-01-01T00:00:00Z" },
  ]);
  expect((await store.find([key]))[0]?.map((row) => row.advisory)).toEqual(["A-1", "A-2"]);
  expect(store.revision).toBe(result.revision);
  expect(store.size).toBe(result.size);
  await store.close?.();
  expect(readdirSync(join(folder, "cache"))).toEqual(["advisories.plimsoll"]);
});

test("single files are taken as they are", async () => {
  const output = join(folder, "a.plimsoll");
  const file = join(mirror({ "A-1": "1" }), "npm", "A-1.json");

  expect((await buildAdvisories({ from: [file], output })).sources).toMatchObject([{ id: "osv/npm", records: 1 }]);
});

test("a reader keeps the old store while a new one takes its place", async () => {
  const output = join(folder, "a.plimsoll");
  await buildAdvisories({ from: [mirror({ "A-1": "1" })], output });
  const old = await openAdvisories(output);

  await buildAdvisories({ from: [mirror({ "A-2": "1" })], output });
  const fresh = await openAdvisories(output);

  expect((await old.find([key]))[0]).toHaveLength(1);
  expect((await fresh.find([key]))[0]).toHaveLength(2);
  await Promise.all([old.close?.(), fresh.close?.()]);
});

test("a failed build leaves the old store and no rubbish", async () => {
  const output = join(folder, "a.plimsoll");
  const from = [mirror({ "A-1": "1" })];
  await buildAdvisories({ from, output });
  const before = readFileSync(output);
  const reason = new Error("enough");

  await expect(buildAdvisories({ from, output, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

  expect(readFileSync(output)).toEqual(before);
  expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "mirror"]);
});

describe("a store from elsewhere", () => {
  test("is copied into place when it is whole", async () => {
    const file = join(folder, "made.plimsoll");
    const built = await buildAdvisories({ from: [mirror({ "A-1": "1" })], output: file });
    const output = join(folder, "cache", "a.plimsoll");

    expect(await importAdvisories(file, { output })).toMatchObject({
      revision: built.revision,
      counts: { advisories: 1 },
    });
    expect(readFileSync(output)).toEqual(readFileSync(file));
  });

  test("is refused when any block is damaged, and the one in place stays", async () => {
    const output = join(folder, "a.plimsoll");
    await buildAdvisories({ from: [mirror({ "A-1": "1" })], output });
    const before = readFileSync(output);
    const damaged = Buffer.from(before);
    damaged[20] = (damaged[20] ?? 0) ^ 1;
    writeFileSync(join(folder, "damaged"), damaged);

    await expect(importAdvisories(join(folder, "damaged"), { output })).rejects.toMatchObject({
      failure: { kind: "store-unreadable" },
    });
    expect(readFileSync(output)).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(["a.plimsoll", "damaged", "mirror"]);
  });
});

test("a service with the API of osv.dev is asked, when its address is given", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end(request.method === "POST" ? '{"results":[{"vulns":[{"id":"A-1"}]}]}' : record("A-1", "1"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const store = await openAdvisories(url);

    expect(await store.find([key])).toMatchObject([[{ advisory: "A-1", versions: ["1"] }]]);
    expect(asked).toEqual(["POST /v1/querybatch", "GET /v1/vulns/A-1"]);
    await expect(openAdvisories(url, { offline: true })).rejects.toMatchObject({ failure: { kind: "store-missing" } });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe("what is missing or no store is told", () => {
  test("nothing to build from", async () => {
    const building = buildAdvisories({ from: [folder], output: join(folder, "a.plimsoll") });

    await expect(building).rejects.toMatchObject({ failure: { kind: "malformed-document" } });
  });

  test("no such directory", async () => {
    const building = buildAdvisories({ from: [join(folder, "none")], output: join(folder, "a.plimsoll") });

    await expect(building).rejects.toMatchObject({ failure: { kind: "malformed-document" } });
  });

  test("no such store", async () => {
    await expect(openAdvisories(join(folder, "none"))).rejects.toThrow(
      /no such file; `plimsoll db build --from FEEDS --output FILE` makes one/,
    );
  });

  test("a directory", async () => {
    await expect(openAdvisories(folder)).rejects.toMatchObject({ name: "ScanError" });
  });

  test("another file", async () => {
    writeFileSync(join(folder, "text"), "text");

    await expect(openAdvisories(join(folder, "text"))).rejects.toMatchObject({
      failure: { kind: "store-unreadable", label: join(folder, "text") },
    });
  });
});

test.each([
  [{ PLIMSOLL_CACHE_DIR: "/p", XDG_CACHE_HOME: "/x" }, join("/p", "advisories.plimsoll")],
  [{ XDG_CACHE_HOME: "/x" }, join("/x", "plimsoll", "advisories.plimsoll")],
])("with %j the default store is %s", (environment, expected) => {
  expect(defaultStorePath(defaultCacheDirectory(environment, "linux"))).toBe(expected);
});

test("a given cache directory comes first", () => {
  expect(defaultStorePath("/c")).toBe(join("/c", "advisories.plimsoll"));
});

const data = sharedPath("data");

/** Records per folder of the mirror, and how many of them are left out for what reason. */
const counted: readonly (readonly [string, number, Readonly<Record<string, number>>])[] = [
  ["AlmaLinux", 5_637, { "no security advisory": 1_200 }],
  ["Alpine", 2_432, {}],
  ["Bitnami", 7_444, {}],
  ["Debian", 27_207, {}],
  ["Go", 4_291, { withdrawn: 17 }],
  ["Packagist", 1_592, {}],
  ["PyPI", 2_661, { withdrawn: 10 }],
  ["RubyGems", 1_232, {}],
  ["Wolfi", 15_386, {}],
  ["crates.io", 1_205, { withdrawn: 13 }],
  ["npm", 467, {}],
];

describe.skipIf(data === undefined)("the whole mirror", () => {
  test("is stored record for record, and what is left out has a reason", async () => {
    const output = join(folder, "a.plimsoll");

    const result = await buildAdvisories({ from: [join(data ?? "", "osv"), join(data ?? "", "kev")], output });
    const store = await openAdvisories(output);

    const balance = counted.map(([name, read, skipped]) => ({
      id: `osv/${name}`,
      read,
      records: Object.values(skipped).reduce((rest, count) => rest - count, read),
      skipped,
    }));
    expect(store.sources.filter(({ id }) => id.startsWith("osv/"))).toMatchObject(balance);
    expect(result.problems).toBe(0);
    expect(store.counts?.advisories).toBe(balance.reduce((sum, { records }) => sum + records, 0));
    expect((await store.enrich(["CVE-2021-44228"]))[0]?.knownExploited?.dateAdded).toBe("2021-12-10");
    const [alma] = await store.find([{ namespace: "AlmaLinux:9", name: "bash", version: "5" }]);
    expect(alma?.length).toBeGreaterThan(0);
    await store.close?.();
  });
});

test.skipIf(process.platform === "win32")(
  "the database of the cache is not believed when anybody could have put it there",
  async () => {
    const cacheDir = join(folder, "cache");
    const output = defaultStorePath(cacheDir);
    await buildAdvisories({ from: [mirror({ "A-1": "1" })], output });
    const open = (): Promise<unknown> => ensureAdvisories({ cacheDir, offline: true, ecosystems: [] });
    await open();

    chmodSync(output, 0o666);
    await expect(open()).rejects.toMatchObject({
      failure: {
        kind: "store-unreadable",
        reason: expect.stringContaining("everybody may write to it; remove it, or name it with --db"),
      },
    });
    // Who names it has looked at it.
    await (await openAdvisories(output)).close?.();
    chmodSync(output, 0o644);
    writeFileSync(`${output}.changes`, "");
    chmodSync(`${output}.changes`, 0o666);
    await expect(open()).rejects.toMatchObject({ failure: { kind: "store-unreadable", label: `${output}.changes` } });
  },
);

test.skipIf(process.platform === "win32")(
  "what is written is nobody else's to change, whatever the umask",
  async () => {
    const before = process.umask(0);
    try {
      const output = defaultStorePath(join(folder, "cache"));
      await buildAdvisories({ from: [mirror({ "A-1": "1" })], output });

      expect(statSync(output).mode & 0o022).toBe(0);
      expect(statSync(join(folder, "cache")).mode & 0o022).toBe(0);
    } finally {
      process.umask(before);
    }
  },
);
