import { mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFileBytes } from "./file-bytes.ts";

test("a closed file gives no bytes, least of all those of another that got its number", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bytes-"));
  try {
    writeFileSync(join(folder, "one"), "one");
    writeFileSync(join(folder, "two"), "two");
    const bytes = openFileBytes(join(folder, "one"));
    expect(Buffer.from(bytes.readSync(0, 3)).toString()).toBe("one");
    await bytes.close();
    await bytes.close();
    const other = openSync(join(folder, "two"), "r");
    try {
      expect(() => bytes.readSync(0, 3)).toThrow("the file was closed");
      const drain = async (): Promise<void> => {
        for await (const _ of bytes.read(0, 3));
      };
      await expect(drain()).rejects.toThrow("the file was closed");
    } finally {
      closeSync(other);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
