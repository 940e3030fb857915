import crypto from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Terminal } from "./command-line.ts";
import { writeOutput } from "./output.ts";

const { randomBytes } = crypto;
/** How many bytes were drawn, and what they were. */
const drawn: { readonly size: number; readonly bytes: Buffer }[] = [];
let next: Buffer | undefined;
beforeAll(() => {
  const noted = (size: number): Buffer => {
    const bytes = next ?? randomBytes(size);
    next = undefined;
    drawn.push({ size, bytes });
    return bytes;
  };
  // Other tests of the process have loaded the module that draws: its import follows what the built-in exports now.
  Object.assign(crypto, { randomBytes: noted });
  syncBuiltinESMExports();
});
afterAll(() => {
  Object.assign(crypto, { randomBytes });
  syncBuiltinESMExports();
});

const folder = mkdtempSync(join(tmpdir(), "plimsoll-output-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const terminal = {} as Terminal; // as: nothing is written to it

test("a report comes into its place by way of a name of 64 random bits, of which nothing is left", async () => {
  for (const text of ["one", "two"]) await writeOutput([text], join(folder, "report"), terminal);

  expect(drawn.map(({ size }) => size)).toEqual([8, 8]);
  expect(drawn[0]?.bytes.equals(drawn[1]?.bytes ?? new Uint8Array())).toBe(false);
  expect([readFileSync(join(folder, "report"), "utf8"), readdirSync(folder)]).toEqual(["two", ["report"]]);
});

test.skipIf(process.platform === "win32")("what lies under that name already is not written through", async () => {
  next = Buffer.alloc(8, 7);
  const victim = join(folder, "victim");
  symlinkSync(victim, join(folder, `other.${next.toString("hex")}.tmp`));

  await expect(writeOutput(["mine"], join(folder, "other"), terminal)).rejects.toThrow();
  expect([existsSync(victim), existsSync(join(folder, "other"))]).toEqual([false, false]);
});
