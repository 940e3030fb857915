import type { Inventory, RuledOut } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { inventoryOf, literalEcosystem, pkg, storeOf } from "./fixtures/literal-matching.ts";
import type { LiteralAdvisory } from "./fixtures/literal-matching.ts";
import { match, ruleOut } from "./index.ts";

const os = literalEcosystem("os", "os", "Dist:1", {
  applicability: {
    rejects: (_pkg, { qualifiers }) => (qualifiers?.["arch"] === "arm" ? "it is for arm" : undefined),
  },
});
const lib = literalEcosystem("lib", "library", "Lib");
const ecosystems = [os, lib];

const musl = pkg("os", "musl", "1.5");
const left = pkg("lib", "left", "1.5");

function why(inventory: Inventory, ...advisories: readonly LiteralAdvisory[]): Promise<readonly RuledOut[]> {
  return ruleOut(inventory, storeOf(advisories), "CVE-1", { ecosystems });
}

describe("a vulnerability is not found because", () => {
  test.each<[string, Inventory, LiteralAdvisory, Partial<RuledOut>]>([
    [
      "its package is not installed",
      inventoryOf([musl]),
      { id: "CVE-1", affected: [{ namespace: "Lib", name: "left", ranges: ["0..2.0"] }] },
      { code: "not-installed", message: expect.stringContaining("CVE-1 speaks of left") as string },
    ],
    [
      "the version lies behind the fix",
      inventoryOf([musl]),
      { id: "CVE-1", affected: [{ namespace: "Dist:1", name: "musl", ranges: ["0..1.2"] }] },
      {
        code: "not-affected",
        message: "musl 1.5 is not affected: CVE-1 affects >= 0, < 1.2 in Dist:1",
        package: { id: musl.id, name: "musl", version: "1.5", purl: musl.purl },
      },
    ],
    [
      "its source has another version",
      inventoryOf([{ ...musl, source: { name: "libc", version: "3.0" } }]),
      { id: "CVE-1", affected: [{ namespace: "Dist:1", name: "libc", ranges: ["0..2.0"] }] },
      {
        code: "not-affected",
        message: "musl 1.5 (compared as libc 3.0) is not affected: CVE-1 affects >= 0, < 2.0 in Dist:1",
      },
    ],
    [
      "the advisory is of another release, and the database knows ours",
      inventoryOf([musl]),
      {
        id: "CVE-1",
        affected: [
          { namespace: "Dist:2", name: "musl", ranges: ["0.."] },
          { namespace: "Dist:1", name: "other" },
        ],
      },
      { code: "other-namespace", message: "musl 1.5 is of Dist:1; CVE-1 speaks of Dist:2" },
    ],
    [
      "the database knows nothing of the release",
      inventoryOf([musl]),
      { id: "CVE-1", affected: [{ namespace: "Dist:2", name: "musl", ranges: ["0.."] }] },
      { code: "not-covered", message: expect.stringContaining("of which the database holds nothing") as string },
    ],
    [
      "the entry is for another architecture",
      inventoryOf([musl]),
      {
        id: "CVE-1",
        affected: [{ namespace: "Dist:1", name: "musl", ranges: ["0.."], qualifiers: { arch: "arm" } }],
      },
      { code: "rejected", message: "musl 1.5 is not meant by CVE-1: it is for arm" },
    ],
    [
      "the version cannot be read",
      inventoryOf([{ ...musl, version: "odd" }]),
      { id: "CVE-1", affected: [{ namespace: "Dist:1", name: "musl", ranges: ["0..2.0"] }] },
      { code: "version-unknown" },
    ],
    [
      "the package has no version",
      inventoryOf([{ ...musl, version: "" }]),
      { id: "CVE-1", affected: [{ namespace: "Dist:1", name: "musl", ranges: ["0..2.0"] }] },
      { code: "unversioned" },
    ],
    [
      "it is a remark, no vulnerability",
      inventoryOf([left]),
      {
        id: "CVE-1",
        affected: [{ namespace: "Lib", name: "left", ranges: ["0.."], qualifiers: { informational: "unmaintained" } }],
      },
      { code: "informational" },
    ],
    [
      "it was withdrawn",
      inventoryOf([left]),
      { id: "CVE-1", withdrawn: "2024-01-01", affected: [{ namespace: "Lib", name: "left", ranges: ["0.."] }] },
      { code: "withdrawn", message: "CVE-1 was withdrawn on 2024-01-01" },
    ],
    [
      "the package is the distribution's",
      inventoryOf([musl, { ...left, locations: [{ path: "usr/lib/left", evidence: "installed", ownedBy: musl.id }] }]),
      {
        id: "CVE-1",
        affected: [
          { namespace: "Lib", name: "left", ranges: ["0.."] },
          { namespace: "Dist:1", name: "other" },
        ],
      },
      { code: "left-to-owner", message: expect.stringContaining("the distribution's advisories decide") as string },
    ],
    [
      "the database has nothing of the kind",
      inventoryOf([left]),
      { id: "CVE-2", affected: [] },
      { code: "no-advisory", message: "The database holds no advisory that goes by CVE-1" },
    ],
  ])("%s", async (_name, inventory, advisory, expected) => {
    const reasons = await why(inventory, advisory);

    expect(reasons).toMatchObject([expected]);
    expect((await match(inventory, storeOf([advisory]), { ecosystems })).vulnerabilities).toEqual([]);
  });
});

test("what these advisories find is said to be found by them", async () => {
  const affecting = { id: "CVE-1", affected: [{ namespace: "Lib", name: "left", ranges: ["0..2.0"] }] };

  expect(await why(inventoryOf([left]), affecting)).toMatchObject([{ code: "found-now" }]);
});

test("a reason that judges a package silences those that only look past it", async () => {
  const advisory = (id: string, namespace: string): LiteralAdvisory => ({
    id,
    affected: [{ namespace, name: "musl", ranges: ["0..1.0"] }],
  });
  const store = storeOf([advisory("CVE-1", "Dist:1"), advisory("CVE-2", "Dist:9")]);
  const reasons = await ruleOut(
    inventoryOf([musl]),
    { ...store, named: async () => (await store.read(["CVE-1", "CVE-2"])).filter((found) => found !== undefined) },
    "CVE-1",
    { ecosystems },
  );

  expect(reasons.map(({ code, advisory: by }) => `${code} ${by}`)).toEqual(["not-affected CVE-1"]);
});
