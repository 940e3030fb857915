import type { Ecosystem, FileAnalyzer, PackageObservation } from "@plimsoll/model";
import { describePackages, listEcosystem, literalImage } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { takeInventory } from "./take-inventory.ts";

/** A document of lines `ecosystem name version [distribution]`. */
const teller: FileAnalyzer = {
  kind: "file",
  id: "teller/file",
  revision: 1,
  matches: [{ suffix: ".told" }],
  async *analyze(file) {
    for (const line of (await file.text()).split("\n")) {
      const [ecosystem = "", name = "", version = "", onlyFor] = line.split(" ");
      const told: PackageObservation = { kind: "package", package: { name, version }, ecosystem };
      yield onlyFor === undefined ? told : { ...told, onlyFor };
    }
  },
};

const distribution: Ecosystem = {
  ...listEcosystem({ id: "distro" }),
  analyzers: [
    {
      kind: "file",
      id: "distro/release",
      revision: 1,
      matches: [{ path: "release" }],
      *analyze() {
        yield { kind: "distro", distro: { id: "alder", idLike: ["oak"] }, rank: 1 };
      },
    },
  ],
};

async function found(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const os = { ...listEcosystem({ id: "os", class: "os", matches: [{ path: "db/os" }] }) };
  const ecosystems = [
    os,
    listEcosystem({ id: "lib", matches: [{ path: "lib.list" }] }),
    { ...listEcosystem({ id: "teller" }), analyzers: [teller] },
    distribution,
  ];
  const inventory = await takeInventory(literalImage({ layers: [files] }), { ecosystems });
  return [...describePackages(inventory), ...inventory.packages.map(({ purl }) => purl)];
}

test("a package told at second hand is one of its ecosystem, and one with the same found at first hand", async () => {
  expect(await found({ "a.told": "lib left 1" })).toEqual(["left@1 a.told 0", "pkg:lib/left@1"]);
  expect(await found({ "a.told": "lib left 1", "lib.list": "left 1" })).toEqual([
    "left@1 a.told 0",
    "left@1 lib.list 0",
    "pkg:lib/left@1",
  ]);
});

test("operating-system packages count only without a database, and ecosystems that nobody gave not at all", async () => {
  expect(await found({ "a.told": "os musl 1" })).toEqual(["musl@1 a.told 0", "pkg:os/musl@1"]);
  expect(await found({ "a.told": "os musl 1", "db/os": "zlib 2" })).toEqual(["zlib@2 db/os 0", "pkg:os/zlib@2"]);
  expect(await found({ "a.told": "other left 1" })).toEqual([]);
});

test("what is only for another distribution does not count", async () => {
  const files = { release: "", "a.told": "os a 1 alder\nos b 1 oak\nos c 1 birch" };

  expect((await found(files)).filter((text) => !text.startsWith("pkg:"))).toEqual(["a@1 a.told 0", "b@1 a.told 0"]);
});
