import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import type { Ecosystem, FoundPackage, Image } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { takeInventory } from "./index.ts";

const spelled = (normalName?: Ecosystem["normalName"]): Ecosystem => ({
  ...listEcosystem(),
  ...(normalName === undefined ? {} : { normalName }),
});

test("one name in several spellings is one package, by the ecosystem's normal form", async () => {
  const image = literalImage({ layers: [{ "a.list": "Left 1\nleft 2", "b.list": "left 1" }] });
  const scan = async (ecosystem: Ecosystem) =>
    describePackages(await takeInventory(image, { ecosystems: [ecosystem] }));

  expect(await scan(spelled((name) => name.toLowerCase()))).toEqual([
    "Left@1 a.list 0",
    "Left@1 b.list 0",
    "left@2 a.list 0",
  ]);
  expect(await scan(spelled())).toEqual(["Left@1 a.list 0", "left@1 b.list 0", "left@2 a.list 0"]);
});

describe("where a package comes from", () => {
  function ecosystemOf(origins: Readonly<Record<string, FoundPackage["origin"]>>): Ecosystem {
    const list = listEcosystem();
    return {
      ...list,
      analyzers: [
        {
          kind: "file",
          id: "list/origins",
          revision: 1,
          matches: [{ suffix: ".list" }],
          *analyze({ path }) {
            const origin = origins[path];
            yield {
              kind: "package",
              package: { name: "left", version: "1", ...(origin === undefined ? {} : { origin }) },
            };
          },
        },
      ],
    };
  }
  async function originsIn(kind: Image["kind"], origins: Parameters<typeof ecosystemOf>[0]) {
    const source = literalImage({ layers: [Object.fromEntries(Object.keys(origins).map((path) => [path, "x"]))] });
    const open = async (): Promise<Image> => ({ ...(await source.open()), kind });
    const { packages } = await takeInventory({ label: "x", open }, { ecosystems: [ecosystemOf(origins)] });
    return packages.map(({ origin, locations }) => [origin, locations.map(({ path }) => path).join()]);
  }

  test("tells it from one of the same name", async () => {
    expect(await originsIn("filesystem", { "a.list": undefined, "b.list": "project" })).toEqual([
      [undefined, "a.list"],
      ["project", "b.list"],
    ]);
  });

  test("what states itself is the project in a source tree, and any package elsewhere", async () => {
    const origins = { "a.list": "manifest", "b.list": "project" } as const;
    expect(await originsIn("filesystem", origins)).toEqual([["project", "a.list,b.list"]]);
    expect(await originsIn("container-image", origins)).toEqual([
      [undefined, "a.list"],
      ["project", "b.list"],
    ]);
  });
});
