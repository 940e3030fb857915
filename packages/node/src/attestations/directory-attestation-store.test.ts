import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScanError } from "@plimsoll/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { directoryAttestationStore } from "./directory-attestation-store.ts";

const image = `registry.example/app@sha256:${"a1".repeat(32)}`;
let folder = "";
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "plimsoll-attestations-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("attestations are files by the digest of their image, the same one once, and nothing else is kept of them", async () => {
  const store = directoryAttestationStore(folder);
  const first = { keyId: "a", signature: "AAAA", payload: "{}" };
  const second = { keyId: "b", signature: "-----BEGIN PGP MESSAGE-----", logEntry: "{}" };
  await Promise.all([first, second, { ...first, secret: "x" }].map((each) => store.put(image, each)));
  const found = await store.list(image);
  expect([...found].sort((a, b) => (a.keyId < b.keyId ? -1 : 1))).toEqual([first, second]);
  expect(readdirSync(join(folder, `sha256-${"a1".repeat(32)}`))).toHaveLength(2);
  expect(await store.list(`registry.example/app@sha256:${"0".repeat(64)}`)).toEqual([]);
});

test.each(["{", "[]", '{"keyId":1,"signature":"x"}', '{"keyId":"","signature":"x","payload":{}}'])(
  "a file that holds %s is an error, and not an image without attestations",
  async (text) => {
    const store = directoryAttestationStore(join(folder, "broken"));
    await store.put(image, { keyId: "a", signature: "AAAA" });
    const path = join(folder, "broken", `sha256-${"a1".repeat(32)}`, "odd.json");
    writeFileSync(path, text);
    await expect(store.list(image)).rejects.toBeInstanceOf(ScanError);
    rmSync(path);
  },
);

test("an image without a digest names no folder", async () => {
  await expect(directoryAttestationStore(folder).list("../../etc@sha256:1")).rejects.toBeInstanceOf(ScanError);
});
