import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSealingKey, sealingKeyIn } from "./sealing-key.ts";

describe("the key of a data directory", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-key-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test("is made once, is read by nobody else, and stays the same", () => {
    const directory = join(folder, "data");
    const first = sealingKeyIn(directory);

    expect(first).toHaveLength(32);
    expect(sealingKeyIn(directory)).toEqual(first);
    expect(readdirSync(directory)).toEqual(["sealing.key"]);
    expect(statSync(join(directory, "sealing.key")).mode & 0o077).toBe(0);
  });

  test("is not made up when its file is damaged", () => {
    writeFileSync(join(folder, "sealing.key"), "c2hvcnQ=\n");

    expect(() => sealingKeyIn(folder)).toThrow("sealing.key holds no key: 32 bytes in base64 are needed");
    expect(() => readSealingKey("not base64", "key.txt")).toThrow("key.txt holds no key");
  });
});
