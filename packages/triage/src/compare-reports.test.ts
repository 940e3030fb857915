import type { Artifact, Finding, Inventory, Package, Report, Vulnerability } from "@plimsoll/model";
import { countTurns } from "@plimsoll/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { triage, compareReports, compareReportsInTurns, failAtOrAbove, filterRules } from "./index.ts";
import { finding, pkg } from "./fixtures/literal-findings.ts";

const musl = pkg("pkg:apk/alpine/musl@1.1");
const newerMusl = pkg("pkg:apk/alpine/musl@1.2");
const left = pkg("pkg:npm/left@1.0");

function report(
  packages: readonly Package[],
  vulnerabilities: readonly Vulnerability[],
  rest: Partial<Report> = {},
): Report {
  return {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: "1.0.0" },
    artifact: { name: "shop", kind: "container-image", layers: [] },
    advisories: { revision: "one", sources: [] },
    packages,
    vulnerabilities,
    coverage: { verdict: "complete", gaps: [] },
    diagnostics: [],
    ...rest,
  };
}

/** Its first location of two, or both, belong to a package of the distribution. */
function owned(of: Package, howMany: 1 | 2): Package {
  const [first, second] = [
    { path: "a", evidence: "installed" as const },
    { path: "b", evidence: "installed" as const },
  ];
  return { ...of, locations: [{ ...first, ownedBy: "x" }, howMany === 2 ? { ...second, ownedBy: "x" } : second] };
}

function muslOf(version: string): Package {
  return pkg(`pkg:apk/alpine/musl@${version}`);
}

function unreadable(version: string): Package {
  return pkg(`left ${version}`, { name: "left", version, ecosystem: "conan" });
}

/** As older reports name packages: without their ecosystem. */
function nameless(id: string, of: Package): Vulnerability {
  const { ecosystem: _, ...named } = finding(id, of).package;
  return { ...finding(id, of), package: named };
}

function onAlpine(rest: Partial<NonNullable<Artifact["distro"]>>): Partial<Report> {
  return { artifact: { ...report([], []).artifact, distro: { id: "alpine", versionId: "3.19", ...rest } } };
}

const otherData = { advisories: { revision: "two", sources: [] } };
const otherTool = { tool: { name: "plimsoll", version: "1.1.0" } };

const ids = (differences: readonly { readonly finding: Finding }[] = []): readonly string[] =>
  differences.map(({ finding: { id } }) => id);

