import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as crypto from "node:crypto";
import { afterAll, expect, test, vi } from "vitest";
import type { Terminal } from "./command-line.ts";
import { writeOutput } from "./output.ts";

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof crypto>();
  return { ...real, randomBytes: vi.fn(real.randomBytes) };
});

const folder = mkdtempSync(join(tmpdir(), "plimsoll-output-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const terminal = {} as Terminal; // as: nothing is written to it

test("a report comes into its place by way of a name of 64 random bits, of which nothing is left", async () => {
  const names = new Set<string>();
  for (const text of ["one", "two"]) {
    await writeOutput([text], join(folder, "report"), terminal);
    names.add(String(vi.mocked(randomBytes).mock.results.at(-1)?.value));
  }

  expect(vi.mocked(randomBytes).mock.calls).toEqual([[8], [8]]);
  expect(names.size).toBe(2);
  expect([readFileSync(join(folder, "report"), "utf8"), readdirSync(folder)]).toEqual(["two", ["report"]]);
});

test.skipIf(process.platform === "win32")("what lies under that name already is not written through", async () => {
  const guessed = Buffer.alloc(8, 7);
  vi.mocked(randomBytes).mockImplementationOnce(() => guessed);
  const victim = join(folder, "victim");
  symlinkSync(victim, join(folder, `other.${guessed.toString("hex")}.tmp`));

  await expect(writeOutput(["mine"], join(folder, "other"), terminal)).rejects.toThrow();
  expect([existsSync(victim), existsSync(join(folder, "other"))]).toEqual([false, false]);
});
