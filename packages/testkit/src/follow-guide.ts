import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** A copy of a package with the changes that a guide describes. */
export interface FollowedGuide {
  /** Folder of the copy, to be removed after the tests. */
  readonly folder: string;
  /** The changed files below `src`: a new file, or `file +lines` where lines were added. */
  readonly changed: readonly string[];
  /** Loads a module of the copy's `src`. */
  load(file: string): Promise<Readonly<Record<string, unknown>>>;
}

/**
 * Follows a guide in a copy of its package: each TypeScript block becomes the file that the text before it names, and a fragment (`no-check`) is
 * appended to that file.
 */
export function followGuide(page: string, packageFolder: string): FollowedGuide {
  const own = join(repository, "packages", packageFolder);
  const folder = mkdtempSync(join(own, ".planted-"));
  const sources = join(folder, "src");
  cpSync(join(own, "src"), sources, {
    recursive: true,
    filter: (path) => !/\/fixtures(\/|$)|\.(test|fuzz)\.ts$/.test(path),
  });
  const blocks = blocksOf(readFileSync(join(repository, page), "utf8"), packageFolder);
  for (const { file, code, isAdded } of blocks) {
    const path = join(sources, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, isAdded ? `${readFileSync(path, "utf8")}${code}` : code);
  }
  return {
    folder,
    changed: blocks.map(({ file, code, isAdded }) => (isAdded ? `${file} +${code.trim().split("\n").length}` : file)),
    load: (file) =>
      import(/* @vite-ignore */ pathToFileURL(join(sources, file)).href) as Promise<Readonly<Record<string, unknown>>>,
  };
}

interface GuideBlock {
  readonly file: string;
  readonly code: string;
  readonly isAdded: boolean;
}

function blocksOf(text: string, packageFolder: string): readonly GuideBlock[] {
  return [...text.matchAll(/^```ts([^\n]*)\n([^]*?)^```/gm)].flatMap(({ 1: info = "", 2: code = "", index }) => {
    const names = text.slice(0, index).matchAll(new RegExp(`\`packages/${packageFolder}/src/([^\`\\s]+\\.ts)\``, "g"));
    const file = [...names].at(-1)?.[1];
    return file === undefined ? [] : [{ file, code, isAdded: info.includes("no-check") }];
  });
}