describe("packages", () => {
  test("come, go and change version", () => {
    const { packages } = compareReports(report([musl, left], []), report([newerMusl, pkg("pkg:npm/right@2.0")], []));

    expect(packages).toMatchObject({
      added: [{ name: "right", version: "2.0" }],
      removed: [{ name: "left", version: "1.0" }],
      changed: [{ name: "musl", from: { version: "1.1" }, to: { version: "1.2" } }],
    });
  });

  test("of one name pair up by version before they count as changed", () => {
    const [one, two, three] = ["1", "2", "3"].map((version) => pkg(`pkg:npm/left@${version}`));
    const { packages } = compareReports(report([one!, two!], []), report([two!, three!], []));

    expect(packages).toMatchObject({ added: [], removed: [], changed: [{ from: one, to: three }].map(named) });

    function named({ from, to }: { from: Package | undefined; to: Package | undefined }): object {
      return { from: { version: from?.version }, to: { version: to?.version } };
    }
  });

  test("of one name and several versions become each other in order, wherever they stand in their reports", () => {
    const [one, two, three, four] = ["1", "2", "3", "4"].map((version) => pkg(`pkg:npm/left@${version}`));
    const { packages } = compareReports(report([two!, one!], []), report([three!, four!], []));

    expect(packages.changed.map(({ from, to }) => [from.version, to.version])).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
  });

  test.each([
    ["of one version go together before those of one architecture", ["1.0?arch=x", "1.1?arch=arm"], ["1.0"]],
    ["that are there twice stay two", ["1.1?arch=x", "1.1?arch=x"], ["1.1"]],
  ])("%s", (_name, versions, added) => {
    const after = versions.map((version) => pkg(`pkg:apk/alpine/musl@${version}`));
    const { packages } = compareReports(report([pkg("pkg:apk/alpine/musl@1.1?arch=x")], []), report(after, []));

    expect(packages).toMatchObject({ added: added.map((version) => ({ version })), removed: [], changed: [] });
  });

  test("that are called alike in different ecosystems or namespaces are different ones", () => {
    const nowhere = { ...unreadable("1.0"), ecosystem: "cran" };
    const all = [left, pkg("pkg:pypi/left@1.0"), pkg("pkg:npm/%40a/left@1.0"), unreadable("1.0"), nowhere];

    for (const one of all)
      for (const other of all)
        expect(
          compareReports(report([one], []), report([{ ...other, version: "2.0" }], [])).packages.changed,
        ).toHaveLength(one === other ? 1 : 0);
  });

  test("of inventories are compared without findings", () => {
    const inventory: Inventory = {
      schemaVersion: 2,
      artifact: report([], []).artifact,
      packages: [left],
      diagnostics: [],
    };
    const diff = compareReports(inventory, report([], []));

    expect(diff.findings).toBeUndefined();
    expect(diff.packages.removed).toHaveLength(1);
    expect(diff.notes).toEqual(["Findings are not compared: on one side nobody looked for any"]);
    expect(diff.old).toStrictEqual({ name: "shop" });
    expect(diff.new).toStrictEqual({
      name: "shop",
      tool: { name: "plimsoll", version: "1.0.0" },
      coverage: "complete",
      advisories: "one",
    });
    expect(compareReports(report([], []), inventory).notes).toEqual(diff.notes);
    expect(compareReports(inventory, inventory).findings).toBeUndefined();
  });

  test("of images are told with the digests of both", () => {
    const { artifact, ...rest } = report([], []);
    const digest = `sha256:${"0".repeat(64)}` as const;

    expect(compareReports({ ...rest, artifact: { ...artifact, digest } }, { ...rest, artifact })).toMatchObject({
      old: { digest },
      new: expect.not.objectContaining({ digest }),
    });
  });
});

