import type { Inventory, RuledOut } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { inventoryOf, literalEcosystem, pkg, storeOf } from "./fixtures/literal-matching.ts";
import type { LiteralAdvisory } from "./fixtures/literal-matching.ts";
import { match, ruleOut } from "./index.ts";

const os = literalEcosystem("os", "os", "Dist:1", {
  applicability: {
    rejects: (_pkg, { qualifiers }) => (qualifiers?.arch?.includes("arm") === true ? "it is for arm" : undefined),
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
      { code: "not-installed", message: expect.stringContaining("CVE-1 is about left") as string },
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
      "its source has another version alone",
      inventoryOf([{ ...musl, source: { name: "musl", version: "3.0" } }]),
      { id: "CVE-1", affected: [{ namespace: "Dist:1", name: "musl", ranges: ["0..2.0"] }] },
      {
        code: "not-affected",
        message: "musl 1.5 (compared as musl 3.0) is not affected: CVE-1 affects >= 0, < 2.0 in Dist:1",
      },
    ],
    [
      "two entries hold other versions",
      inventoryOf([musl]),
      {
        id: "CVE-1",
        affected: [
          { namespace: "Dist:1", name: "musl", ranges: ["0..1.0"] },
          { namespace: "Dist:1", name: "musl", ranges: ["1.1..1.2"] },
        ],
      },
      {
        code: "not-affected",
        message: "musl 1.5 is not affected: CVE-1 affects >= 0, < 1.0; >= 1.1, < 1.2 in Dist:1",
      },
    ],
    [
      "its ecosystem was not given",
      inventoryOf([pkg("gone", "musl", "1.5"), musl]),
      { id: "CVE-1", affected: [{ namespace: "Dist:1", name: "musl", ranges: ["0..1.0"] }] },
      { code: "not-affected" },
    ],
    [
      "its source has another name",
      inventoryOf([{ ...musl, source: { name: "libc", version: "1.5" } }]),
      { id: "CVE-1", affected: [{ namespace: "Dist:1", name: "libc", ranges: ["0..1.0"] }] },
      {
        code: "not-affected",
        message: "musl 1.5 (compared as libc 1.5) is not affected: CVE-1 affects >= 0, < 1.0 in Dist:1",
      },
    ],
    [
      "the advisory is of two other releases",
      inventoryOf([musl]),
      {
        id: "CVE-1",
        affected: [
          { namespace: "Dist:3", name: "musl", ranges: ["0.."] },
          { namespace: "Dist:2", name: "musl", ranges: ["0.."] },
          { namespace: "Dist:3", name: "musl", ranges: ["0.."] },
          { namespace: "Dist:1", name: "other" },
        ],
      },
      {
        code: "other-namespace",
        message: "musl 1.5 is of Dist:1; CVE-1 is about Dist:2, Dist:3",
        advisory: "CVE-1",
        package: { id: musl.id, name: "musl", version: "1.5", purl: musl.purl },
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
      { code: "other-namespace", message: "musl 1.5 is of Dist:1; CVE-1 is about Dist:2" },
    ],
    [
      "the database knows nothing of the release",
      inventoryOf([musl]),
      {
        id: "CVE-1",
        affected: ["Dist:3", "Dist:2"].map((namespace) => ({ namespace, name: "musl", ranges: ["0.."] })),
      },
      {
        code: "not-covered",
        message: "musl 1.5 is of Dist:1, of which the database holds nothing; CVE-1 is about Dist:2, Dist:3",
      },
    ],
    [
      "the entry is for another architecture",
      inventoryOf([musl]),
      {
        id: "CVE-1",
        affected: [{ namespace: "Dist:1", name: "musl", ranges: ["0.."], qualifiers: { arch: ["arm"] } }],
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

/** A store of these advisories, which all go by any id. */
function named(...advisories: readonly LiteralAdvisory[]): ReturnType<typeof storeOf> {
  const store = storeOf(advisories);
  return {
    ...store,
    named: async () => (await store.read(advisories.map(({ id }) => id))).filter((found) => found !== undefined),
  };
}

test("a reason about an installed package silences those about others, which are sorted by advisory where there is none", async () => {
  const other = (id: string): LiteralAdvisory => ({ id, affected: [{ namespace: "Lib", name: "right" }] });
  const ours = { id: "C", affected: [{ namespace: "Lib", name: "left", ranges: ["0..1.0"] }] };
  const codes = async (...advisories: readonly LiteralAdvisory[]): Promise<readonly string[]> =>
    (await ruleOut(inventoryOf([left]), named(...advisories), "CVE-1", { ecosystems })).map(
      ({ code, advisory }) => `${code} ${advisory ?? ""}`,
    );

  expect(await codes(other("B"), ours)).toEqual(["not-affected C"]);
  expect(await codes(other("B"), other("A"))).toEqual(["not-installed A", "not-installed B"]);
});

test("a package of two names has a reason for each, sorted by code and words, unless one says more", async () => {
  const two = literalEcosystem("lib", "library", undefined, {
    advisoryKeys: ({ version }) =>
      ["Lib/a", "Lib/b", "Lib/c", "CPE/d"].map((key) => {
        const [namespace = "", name = ""] = key.split("/");
        return { namespace, name, version };
      }),
    applicability: { rejects: (_, { name }) => (name === "c" ? "it is another" : undefined) },
  });
  const in_ = (name: string, end: string): LiteralAdvisory["affected"][number] => ({
    namespace: "Lib",
    name,
    ranges: [`0..${end}`],
  });
  const about = [
    { id: "A", affected: [in_("c", "9"), in_("b", "1.2"), in_("a", "1.1")] },
    // Of a namespace that the database has nothing of.
    { id: "B", affected: [{ namespace: "Other", name: "d" }] },
  ];
  const reasons = await ruleOut(inventoryOf([left]), named(...about), "CVE-1", { ecosystems: [two] });

  expect(reasons.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    "not-affected: left 1.5 (compared as a 1.5) is not affected: A affects >= 0, < 1.1 in Lib",
    "not-affected: left 1.5 (compared as b 1.5) is not affected: A affects >= 0, < 1.2 in Lib",
    "rejected: left 1.5 (compared as c 1.5) is not meant by A: it is another",
  ]);
});

test("the signal goes to the store, whichever way it is asked, and unknown options are refused", async () => {
  const { signal } = new AbortController();
  const handed: unknown[] = [];
  const store = storeOf([]);
  const reading: typeof store = {
    ...store,
    read: (ids, options) => (handed.push(options?.signal), store.read(ids, options)),
  };
  const naming: typeof store = { ...store, named: async (_, options) => (handed.push(options?.signal), []) };

  await ruleOut(inventoryOf([left]), reading, "CVE-1", { ecosystems, signal });
  await ruleOut(inventoryOf([left]), naming, "CVE-1", { ecosystems, signal });
  expect(handed).toEqual([signal, signal]);
  const unknown = { ecosystems, speed: 1 };
  await expect(ruleOut(inventoryOf([left]), store, "CVE-1", unknown)).rejects.toThrow(/\bruleOut\b/);
});

describe("the words of a reason", () => {
  const messages = async (...given: Parameters<typeof why>): Promise<readonly string[]> =>
    (await why(...given)).map(({ message }) => message);
  const affecting = (rest: Omit<LiteralAdvisory["affected"][number], "namespace" | "name">): LiteralAdvisory => ({
    id: "CVE-1",
    affected: [{ namespace: "Lib", name: "left", ...rest }],
  });

  test.each<[Omit<LiteralAdvisory["affected"][number], "namespace" | "name">, string]>([
    [{ versions: ["1.0", "1.1"] }, "the versions 1.0, 1.1"],
    [{ ranges: ["0..1.0"], versions: ["0.5"] }, ">= 0, < 1.0"],
    [{ expressions: ["<1.0", ">2.0"] }, "<1.0; >2.0"],
    [{ expressions: [""], unaffectedExpressions: ["", ">=1.0"] }, "every version; not >=1.0"],
    [
      { versions: Array.from({ length: 12 }, (_, at) => `0.${at}`) },
      "the versions 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.10, 0.11",
    ],
    [
      { versions: Array.from({ length: 13 }, (_, at) => `0.${at}`) },
      "the versions 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.10, 0.11, and 1 more",
    ],
    [
      { versions: Array.from({ length: 60 }, (_, at) => `0.${at}`) },
      expect.stringMatching(/^the versions 0\.0, 0\.1, .*, and [1-5]\d more$/) as string,
    ],
  ])("say what %j affects", async (rest, said) => {
    const [message = ""] = await messages(inventoryOf([left]), affecting(rest));

    expect(message.slice("left 1.5 is not affected: CVE-1 affects ".length, -" in Lib".length)).toEqual(said);
  });

  test("say when nothing is stated, and when the database has no such advisory", async () => {
    expect(await messages(inventoryOf([left]), affecting({}))).toEqual([
      "left 1.5 is not affected: CVE-1 affects nothing in Lib",
    ]);
    expect(await messages(inventoryOf([left]))).toEqual(["The database holds no advisory that goes by CVE-1"]);
    const named = {
      ...storeOf([]),
      sources: [
        { id: "osv/npm", records: 1 },
        { id: "ghsa", records: 2 },
      ],
    };
    expect((await ruleOut(inventoryOf([left]), named, " CVE-9 ", { ecosystems }))[0]?.message).toBe(
      "The database (osv/npm, ghsa) holds no advisory that goes by CVE-9",
    );
  });

  test("say what no longer is looked at in an image, unless lock files were", async () => {
    const advisory = { id: "CVE-1", affected: [{ namespace: "Lib", name: "right", ranges: ["0..2.0"] }] };
    const declared = { ...left, locations: [{ path: "package-lock.json", evidence: "declared" }] } as const;
    const both = { ...left, locations: [...left.locations, ...declared.locations] };
    const image = inventoryOf([left]);
    const directory: Inventory = { ...image, artifact: { ...image.artifact, kind: "filesystem" } };

    expect(await messages(image, advisory)).toEqual([
      "Not installed: CVE-1 is about right; lock files in the image were not read",
    ]);
    expect(await messages(inventoryOf([left, declared]), advisory)).toEqual(["Not installed: CVE-1 is about right"]);
    expect(await messages(inventoryOf([both]), advisory)).toEqual(["Not installed: CVE-1 is about right"]);
    expect(await messages(directory, advisory)).toEqual(["Not installed: CVE-1 is about right"]);
    const names = ["right", "about", "right"].map((name) => ({ namespace: "Lib", name }));
    expect(await messages(directory, { id: "CVE-1", affected: names })).toEqual([
      "Not installed: CVE-1 is about about, right",
    ]);
    expect(await messages(image, { id: "CVE-1", affected: [] })).toEqual([
      "CVE-1 names no package; lock files in the image were not read",
    ]);
  });

  test("say that a version is not known, cannot be read, or finds it now", async () => {
    const open = affecting({ ranges: ["0..2.0"] });
    const unversioned = inventoryOf([pkg("lib", "left", "")]);

    expect(await messages(inventoryOf([pkg("lib", "left", "odd")]), open)).toEqual([
      'left odd cannot be compared: "odd" is no version that dotted reads',
    ]);
    expect(await messages(inventoryOf([left]), open)).toEqual([
      "CVE-1 holds left 1.5: >= 0, < 2.0. With these advisories it is found, so the report was made with other advisories or other options",
    ]);
    expect(await messages(unversioned, open)).toEqual(["The version of left is not known, so it cannot be judged"]);
    expect(await ruleOut(unversioned, storeOf([open]), "CVE-1", { ecosystems, unversioned: "affected" })).toMatchObject(
      [{ code: "found-now", message: "left has no version, and every advisory under its name counts" }],
    );
  });

  test("say nothing of a missing version where there is one, or where only facts are stated", async () => {
    const below = affecting({ ranges: ["0..1.0"] });
    const fact = affecting({ ranges: ["0..1.0"], qualifiers: { informational: "unmaintained" } });
    const codes = async (found: Inventory, advisory: LiteralAdvisory): Promise<readonly string[]> =>
      (await ruleOut(found, storeOf([advisory]), "CVE-1", { ecosystems, unversioned: "affected" })).map(
        ({ code }) => code,
      );

    expect(await codes(inventoryOf([left]), below)).toEqual(["not-affected"]);
    expect(await codes(inventoryOf([pkg("lib", "left", "")]), fact)).toEqual(["informational"]);
  });

  test("say what an ecosystem cannot tell, and that a fact is no vulnerability", async () => {
    const unsure = literalEcosystem("lib", "library", "Lib", {
      applicability: { uncertain: () => "it has no stream" },
    });
    const store = storeOf([affecting({ ranges: ["0..2.0"] })]);

    expect(await ruleOut(inventoryOf([left]), store, "CVE-1", { ecosystems: [unsure] })).toMatchObject([
      { code: "version-unknown", message: "Cannot tell whether CVE-1 is about left 1.5: it has no stream" },
    ]);
    expect(
      await messages(
        inventoryOf([left]),
        affecting({ ranges: ["0..2.0"], qualifiers: { informational: "unmaintained" } }),
      ),
    ).toEqual(["CVE-1 states a fact about left 1.5 that is no vulnerability"]);
  });

  test("say that a fact is found now where facts are asked for, and go by the package's own ecosystem", async () => {
    const fact = affecting({ ranges: ["0..2.0"], qualifiers: { informational: "unmaintained", arch: ["arm"] } });
    const options = { ecosystems, informational: "report" } as const;

    expect(await ruleOut(inventoryOf([left]), storeOf([fact]), "CVE-1", options)).toMatchObject([
      { code: "found-now" },
    ]);
  });

  test("are sorted by package, then advisory, and each is said once", async () => {
    const both = [
      { id: "B", aliases: ["CVE-1"], affected: [{ namespace: "Lib", name: "left", ranges: ["0..1.0"] }] },
      { id: "A", aliases: ["CVE-1"], affected: [{ namespace: "Lib", name: "left", ranges: ["0..1.0", "0..1.1"] }] },
    ];
    const reasons = await ruleOut(
      inventoryOf([pkg("lib", "left", "1.6"), left]),
      {
        ...storeOf(both),
        named: (_, options) =>
          storeOf(both)
            .read(["B", "A"], options)
            .then((all) => all.filter((each) => each !== undefined)),
      },
      "CVE-1",
      { ecosystems },
    );

    expect(reasons.map(({ package: found, advisory }) => `${found?.version ?? ""} ${advisory ?? ""}`)).toEqual([
      "1.5 A",
      "1.5 B",
      "1.6 A",
      "1.6 B",
    ]);
  });
});
