// Lock files in directories where installers put what others made, of every ecosystem that has such directories.
import { everyEcosystem } from "@plimsoll/ecosystems";
import { takeInventory } from "@plimsoll/inventory";
import { literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";

const lock = (name: string): string =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: { "": {}, [`node_modules/${name}`]: { version: "1.0.0", resolved: "https://registry.example/x.tgz" } },
  });

async function found(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const inventory = await takeInventory(literalImage({ layers: [files] }), {
    ecosystems: everyEcosystem,
    evidence: ["declared"],
  });
  return inventory.packages.map(({ name }) => name);
}

const directories = everyEcosystem.flatMap(({ id, foreignDirectories = [] }) =>
  foreignDirectories.map((directory) => ({ ...directory, id })),
);

describe.each(directories)("$name of $id", ({ name, beside }) => {
  const mine = { "app/package-lock.json": lock("mine") };
  const theirs = { [`app/${name}/other-1.0/package-lock.json`]: lock("theirs") };

  test("holds projects of others", async () => {
    for (const file of beside ?? [undefined]) {
      const marker = file === undefined ? {} : { [`app/${file}`]: "" };
      expect(await found({ ...mine, ...theirs, ...marker })).toEqual(["mine"]);
    }
  });

  test("holds workflows of others, which nothing of this project runs", async () => {
    const workflow = "jobs:\n  a:\n    steps:\n    - uses: other/action@v1\n";
    const [file] = beside ?? [];
    const marker = file === undefined ? {} : { [`app/${file}`]: "" };
    const files = { ...mine, ...marker, [`app/${name}/other-1.0/.github/workflows/ci.yml`]: workflow };
    expect(await found(files)).toEqual(["mine"]);
  });

  test.runIf(beside)("holds the project's own where nothing beside says otherwise", async () => {
    expect(await found({ ...mine, ...theirs })).toEqual(["mine", "theirs"]);
  });
});

test("there are such directories", () => {
  expect(directories.length).toBeGreaterThan(25);
});
