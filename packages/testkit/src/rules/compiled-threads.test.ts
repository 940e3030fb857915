import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-compiled-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface CompileChanged {
  compileChanged(folder: string): void;
}
interface Bundles {
  isNewer(bundled: readonly string[], sources: readonly string[]): boolean;
}
interface Config {
  readonly default: { readonly test: { readonly globalSetup: string } };
}

/** What is plain JavaScript, since it runs before anything is built. */
async function imported<T>(path: string): Promise<T> {
  return (await import(new URL(path, import.meta.url).href)) as T; // as: what the module exports
}

test("tests begin by compiling what changed, so that their threads are not of an older build", async () => {
  const { compileChanged } = await imported<CompileChanged>("../../tasks/compile-changed.mjs");
  const { default: config } = await imported<Config>("../../vitest.config.mjs");
  expect(config.test.globalSetup).toMatch(/\/tasks\/compile-changed\.mjs$/);

  const options = { composite: true, rootDir: ".", outDir: "dist", types: [], strict: true };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
  const compiled = (source: string): string => {
    writeFileSync(join(folder, "thread.ts"), source);
    compileChanged(folder);
    return readFileSync(join(folder, "dist/thread.js"), "utf8");
  };

  expect(compiled("export const answer: number = 1;\n")).toContain("answer = 1");
  expect(compiled("export const answer: number = 2;\n")).toContain("answer = 2");
  // What does not fit is compiled, too: whoever is in the middle of a change sees its tests.
  expect(compiled("export const answer: number = '3';\n")).toContain("answer = '3'");
});

test("a bundle is made anew until all of its files are newer than what it is made of", async () => {
  const { isNewer } = await imported<Bundles>("../../tasks/bundles.mjs");
  const [index = "", thread = "", source = ""] = ["index.js", "layer-worker.js", "source.js"].map((name) =>
    join(folder, name),
  );
  const write = (path: string, second: number): void => {
    writeFileSync(path, "");
    utimesSync(path, second, second);
  };
  write(source, 2_000);
  write(index, 3_000);

  expect(isNewer([index, thread], [source])).toBe(false);
  // Whoever wrote the first was stopped before the second.
  write(thread, 1_000);
  expect(isNewer([index, thread], [source])).toBe(false);
  write(thread, 3_000);
  expect(isNewer([index, thread], [source])).toBe(true);
});
