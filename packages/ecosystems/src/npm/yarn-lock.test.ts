import type { Observation, RetainedFiles } from "@plimsoll/model";
import { analyzedFile, countTurns } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { yarnLock } from "./yarn-lock.ts";

test("a large lock keeps nobody else waiting while it is read, and is read as ever", async () => {
  const entries = Array.from(
    { length: 9_000 },
    (_, at) => `p${at}@^1.0.0:\n  version "1.0.${at}"\n  dependencies:\n    p${at + 1} "^1.0.0"\n`,
  );
  const file = analyzedFile("yarn.lock", `# yarn lockfile v1\n\n${entries.join("\n")}`);
  const files: RetainedFiles = {
    get: (path) => (path === file.path ? file : undefined),
    [Symbol.iterator]: () => [file].values(),
  };
  const turns = countTurns();
  const all: Observation[] = [];
  let turnsToFirst = 0;
  for await (const one of yarnLock.analyze(files, [], {})) {
    if (all.push(one) === 1) turnsToFirst = turns.count;
  }
  turns.stop();

  expect(all).toHaveLength(9_000);
  expect(all[17]).toMatchObject({ package: { name: "p17", version: "1.0.17" } });
  // Half a megabyte, whose lines are eight times as much work to understand as to read.
  expect(turnsToFirst).toBeGreaterThanOrEqual(10);
});

/** What a lock beside manifests says of each package: who it needs, how it stands to the project, and its scope. */
async function read(contents: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const held = Object.entries(contents).map(([path, text]) => analyzedFile(path, text));
  const files: RetainedFiles = {
    get: (path) => held.find((file) => file.path === path),
    [Symbol.iterator]: () => held.values(),
  };
  const found: Record<string, string> = {};
  for await (const one of yarnLock.analyze(files, [], {})) {
    if (one.kind !== "package") continue;
    const { name, version, key, relationship, scope, dependsOn = [] } = one.package;
    found[`${name}@${version}#${key?.split("#")[1]}`] = [
      relationship,
      scope ?? "needed",
      ...dependsOn.map((needed) => needed.split("#")[0]),
    ].join(" ");
  }
  return found;
}

const berry = (entries: readonly (readonly [descriptors: string, version: string, ...needs: string[]])[]): string =>
  `__metadata:\n  version: 8\n\n${entries
    .map(
      ([descriptors, version, ...needs]) =>
        `"${descriptors}":\n  version: ${version}\n  resolution: "${descriptors.split(", ")[0]}"\n${
          needs.length === 0 ? "" : `  dependencies:\n${needs.map((need) => `    ${need}\n`).join("")}`
        }`,
    )
    .join("\n")}`;

test("what a resolution puts in place of a range is what the packages that ask for the range need", async () => {
  const found = await read({
    "package.json": JSON.stringify({
      name: "root",
      dependencies: { web: "^1.0.0", "left-pad": "^1.0.0" },
      devDependencies: { lodash: "4.17.21", pad: "^2.0.0" },
      resolutions: {
        "left-pad@npm:^1.0.0": "patch:left-pad@npm%3A1.3.0#~/.yarn/patches/left-pad.patch",
        lodash: "4.17.21",
        "web/pad": "2.5.0",
        "**/deep": "3.0.0",
        "@s/x@^1": 7,
        "*/odd": "1.0.0",
      },
    }),
    "yarn.lock": berry([
      ["web@npm:^1.0.0", "1.0.0", 'lodash: "npm:^4.0.0"', 'pad: "npm:^2.0.0"', 'deep: "npm:^1.0.0"', 'gone: "npm:*"'],
      ["lodash@npm:4.17.21", "4.17.21"],
      ["left-pad@npm:1.3.0", "1.3.0"],
      ["left-pad@patch:left-pad@npm%3A1.3.0#~/.yarn/patches/left-pad.patch", "1.3.0"],
      ["pad@npm:2.5.0", "2.5.0"],
      ["pad@npm:^2.0.0", "2.9.0"],
      ["deep@npm:3.0.0", "3.0.0"],
    ]),
  });

  expect(found).toEqual({
    "web@1.0.0#4": "direct needed lodash@4.17.21 pad@2.5.0 deep@3.0.0",
    // It is for development by its own line, and needed by what is not.
    "lodash@4.17.21#13": "direct needed",
    "left-pad@1.3.0#17": "indirect needed",
    "left-pad@1.3.0#21": "direct needed",
    "pad@2.5.0#25": "indirect needed",
    "pad@2.9.0#29": "direct dev",
    "deep@3.0.0#33": "indirect needed",
  });
});

test("a package that Yarn patches unasked is for development where the one that it patches is", async () => {
  const found = await read({
    "package.json": JSON.stringify({ devDependencies: { typescript: "^5", old: "1.x" } }),
    "yarn.lock": berry([
      ["typescript@npm:^5", "5.9.3"],
      ["typescript@patch:typescript@npm%3A^5#optional!builtin<compat/typescript>", "5.9.3"],
      ["old@1.x", "1.0.0"],
      ["old@patch:old@1.x#builtin<compat/old>, old@patch:old@^9#builtin<compat/old>", "1.0.0"],
    ]),
  });

  expect(found).toEqual({
    "typescript@5.9.3#4": "direct dev",
    "typescript@5.9.3#8": "indirect dev",
    "old@1.0.0#12": "direct dev",
    "old@1.0.0#16": "indirect dev",
  });
});