describe("a finding", () => {
  test.each<[string, Report, Report, Partial<Record<"added" | "fixed" | "changed", unknown>>]>([
    [
      "of a new package is added by the inventory",
      report([musl], []),
      report([musl, left], [finding("CVE-1", left)]),
      { added: [{ causes: ["inventory"], because: "The package left 1.0 was not there before" }] },
    ],
    [
      "of an updated package is added by the inventory",
      report([musl], []),
      report([newerMusl], [finding("CVE-1", newerMusl)]),
      { added: [{ causes: ["inventory"], because: "musl was 1.1 before and is 1.2" }] },
    ],
    [
      "is fixed by an update",
      report([musl], [finding("CVE-1", musl)]),
      report([newerMusl], []),
      { fixed: [{ causes: ["inventory"], because: "musl was 1.1 and is 1.2" }] },
    ],
    [
      "goes with its package",
      report([musl], [finding("CVE-1", musl)]),
      report([], []),
      { fixed: [{ causes: ["inventory"], because: "The package musl 1.1 is not there any more" }] },
    ],
    [
      "that was published in between is added by the advisory data",
      report([musl], []),
      report([musl], [finding("CVE-1", musl)], otherData),
      {
        added: [
          { causes: ["advisories"], because: "The package is the same, but the advisory data has another revision" },
        ],
      },
    ],
    [
      "that only another version of the scanner sees is added by the engine",
      report([musl], []),
      report([musl], [finding("CVE-1", musl)], otherTool),
      {
        added: [
          {
            causes: ["engine"],
            because: "The package is the same, but the scanner was plimsoll 1.0.0 and is plimsoll 1.1.0",
          },
        ],
      },
    ],
    [
      "has both causes where the reports cannot tell them apart",
      report([musl], [finding("CVE-1", musl)]),
      report([musl], [], { ...otherData, ...otherTool }),
      {
        fixed: [
          {
            causes: ["advisories", "engine"],
            because:
              "The package is the same, but the advisory data has another revision, and the scanner was plimsoll 1.0.0 and is plimsoll 1.1.0: either can be the cause",
          },
        ],
      },
    ],
    [
      "that nothing in the reports explains comes from options",
      report([musl], []),
      report([musl], [finding("CVE-1", musl)]),
      {
        added: [
          {
            causes: ["options"],
            because: "Package, advisory data and scanner are the same: the scans had other options",
          },
        ],
      },
    ],
    [
      "of the same package with other facts is the inventory's",
      report([musl], []),
      report([{ ...musl, facts: { module: "x" } }], [finding("CVE-1", musl)], otherData),
      { added: [{ causes: ["inventory"], because: "Other facts are known about musl 1.1" }] },
    ],
    [
      "of the same package of another module is the inventory's",
      report([musl], []),
      report([{ ...musl, module: "x:1" }], [finding("CVE-1", musl)], otherData),
      { added: [{ causes: ["inventory"], because: "musl 1.1 is built for another module" }] },
    ],
    [
      "of the same package built from another source is the inventory's",
      report([{ ...musl, source: { name: "musl", version: "1.1" } }], [finding("CVE-1", musl)]),
      report([{ ...musl, source: { name: "musl", version: "1.1-1" } }], []),
      { fixed: [{ causes: ["inventory"], because: "musl 1.1 is built from another source package" }] },
    ],
    [
      "of the same package of another architecture is the inventory's",
      report([pkg("pkg:apk/alpine/musl@1.1?arch=arm", { architecture: "arm" })], []),
      report([{ ...musl, architecture: "x86_64" }], [finding("CVE-1", musl)]),
      { added: [{ causes: ["inventory"], because: "musl 1.1 is of another architecture" }] },
    ],
    [
      "of the very package is not explained by one of another architecture beside it",
      report([pkg("pkg:apk/alpine/musl@1.1?arch=arm", { architecture: "arm" }), musl], []),
      report([musl], [finding("CVE-1", musl)], otherData),
      { added: [{ causes: ["advisories"] }] },
    ],
    [
      "of the same package that belongs to the distribution on one side only is the inventory's",
      report([owned(left, 1)], []),
      report([owned(left, 2)], [finding("CVE-1", left)]),
      {
        added: [
          {
            causes: ["inventory"],
            because: "Only on one side do the files of left 1.0 belong to a package of the distribution",
          },
        ],
      },
    ],
    [
      "of the same package with files or without, which nobody owns, is not the inventory's",
      report([{ ...left, locations: [] }], []),
      report([owned(left, 1)], [finding("CVE-1", left)], otherData),
      { added: [{ causes: ["advisories"] }] },
    ],
    [
      "of the same package with the same facts in another order is not the inventory's",
      report([{ ...musl, facts: { a: "1", b: "2" } }], []),
      report([{ ...musl, facts: { b: "2", a: "1" } }], [finding("CVE-1", musl)], otherData),
      { added: [{ causes: ["advisories"] }] },
    ],
    [
      "of a package that its report does not list is explained by what else differs",
      report([musl], []),
      report([], [finding("CVE-1", musl)], otherData),
      { added: [{ causes: ["advisories"] }] },
    ],
    [
      "of a package whose URL cannot be read finds it again by ecosystem and name",
      report([unreadable("1.0")], [nameless("CVE-1", unreadable("1.0"))]),
      report([unreadable("3.0"), unreadable("2.0"), unreadable("3.0")], []),
      { fixed: [{ causes: ["inventory"], because: "left was 1.0 and is 2.0, 3.0" }] },
    ],
    [
      "in one package and the same in another are two",
      report([musl, left], [finding("CVE-1", musl)]),
      report([musl, left], [finding("CVE-1", left)], otherData),
      { added: [{ causes: ["advisories"] }], fixed: [{ causes: ["advisories"] }] },
    ],
    [
      "of another release of the distribution is the inventory's",
      report([musl], []),
      report([musl], [finding("CVE-1", musl)], onAlpine({ versionId: "3.20" })),
      {
        added: [{ causes: ["inventory"], because: "The distribution, its release or its update channels differ" }],
      },
    ],
    [
      "of the same channels of updates in another order is not the inventory's",
      report([musl], [], onAlpine({ channels: ["b", "a"], facts: { x: "1", y: "2" } })),
      report([musl], [finding("CVE-1", musl)], onAlpine({ channels: ["a", "b"], facts: { y: "2", x: "1" } })),
      { added: [{ causes: ["options"] }] },
    ],
    [
      "of no channels is that of channels of which there are none",
      report([musl], [], onAlpine({})),
      report([musl], [finding("CVE-1", musl)], onAlpine({ channels: [] })),
      { added: [{ causes: ["options"] }] },
    ],
    [
      "that an update leaves is changed",
      report([musl], [finding("CVE-1", musl)]),
      report([newerMusl], [finding("CVE-1", newerMusl)]),
      {
        changed: [
          {
            causes: ["inventory"],
            because: "musl 1.1 became 1.2, which still has it",
            changes: [{ fact: "version", from: "1.1", to: "1.2" }],
          },
        ],
      },
    ],
    [
      "that is rated worse and has a fix now is changed by the advisory data",
      report([musl], [finding("CVE-1", musl, { severity: "LOW" })]),
      report([musl], [finding("CVE-1", musl, { fixedVersion: "1.2", status: "fixed" })], otherData),
      {
        changed: [
          {
            causes: ["advisories"],
            changes: [
              { fact: "severity", from: "LOW", to: "HIGH" },
              { fact: "status", from: "affected", to: "fixed" },
              { fact: "fixedVersion", to: "1.2" },
            ],
          },
        ],
      },
    ],
    [
      "that is known to be exploited now is changed",
      report([musl], [finding("CVE-1", musl)]),
      report([musl], [finding("CVE-1", musl, { knownExploited: { dateAdded: "2026-01-01" } })], otherData),
      { changed: [{ causes: ["advisories"], changes: [{ fact: "knownExploited", to: "2026-01-01" }] }] },
    ],
    [
      "pairs up with that of the same version before that of another",
      report([musl], [finding("CVE-1", pkg("pkg:apk/alpine/musl@1.1?arch=x"))]),
      report(
        [musl],
        [muslOf("1.0?arch=x"), muslOf("1.1?arch=arm")].map((of) => finding("CVE-1", of)),
      ),
      { added: [{ finding: { package: { version: "1.0" } } }] },
    ],
    [
      "that got its CVE id in between is the same one",
      report([musl], [finding("GHSA-1", musl)]),
      report([musl], [finding("CVE-1", musl, { aliases: ["GHSA-1"] })], otherData),
      {},
    ],
  ])("%s", (_name, before, after, expected) => {
    const { findings } = compareReports(before, after);

    expect(findings).toMatchObject({ added: [], fixed: [], changed: [], ...expected });
  });

  test("two findings of one advisory are not taken for each other", () => {
    const one = finding("CVE-1", musl, { aliases: ["DSA-1"] });
    const two = finding("CVE-2", musl, { aliases: ["DSA-1"] });
    const { findings } = compareReports(report([musl], [one]), report([musl], [two], otherData));

    expect([ids(findings?.added), ids(findings?.fixed)]).toEqual([["CVE-2"], ["CVE-1"]]);
  });

  test("that a rule takes out is changed, and one that a rule let go is added", () => {
    const found = [finding("CVE-1", musl, { severity: "LOW" })];
    const low = triage(found, filterRules({ severities: ["HIGH"] }), [musl]);
    const plain = report([musl], found);
    const filtered = report([musl], low.findings, { suppressed: low.suppressed });

    expect(compareReports(plain, filtered).findings).toMatchObject({
      added: [],
      fixed: [],
      changed: [{ causes: ["rules"], because: "It is suppressed now by severity (LOW is not among HIGH)" }],
    });
    expect(compareReports(filtered, plain).findings).toMatchObject({
      added: [
        {
          causes: ["rules"],
          because: "It was suppressed before by severity (LOW is not among HIGH), and is not now",
        },
      ],
      fixed: [],
      changed: [],
    });
    expect(compareReports(filtered, filtered).findings).toMatchObject({
      added: [],
      fixed: [],
      changed: [],
      unchanged: 0,
    });
  });

  test("that has no fix any more is told what there was", () => {
    const diff = compareReports(
      report([musl], [finding("CVE-1", musl, { fixedVersion: "1.2" })]),
      report([musl], [finding("CVE-1", musl)]),
    );

    expect(diff.findings?.changed[0]?.changes).toStrictEqual([{ fact: "fixedVersion", from: "1.2" }]);
  });

  test("that is suppressed neither comes nor goes, and changes for its own reasons", () => {
    const hidden = triage([finding("CVE-1", musl, { severity: "LOW" })], filterRules({ severities: ["HIGH"] }), [musl]);
    const filtered = report([musl], [], { suppressed: hidden.suppressed, ...otherData });
    const nothing = report([musl], []);

    for (const [before, after] of [
      [filtered, nothing],
      [nothing, filtered],
    ] as const)
      expect(compareReports(before, after).findings).toMatchObject({ added: [], fixed: [], changed: [], unchanged: 0 });
    expect(compareReports(report([musl], [finding("CVE-1", musl)]), filtered).findings?.changed).toStrictEqual([
      {
        finding: expect.objectContaining({ severity: "LOW" }),
        causes: ["advisories"],
        because: "The package is the same, but the advisory data has another revision",
        changes: [
          { fact: "severity", from: "HIGH", to: "LOW" },
          { fact: "suppressed", to: "severity" },
        ],
      },
    ]);
  });

  test("that a filter shows because its severity rose comes from the advisory data", () => {
    const rules = filterRules({ severities: ["HIGH"] });
    const low = triage([finding("CVE-1", musl, { severity: "LOW" })], rules, [musl]);
    const diff = compareReports(
      report([musl], low.findings, { suppressed: low.suppressed }),
      report([musl], [finding("CVE-1", musl)], otherData),
    );

    expect(diff.findings?.added).toMatchObject([{ causes: ["advisories"] }]);
  });
});

