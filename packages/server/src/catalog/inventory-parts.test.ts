import type { Inventory, Package } from "@plimsoll/model";
import { expect, test } from "vitest";
import { packSet, putTogether, takeApart } from "./inventory-parts.ts";
import { syntheticInventory } from "./matchable-package.ts";

const pkg: Package = {
  id: "nodejs",
  name: "nodejs",
  version: "18-1",
  ecosystem: "rpm",
  class: "os",
  purl: "pkg:rpm/redhat/nodejs@18-1",
  locations: [],
};
const earlier: Package = { ...pkg, facts: { modularitylabel: "nodejs:18:1:x", sourcerpm: "nodejs.src.rpm" } };
const now: Package = { ...pkg, module: "nodejs:18:1:x", facts: { sourcerpm: "nodejs.src.rpm" } };

test.each([earlier, now])(
  "a stored package of a module has its label in a field, whichever version stored it",
  (stored) => {
    const inventory: Inventory = {
      schemaVersion: 2,
      artifact: { name: "app", kind: "container-image", layers: [] },
      packages: [stored],
      diagnostics: [],
    };
    const { document, sets } = takeApart(inventory);

    expect(putTogether(document, new Map(sets.map((set) => [set.hash, packSet(set)]))).packages).toEqual([now]);
    const matched = syntheticInventory(new Map([["nodejs", { package: stored, owners: [stored] }]]), undefined);
    expect(matched.packages.map(({ module, facts }) => [module, facts])).toEqual([
      [now.module, now.facts],
      [now.module, now.facts],
    ]);
  },
);
