import type { Ecosystem, FileAnalyzer } from "@plimsoll/model";
import { heldBytes, listEcosystem, literalImage } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { takeInventory } from "./index.ts";

const count = 4_000;
const files = Array.from({ length: count }, (_, at) => [`app/node_modules/p${at}/p.list`, `p${at}`] as const);
const image = literalImage({ layers: [Object.fromEntries(files)] });

/** One package in each file, as a `node_modules` has them. */
const analyzer: FileAnalyzer = {
  id: "modules",
  kind: "file",
  revision: 1,
  matches: [{ suffix: ".list" }],
  async *analyze(file) {
    const name = await file.text();
    const at = Number(name.slice(1));
    const dependsOn = [`p${(at * 7 + 1) % count}`, `p${(at * 13 + 5) % count}`];
    yield { kind: "package", package: { name, version: "1.0.0", licenses: ["MIT"], supplier: name, dependsOn } };
  },
};
const ecosystem: Ecosystem = { ...listEcosystem(), analyzers: [analyzer] };

/** Bytes held for each package: when its layer was read, and when the inventory is made. */
async function heldForEach(): Promise<{ readonly read: number; readonly made: number }> {
  const before = heldBytes();
  let read = 0;
  const inventory = await takeInventory(image, {
    ecosystems: [ecosystem],
    onEvent: ({ kind }) => {
      if (kind === "layer-read") read = heldBytes() - before;
    },
  });
  const made = heldBytes() - before;
  expect(inventory.packages).toHaveLength(count);
  expect(inventory.packages[0]?.dependencies?.length).toBeGreaterThan(0);
  return { read: read / count, made: made / count };
}

describe("of many files with a package each", () => {
  test("a scan holds little more than what they say", async () => {
    // What is compiled and remembered the first time is held for all.
    await heldForEach();
    const { read, made } = await heldForEach();

    expect(read).toBeLessThan(800);
    expect(made).toBeLessThan(800);
  });
});
