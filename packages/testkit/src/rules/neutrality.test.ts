import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readManifests, readSources, repository } from "./source-tree.ts";

/** By both of its names: `node:fs` and `fs`. */
function isOfNode(specifier: string): boolean {
  return specifier.startsWith("node:") || isBuiltin(specifier);
}

const forNode = new Set(["node", "server", "cli", "testkit"]);

/** The compiler is the lock: neutral packages compile without any Node typings. This proves that the lock holds. */
describe("neutral packages compile without Node", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(repository, "packages/model/.planted-"));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function compile(text: string): string {
    writeFileSync(join(folder, "planted.ts"), text);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: "../../testkit/tsconfig.package.json",
        compilerOptions: { composite: false, noEmit: true, rootDir: "." },
        include: ["planted.ts"],
      }),
    );
    try {
      execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", folder], {
        encoding: "utf8",
      });
      return "";
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  test.each([
    ["a node import", 'import { readFile } from "node:fs/promises";\nexport const planted: unknown = readFile;\n'],
    ["Buffer", "export const planted: unknown = Buffer.from([1]);\n"],
    ["process", "export const planted: unknown = process.env;\n"],
    ["document", "export const planted: unknown = document;\n"],
  ])("%s is an error", (_, text) => {
    expect(compile(text)).toContain("planted.ts");
  });

  test("neutral code is fine", () => {
    expect(compile("export const planted: Promise<Uint8Array> = new Response(new Blob([])).bytes();\n")).toBe("");
  });

  test.each([...readManifests().keys()].filter((name) => !forNode.has(name)))(
    "%s asks for no typings and keeps the compiler strict",
    (name) => {
      const config = JSON.parse(readFileSync(join(repository, "packages", name, "tsconfig.json"), "utf8")) as Record<
        string,
        unknown
      >;

      expect(config["extends"]).toBe("../testkit/tsconfig.package.json");
      expect(config["compilerOptions"]).toBeUndefined();
    },
  );

  test("no neutral source imports node modules", () => {
    const neutral = readSources().filter(
      ({ path }) => !forNode.has(path.split("/")[1] ?? "") && !/\.(test|fuzz)\.ts$/.test(path),
    );

    expect(neutral.filter(({ imports }) => imports.some(isOfNode)).map(({ path }) => path)).toEqual([]);
    expect(["node:fs", "fs", "fs/promises", "semver", "./fs.ts"].filter(isOfNode)).toEqual([
      "node:fs",
      "fs",
      "fs/promises",
    ]);
  });
});
