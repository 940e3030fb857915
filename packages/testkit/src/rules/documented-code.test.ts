import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readManifests, repository } from "./source-tree.ts";

interface Block {
  /** Where it stands: `docs/guide/ci.md:12`. */
  readonly origin: string;
  /** Named in the text before it, else made from the origin. */
  readonly file: string;
  readonly code: string;
}

/** TypeScript blocks of a page; `ts no-check` blocks are fragments and left out. */
function blocksOf(page: string, text: string): readonly Block[] {
  const blocks: Block[] = [];
  const fence = /^```ts[^\S\n]*([^\n]*)\n([\s\S]*?)^```/gm;
  for (const match of text.matchAll(fence)) {
    const [, info = "", code = ""] = match;
    if (info.includes("no-check")) continue;
    const line = text.slice(0, match.index).split("\n").length;
    const named = /`(packages\/[^`\n]+\.ts)`[^\n]*(?:\n[^\n]+)*\n\n$/.exec(
      text.slice(Math.max(0, match.index - 600), match.index),
    )?.[1];
    blocks.push({
      origin: `${page}:${line}`,
      file: named ?? `${page.replaceAll(/[^a-z0-9]+/gi, "-")}-${line}.ts`,
      code,
    });
  }
  return blocks;
}

function pages(): readonly string[] {
  const docs = ["docs", "docs/guide"].flatMap((directory) =>
    readdirSync(join(repository, directory))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${directory}/${name}`),
  );
  const manuals = [...readManifests().keys()]
    .map((name) => `packages/${name}/README.md`)
    .filter((path) => existsSync(join(repository, path)));
  return ["README.md", ...docs, ...manuals];
}

const folder = mkdtempSync(join(repository, "packages/testkit/.documented-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compile(blocks: readonly Block[]): string {
  for (const { file, code } of blocks) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${code}\nexport {};\n`);
  }
  const paths = Object.fromEntries(
    [...readManifests()].map(([name, manifest]) => [
      manifest.name,
      [`../../${name}/src/${name === "plimsoll" ? "node" : "index"}.ts`],
    ]),
  );
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../tsconfig.tests.json",
      compilerOptions: {
        incremental: false,
        tsBuildInfoFile: null,
        noUnusedLocals: false,
        noUnusedParameters: false,
        paths,
        rootDirs: [".", "../../.."],
        rootDir: "../../..",
      },
      include: ["**/*.ts", "../../*/src/**/*.d.ts"],
      exclude: [],
    }),
  );
  try {
    execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", folder], {
      encoding: "utf8",
      cwd: folder,
    });
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test("every TypeScript block of the documentation compiles", () => {
  const blocks = pages().flatMap((page) => blocksOf(page, readFileSync(join(repository, page), "utf8")));

  expect(blocks.length).toBeGreaterThan(10);
  expect(compile(blocks)).toBe("");
});

test("a block that does not compile is seen", () => {
  expect(
    compile([{ origin: "planted", file: "planted.ts", code: 'import { nothing } from "plimsoll";\nnothing();' }]),
  ).toContain("planted.ts");
  rmSync(join(folder, "planted.ts"));
});

test("every link between pages leads somewhere", () => {
  const broken = pages().flatMap((page) =>
    [...readFileSync(join(repository, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !existsSync(join(repository, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );

  expect(broken).toEqual([]);
});
