import { existsSync, readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { importsOf, readManifests, repository } from "./source-tree.ts";

/** Whoever installs a package has all types that its public declarations need, but for those of Node. */

const published = [...readManifests()].filter(([, manifest]) => manifest.private !== true);

/** What the declarations that an entry leads to import from elsewhere. */
function neededBy(entry: string): ReadonlySet<string> {
  const needed = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const name of importsOf(readFileSync(file, "utf8"))) {
      if (!name.startsWith(".")) needed.add(name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
      else visit(join(dirname(file), name.replace(/\.(?:ts|js)$/, ".d.ts")));
    }
  };
  visit(entry);
  return needed;
}

/** Whether a package brings types of its own. */
function isTyped(folder: string, name: string): boolean {
  const require = createRequire(join(repository, "packages", folder, "package.json"));
  const home = require.resolve
    .paths(name)
    ?.map((place) => join(place, ...name.split("/")))
    .find((place) => existsSync(place));
  if (home === undefined) return false;
  const manifest = readFileSync(join(home, "package.json"), "utf8");
  // Named, or beside the modules that are.
  if (/"(?:types|typings)":|\.d\.[cm]?ts"/.test(manifest)) return true;
  const modules = [...manifest.matchAll(/"(\.?\/?[\w./-]+\.[cm]?)js"/g)].map(([, path = ""]) => join(home, path));
  return modules.some((path) => existsSync(path.replace(/\.([cm]?)$/, ".d.$1ts")));
}

test.each(published)("%s", (folder, { dependencies = {}, name: own }) => {
  const entry = join(repository, "packages", folder, "dist/index.d.ts");
  const missing = [...neededBy(entry)].filter(
    (name) => !isBuiltin(name) && name !== own && !(Object.hasOwn(dependencies, name) && isTyped(folder, name)),
  );

  expect(missing).toEqual([]);
});

test("a package without types is seen", () => {
  expect(isTyped("server", "pg")).toBe(false);
  expect(isTyped("server", "kysely")).toBe(true);
});
