import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { documentCache } from "./document-cache.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-documents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a manifest is kept for later processes", async () => {
  const manifest = bytes('{"schemaVersion":2,"layers":[]}');
  await documentCache(folder).set("registry-document/sha256:1", manifest);

  expect(await documentCache(folder).get("registry-document/sha256:1")).toEqual(manifest);
});

test("a configuration with a secret in its environment is not", async () => {
  const key = ["AKIA", "Z7QWERTYUIOPLKJH"].join("");
  await documentCache(folder).set(
    "registry-document/sha256:2",
    bytes(`{"config":{"Env":["AWS_ACCESS_KEY_ID=${key}"]}}`),
  );

  expect(await documentCache(folder).get("registry-document/sha256:2")).toBeUndefined();
});
