import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "./source-tree.ts";

/** The files below `packages` that a page names as what holds its promises. */
function namedFiles(page: string): readonly string[] {
  return [...page.matchAll(/`([a-z0-9-]+\/src\/[^`\s]+\.ts)`/g)].map(([, path = ""]) => path);
}

const missing = (page: string): readonly string[] =>
  namedFiles(page).filter((path) => !existsSync(join(repository, "packages", path)));

test("every test that the security model names is there", () => {
  const page = readFileSync(join(repository, "docs/guide/security.md"), "utf8");

  expect(namedFiles(page).length).toBeGreaterThan(40);
  expect(missing(page)).toEqual([]);
});

test("and one that is not is found out", () => {
  expect(missing("It holds (`model/src/index.ts`, `model/src/gone.test.ts`).")).toEqual(["model/src/gone.test.ts"]);
});