test("a gate judges what was added alone", () => {
  const before = report([musl], [finding("CVE-1", musl)]);
  const after = report(
    [musl, left],
    [finding("CVE-1", musl), finding("CVE-2", left), finding("CVE-3", left, { severity: "LOW" })],
  );
  const added = compareReports(before, after).findings?.added.map((difference) => difference.finding) ?? [];

  expect(
    failAtOrAbove("HIGH")
      .failures(added)
      .map(({ id }) => id),
  ).toEqual(["CVE-2"]);
});

test("coverage that differs is said, because findings may have come or gone with it", () => {
  const partial = report([musl], [], { coverage: { verdict: "partial", gaps: [] } });

  expect(compareReports(report([musl], [finding("CVE-1", musl)]), partial).notes).toEqual([
    "The coverage was complete and is partial: a finding may have come or gone because of it",
  ]);
  expect(compareReports(partial, report([musl], [])).notes).toEqual([
    "The coverage was partial and is complete: a finding may have come or gone because of it",
  ]);
  expect(compareReports(partial, partial).notes).toEqual([
    "The coverage of both is partial: what could not be looked at is not compared",
  ]);
  expect(compareReports(report([], []), report([], [])).notes).toEqual([]);
  const { coverage: _coverage, ...inventory } = partial;
  for (const notes of [compareReports(partial, inventory).notes, compareReports(inventory, partial).notes])
    expect(notes.filter((note) => note.includes("coverage"))).toEqual([]);
});

