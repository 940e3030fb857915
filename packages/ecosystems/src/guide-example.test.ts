import { rmSync } from "node:fs";
import { parsePurl } from "@plimsoll/formats";
import type { Ecosystem } from "@plimsoll/model";
import { followGuide, testEcosystem } from "@plimsoll/testkit";
import { afterAll, describe, expect, test } from "vitest";

// The guide to adding an ecosystem, done: in a copy of this package, with the tests that the guide gives and those that all have.
const guide = followGuide("docs/adding-an-ecosystem.md", "ecosystems");
afterAll(() => rmSync(guide.folder, { recursive: true, force: true }));
const copy = await guide.load("index.ts");

describe("the ecosystem of the guide", () => {
  test("touches one folder, and one line outside of it", () => {
    expect(guide.changed.filter((file) => !file.startsWith("example/"))).toEqual(["registry.ts +1"]);
    expect(guide.changed.length).toBeGreaterThan(4);
  });

  test("is in the list of all", () => {
    const listed = copy["everyEcosystem"] as readonly Ecosystem[];

    expect(listed.map(({ id }) => id)).toContain("example");
  });

  testEcosystem(copy["example"] as Ecosystem, { parsePurl });
});

await guide.load("example/lock.test.ts");
await guide.load("example/versions.test.ts");
