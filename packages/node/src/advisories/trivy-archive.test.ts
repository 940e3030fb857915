import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { boltFile, tarOf } from "@plimsoll/testkit";
import { afterAll, expect, test } from "vitest";
import { openAdvisories } from "./open-advisories.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-trivy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const database = boltFile({ "alpine 3.20": { musl: { "CVE-2024-0001": '{"FixedVersion":"1.2.5-r1"}' } } });
const key = { namespace: "Alpine:v3.20", name: "musl", version: "1.2.5-r0" };

test.skipIf(database === undefined)("an archive as it is distributed opens under any name", async () => {
  const metadata = JSON.stringify({ Version: 2, UpdatedAt: "2026-01-01T00:00:00Z" });
  const path = join(folder, "anything");
  writeFileSync(path, gzipSync(await tarOf({ "trivy.db": database ?? "", "metadata.json": metadata })));

  const store = await openAdvisories(path);

  expect(await store.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
  expect(store.sources).toEqual([{ id: "trivy-db", records: 0, updatedAt: "2026-01-01T00:00:00Z" }]);
  await store.close?.();
});

test.skipIf(database === undefined)("so does the bare database", async () => {
  const path = join(folder, "trivy.db");
  writeFileSync(path, database ?? "");

  const store = await openAdvisories(path);

  expect(await store.find([key])).toMatchObject([[{ advisory: "CVE-2024-0001" }]]);
  await store.close?.();
});

test.each([
  ["an archive without a database", gzipSync(await tarOf({ "other.txt": "x" }))],
  ["gzip of nothing known", gzipSync("hello")],
  ["damaged gzip", new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8])],
])("%s is told", async (_, bytes) => {
  const path = join(folder, "broken");
  writeFileSync(path, bytes);

  await expect(openAdvisories(path)).rejects.toMatchObject({ failure: { kind: "store-unreadable", label: path } });
});