test("a distribution that differs is said", () => {
  expect(compareReports(report([], []), report([], [], onAlpine({}))).notes).toEqual([
    "The distribution, its release or its update channels differ",
  ]);
});

test("two results differ in the same, in whatever order their lists are", () => {
  // Two packages that come, two that go, two of new versions; of each two one URL names no version, and the second has the worse finding.
  const plain = (name: string, version: string) => ({ ...pkg(`pkg:npm/${name}`), id: `${name} ${version}`, version });
  const found = (packages: readonly Package[]) =>
    packages.map((of, at) => finding("CVE-1", of, { severity: at % 2 === 0 ? "LOW" : "HIGH" }));
  const old = [plain("gone", "1"), plain("gone", "2"), plain("z", "1.0"), pkg("pkg:npm/a@1.0")];
  const now = [plain("new", "1"), plain("new", "2"), plain("z", "2.0"), pkg("pkg:npm/a@2.0")];
  const before = report([left, ...old], found(old));
  const after = report([...now, left], found(now));
  const reversed = ({ packages, vulnerabilities = [], ...rest }: Report): Report => ({
    ...rest,
    packages: packages.toReversed(),
    vulnerabilities: vulnerabilities.toReversed(),
  });
  const { packages, findings } = compareReports(before, after);

  expect(compareReports(reversed(before), reversed(after))).toEqual(compareReports(before, after));
  expect(
    [packages.added, packages.removed].map((list) => list.map(({ name, version }) => `${name} ${version}`)),
  ).toEqual([
    ["new 1", "new 2"],
    ["gone 1", "gone 2"],
  ]);
  expect(packages.changed.map(({ name }) => name)).toEqual(["a", "z"]);
  expect(
    [findings?.added, findings?.fixed, findings?.changed].map((list) =>
      list?.map(({ finding: { severity } }) => severity),
    ),
  ).toEqual([
    ["HIGH", "LOW"],
    ["HIGH", "LOW"],
    ["HIGH", "LOW"],
  ]);
});

