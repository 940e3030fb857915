import type { Finding, Inventory, Package, Report, Vulnerability } from "@plimsoll/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { triage, compareReports, failAtOrAbove, filterRules } from "./index.ts";
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
      { added: [{ causes: ["advisories"] }] },
    ],
    [
      "that only another version of the scanner sees is added by the engine",
      report([musl], []),
      report([musl], [finding("CVE-1", musl)], otherTool),
      { added: [{ causes: ["engine"], because: expect.stringContaining("was plimsoll 1.0.0 and is plimsoll 1.1.0") }] },
    ],
    [
      "has both causes where the reports cannot tell them apart",
      report([musl], [finding("CVE-1", musl)]),
      report([musl], [], { ...otherData, ...otherTool }),
      { fixed: [{ causes: ["advisories", "engine"] }] },
    ],
    [
      "that nothing in the reports explains comes from options",
      report([musl], []),
      report([musl], [finding("CVE-1", musl)]),
      { added: [{ causes: ["options"] }] },
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
      "of another release of the distribution is the inventory's",
      report([musl], []),
      report([musl], [finding("CVE-1", musl)], {
        artifact: { ...report([], []).artifact, distro: { id: "alpine", versionId: "3.20" } },
      }),
      { added: [{ causes: ["inventory"] }] },
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
      added: [{ causes: ["rules"] }],
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
