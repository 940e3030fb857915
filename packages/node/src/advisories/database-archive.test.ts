import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { boltFile, sqliteFile, tarOf } from "@plimsoll/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildAdvisories } from "./build-advisories.ts";
import { openAdvisories } from "./open-advisories.ts";
import type { OpenedAdvisories } from "./open-advisories.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-archive-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const trivy = boltFile({ "alpine 3.20": { musl: { "CVE-2024-0001": '{"FixedVersion":"1.2.5-r1"}' } } });
const key = { namespace: "Alpine:v3.20", name: "musl", version: "1.2.5-r0" };
const metadata = JSON.stringify({ Version: 2, UpdatedAt: "2026-01-01T00:00:00Z" });

async function open(path: string): Promise<OpenedAdvisories> {
  return openAdvisories(path, { cacheDir: join(folder, "cache") });
}

describe.skipIf(trivy === undefined)("Trivy's database", () => {
  test("opens as the archive that is distributed, under any name, and is unpacked once", async () => {
    const path = join(folder, "anything");
    writeFileSync(path, gzipSync(await tarOf({ "trivy.db": trivy ?? "", "metadata.json": metadata })));

    for (const _ of ["first", "again"]) {
      const store = await open(path);
      expect(await store.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
      expect(store.sources).toEqual([{ id: "trivy-db", records: 0, updatedAt: "2026-01-01T00:00:00Z" }]);
      await store.close?.();
    }
    expect(readdirSync(join(folder, "cache", "databases"))).toHaveLength(1);
  });

  test("opens by itself, with the metadata beside it", async () => {
    const path = join(folder, "trivy.db");
    writeFileSync(path, trivy ?? "");
    writeFileSync(join(folder, "metadata.json"), metadata);

    const store = await open(path);

    expect(await store.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
    expect(store.sources).toMatchObject([{ updatedAt: "2026-01-01T00:00:00Z" }]);
    await store.close?.();
  });

  test("another one under the same path takes the place of the one kept, and a reader keeps the old one", async () => {
    const path = join(folder, "db.tar.gz");
    writeFileSync(path, gzipSync(await tarOf({ "trivy.db": trivy ?? "" })));
    const old = await open(path);
    const newer = boltFile({ "alpine 3.20": { musl: { "CVE-2024-0002": '{"FixedVersion":"1.2.5-r1"}' } } });
    writeFileSync(join(folder, "new"), gzipSync(await tarOf({ "trivy.db": newer ?? "" })));
    renameSync(join(folder, "new"), path);

    const fresh = await open(path);

    expect(await fresh.find([key])).toMatchObject([[{ advisory: "CVE-2024-0002" }]]);
    expect(await old.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
    expect(readdirSync(join(folder, "cache", "databases"))).toHaveLength(1);
    await Promise.all([old.close?.(), fresh.close?.()]);
  });

  test("opens where no cache can be written", async () => {
    const path = join(folder, "db.tar");
    writeFileSync(path, await tarOf({ "trivy.db": trivy ?? "" }));
    writeFileSync(join(folder, "cache"), "a file, no directory");

    const store = await open(path);

    expect(await store.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
    await store.close?.();
  });
});

const grype = sqliteFile(
  [
    "CREATE TABLE `blobs` (`id` integer PRIMARY KEY AUTOINCREMENT,`value` text NOT NULL);",
    "CREATE TABLE `vulnerability_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`name` text NOT NULL,`status` text NOT NULL,`published_date` datetime,`modified_date` datetime,`withdrawn_date` datetime,`provider_id` text NOT NULL,`blob_id` integer);",
    "CREATE TABLE `packages` (`id` integer PRIMARY KEY AUTOINCREMENT,`ecosystem` text COLLATE NOCASE,`name` text COLLATE NOCASE);",
    "CREATE TABLE `operating_systems` (`id` integer PRIMARY KEY AUTOINCREMENT,`name` text,`release_id` text,`major_version` text,`minor_version` text,`label_version` text,`codename` text,`channel` text);",
    "CREATE TABLE `affected_package_handles` (`id` integer PRIMARY KEY AUTOINCREMENT,`vulnerability_id` integer NOT NULL,`operating_system_id` integer,`package_id` integer,`blob_id` integer);",
    "INSERT INTO vulnerability_handles VALUES(1,'CVE-2024-0001','active',NULL,'2026-01-01 00:00:00+00:00',NULL,'alpine',1);",
    "INSERT INTO packages VALUES(1,'apk','musl');",
    "INSERT INTO operating_systems VALUES(1,'alpine','alpine','3','20','','','');",
    "INSERT INTO affected_package_handles VALUES(1,1,1,1,2);",
    `INSERT INTO blobs VALUES(1,'{"id":"CVE-2024-0001"}'),(2,'{"ranges":[{"version":{"type":"apk","constraint":"< 1.2.5-r1"},"fix":{"version":"1.2.5-r1","state":"fixed"}}]}');`,
  ].join("\n"),
);

describe.skipIf(grype === undefined)("Grype's database", () => {
  test("opens by itself, and is converted once", async () => {
    const path = join(folder, "grype.db");
    writeFileSync(path, grype ?? "");

    const stores = [await open(path), await open(path)];

    for (const store of stores) {
      expect(await store.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
      expect(store.sources).toMatchObject([{ id: "grype-db", records: 1, updatedAt: "2026-01-01T00:00:00Z" }]);
      await store.close?.();
    }
    const kept = readdirSync(join(folder, "cache", "databases"));
    expect(kept).toHaveLength(1);
    expect(readdirSync(join(folder, "cache", "databases", kept[0] ?? ""))).toEqual(["advisories.plimsoll"]);
  });

  test.each(["zst", "xz", "gz"])("opens as an archive with .%s", async (kind) => {
    const program = { zst: "zstd", xz: "xz", gz: "gzip" }[kind] ?? kind;
    writeFileSync(join(folder, "db.tar"), await tarOf({ "vulnerability.db": grype ?? "", "import.json": "{}" }));
    const packed = spawnSync(program, ["-c", join(folder, "db.tar")]);
    if (packed.error !== undefined) return console.warn(`no ${program}: the archive it makes is not tried`);
    const path = join(folder, `vulnerability-db_v6.1.9.tar.${kind}`);
    writeFileSync(path, packed.stdout);

    const store = await open(path);

    expect(await store.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
    await store.close?.();
    expect(readdirSync(join(folder, "cache", "databases"))).toHaveLength(1);
  });

  test("that cannot be read whole is refused, and nothing of it is kept", async () => {
    const path = join(folder, "vulnerability.db");
    writeFileSync(path, (grype ?? new Uint8Array()).subarray(0, 9_000));

    await expect(open(path)).rejects.toMatchObject({ failure: { kind: "store-unreadable", label: path } });
    expect(readdirSync(join(folder, "cache", "databases"))).toEqual([]);
  });
});

test("a store of our own in an archive opens", async () => {
  const store = await buildAdvisories({ from: [writeRecord()], output: join(folder, "advisories.plimsoll") });
  const path = join(folder, "a.tar.gz");
  writeFileSync(
    path,
    gzipSync(await tarOf({ "./advisories.plimsoll": readFileSync(join(folder, "advisories.plimsoll")) })),
  );

  expect((await open(path)).revision).toBe(store.revision);
});

function writeRecord(): string {
  const path = join(folder, "A-1.json");
  const affected = [{ package: { ecosystem: "npm", name: "x" }, versions: ["1"] }];
  writeFileSync(path, JSON.stringify({ id: "A-1", modified: "2024-01-01T00:00:00Z", affected }));
  return path;
}

test("what a process that is gone left half made is removed", async () => {
  const path = join(folder, "a.tar");
  await buildAdvisories({ from: [writeRecord()], output: join(folder, "advisories.plimsoll") });
  writeFileSync(path, await tarOf({ "advisories.plimsoll": readFileSync(join(folder, "advisories.plimsoll")) }));
  mkdirSync(join(folder, "cache", "databases", "making-999999999-x"), { recursive: true });

  await (await open(path)).close?.();

  expect(readdirSync(join(folder, "cache", "databases"))).toHaveLength(1);
});

test.each([
  ["an archive without a database", gzipSync(await tarOf({ "other.txt": "x" }))],
  ["an archive with a database of another purpose", gzipSync(await tarOf({ "trivy-java.db": "x" }))],
  ["a plain archive that ends early", (await tarOf({ "trivy.db": "x".repeat(5000) })).subarray(0, 2000)],
  ["gzip of nothing known", gzipSync("hello")],
  ["damaged gzip", new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8])],
  ["an SQLite database of another schema", sqliteFile("CREATE TABLE t(a);") ?? gzipSync("hello")],
])("%s is told", async (_, bytes) => {
  const path = join(folder, "broken");
  writeFileSync(path, bytes);

  await expect(open(path)).rejects.toMatchObject({ failure: { kind: "store-unreadable", label: path } });
});

test("an archive that expands beyond measure is refused long before it has filled the disk", async () => {
  const path = join(folder, "bomb");
  const header = (await tarOf({ "trivy.db": "" })).slice(0, 512);
  // The size of the only file, 1 GiB, and the checksum over the header with it.
  header.set(Buffer.from("10000000000\0"), 124);
  header.set(Buffer.from("        "), 148);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.set(Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024), { level: 9 });
  writeFileSync(path, Buffer.concat([gzipSync(header), ...Array.from({ length: 64 }, () => zeros)]));
  const handle = await openFile(path);
  const write = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, "writeFile"); // as: all handles have one prototype
  await handle.close();

  await expect(open(path)).rejects.toMatchObject({
    failure: { kind: "store-unreadable", reason: expect.stringContaining("200 times") },
  });

  const written = write.mock.calls.reduce((sum, [chunk]) => sum + (chunk as Uint8Array).length, 0); // as: all that is written here
  write.mockRestore();
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(256 * 1024 * 1024);
  expect(readdirSync(join(folder, "cache", "databases"))).toEqual([]);
});