const somePackages = fc.shuffledSubarray([musl, newerMusl, left, pkg("pkg:npm/left@2.0"), pkg("pkg:npm/right@2.0")]);
const someReport = somePackages.chain((packages) =>
  fc
    .shuffledSubarray(packages.flatMap((of) => ["CVE-1", "CVE-2"].map((id) => finding(id, of))))
    .map((findings) => report(packages, findings)),
);

test("nothing is lost: what a report has more than another is added, updated or new", () => {
  fc.assert(
    fc.property(someReport, someReport, (before, after) => {
      const { findings } = compareReports(before, after);
      const { added = [], fixed = [], changed = [], unchanged = 0 } = findings ?? {};

      expect(added.length + changed.length + unchanged).toBe(after.vulnerabilities?.length);
      expect(fixed.length + changed.length + unchanged).toBe(before.vulnerabilities?.length);
    }),
  );
});

test("a report and itself, in any order, differ in nothing", () => {
  fc.assert(
    fc.property(someReport, (one) => {
      const other = {
        ...one,
        packages: one.packages.toReversed(),
        vulnerabilities: (one.vulnerabilities ?? []).toReversed(),
      };

      expect(compareReports(one, other)).toMatchObject({
        packages: { added: [], removed: [], changed: [] },
        findings: { added: [], fixed: [], changed: [], unchanged: one.vulnerabilities?.length },
      });
    }),
  );
});

describe("reports compared in turns", () => {
  const many = (version: string, count: number): Report => {
    const packages = Array.from({ length: count }, (_, at) => pkg(`pkg:npm/p${at}@${at % 3 === 0 ? version : "1"}`));
    return report(
      packages,
      packages.slice(Number(version)).map((each, at) => finding(`CVE-1-${at % 7}`, each)),
    );
  };

  test("differ in the same", async () => {
    const sides = [many("1", 50), many("2", 40)] as const;

    expect(await compareReportsInTurns(...sides)).toEqual(compareReports(...sides));
  });

  test("let others have their turn, and can be stopped", async () => {
    const turns = countTurns();
    await compareReportsInTurns(many("1", 1_000), many("2", 1_000));
    turns.stop();

    // Each of four thousand packages and findings is looked at several times, with 512 in a turn.
    expect(turns.count).toBeGreaterThanOrEqual(15);
    const stopped = compareReportsInTurns(many("1", 2), many("2", 2), { signal: AbortSignal.abort(new Error("over")) });
    await expect(stopped).rejects.toThrow("over");
  });
});
