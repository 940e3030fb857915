import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { match } from "./index.ts";
import {
  findingsOf,
  inventoryOf,
  literalEcosystem,
  literalEcosystems,
  pkg,
  storeOf,
} from "./fixtures/literal-matching.ts";
import type { LiteralAdvisory } from "./fixtures/literal-matching.ts";
import { compareText, defineVersionScheme } from "@plimsoll/model";
import type { Package } from "@plimsoll/model";

const anyText = defineVersionScheme<string>({ id: "any", parse: (text) => text, compare: compareText });
const ecosystems = literalEcosystems;
const [os] = ecosystems;

const musl = pkg("os", "musl", "1.1", { source: { name: "musl-src", version: "1.1" } });
const muslFixed = { namespace: "Distro:1", name: "musl-src", ranges: ["0..1.2"] };
const left = pkg("lib", "left", "1.0");
const leftFixed = { namespace: "Lib", name: "left", ranges: ["0..2.0"] };

describe("a package that is none of a registry's", () => {
  const store = storeOf([{ id: "MAL-1", affected: [{ ...leftFixed, ranges: ["0.."] }] }]);

  test.each([
    [undefined, 1, []],
    ["project", 0, []],
    ["path", 0, []],
    ["repository", 0, ["third-party-package"]],
    ["archive", 0, ["third-party-package"]],
  ] as const)("origin %s: %i findings", async (origin, count, gaps) => {
    const found = pkg("lib", "left", "1.0", origin === undefined ? {} : { origin });
    const {
      vulnerabilities: findings,
      coverage,
      namespaces,
    } = await match(inventoryOf([found]), store, { ecosystems });
    expect(findings).toHaveLength(count);
    expect(coverage.gaps.map(({ code }) => code)).toEqual(gaps);
    expect(namespaces).toEqual(count === 0 ? [] : ["Lib"]);
  });

  test.each([
    ["repository", 1, []],
    ["path", 1, []],
    ["project", 0, []],
    ["archive", 0, ["third-party-package"]],
  ] as const)("origin %s: %i findings, where the ecosystem looks up copies", async (origin, count, gaps) => {
    const copying = ecosystems.map((each) => ({ ...each, copiesFrom: ["repository", "path"] as const }));
    const found = pkg("lib", "left", "1.0", { origin });
    const { vulnerabilities, coverage } = await match(inventoryOf([found]), store, { ecosystems: copying });
    expect(vulnerabilities).toHaveLength(count);
    expect(coverage.gaps.map(({ code }) => code)).toEqual(gaps);
  });
});

test("what nobody can tell of an entry is neither a finding nor complete", async () => {
  const unsure = literalEcosystem("lib", "library", "Lib", {
    applicability: { uncertain: () => "its stream is not known" },
  });
  const store = storeOf([
    { id: "A-1", affected: [leftFixed] },
    { id: "A-2", affected: [leftFixed] },
  ]);
  const { vulnerabilities: findings, coverage } = await match(inventoryOf([left]), store, { ecosystems: [unsure] });
  expect(findings).toEqual([]);
  expect(coverage).toMatchObject({
    verdict: "partial",
    gaps: [
      {
        code: "unknown-version",
        message:
          "Cannot tell whether advisories are about left 1.0: its stream is not known; 2 advisories were not judged",
      },
    ],
  });
});

describe("what cannot be compared is told with its place", () => {
  const layer = { index: 2, diffId: "sha256:c" } as const;
  const location = { path: "app/lock", layer, line: 7 } as const;
  const told = async (...given: Parameters<typeof match>): Promise<readonly unknown[]> =>
    (await match(...given)).diagnostics;
  const problem = { kind: "diagnostic", effect: "incomplete" };

  test("of each package, with layer and line where they are known", async () => {
    const odd = pkg("lib", "left", "odd", { locations: [{ ...location, evidence: "declared" }] });
    const bare = pkg("lib", "left", "odder");
    const nowhere = pkg("lib", "left", "oddest", { locations: [] });
    const store = storeOf([
      { id: "A-1", affected: [leftFixed] },
      { id: "A-2", affected: [leftFixed] },
    ]);
    const message = (version: string): string =>
      `Cannot compare version "${version}" of left: not a version of the scheme dotted; 2 advisories were not judged`;

    expect(await told(inventoryOf([odd, bare, nowhere]), store, { ecosystems })).toStrictEqual([
      { ...problem, code: "malformed-version", message: message("oddest") },
      { ...problem, code: "malformed-version", message: message("odd"), location },
      { ...problem, code: "malformed-version", message: message("odder"), location: { path: "db" } },
    ]);
  });

  test("sorted by place, layer, kind and words, whatever the order of the packages", async () => {
    const unsure = literalEcosystem("lib", "library", "Lib", {
      applicability: { uncertain: ({ version }) => (version === "1.0" ? "no stream" : undefined) },
    });
    const at = (version: string, path: string, index?: number): Package =>
      pkg("lib", "left", version, {
        locations: [{ path, evidence: "declared", ...(index === undefined ? {} : { layer: { ...layer, index } }) }],
      });
    const packages = [
      pkg("lib", "left", "nowhere", { locations: [] }),
      pkg("lib", "left", "elsewhere", { locations: [] }),
      at("top", "Db"),
      at("bare", "db"),
      at("zero", "db", 0),
      at("b", "db", 2),
      at("c", "db", 2),
      at("1.0", "db", 2),
    ];
    const store = storeOf([{ id: "A-1", affected: [leftFixed] }]);
    for (const given of [packages, packages.toReversed(), [...packages.slice(3), ...packages.slice(0, 3)]]) {
      const { diagnostics } = await match(inventoryOf(given), store, { ecosystems: [unsure] });
      expect(diagnostics.map(({ message }) => /left 1\.0|"[a-z]+"/.exec(message)?.[0])).toEqual([
        '"elsewhere"',
        '"nowhere"',
        '"top"',
        '"bare"',
        '"zero"',
        '"b"',
        '"c"',
        "left 1.0",
      ]);
    }
  });

  test("but not where an advisory is at fault, since every package would have it", async () => {
    const store = storeOf([{ id: "A-1", affected: [{ ...leftFixed, ranges: ["0..two"] }] }]);

    expect(await told(inventoryOf([left, pkg("lib", "left", "1.1")]), store, { ecosystems })).toStrictEqual([
      {
        ...problem,
        code: "malformed-version",
        message:
          'Cannot compare "two", a bound that A-1 gives for left: not a version of the scheme dotted; 1 advisory was not judged',
      },
    ]);
  });

  test("and what an ecosystem cannot tell, too", async () => {
    const unsure = literalEcosystem("lib", "library", "Lib", { applicability: { uncertain: () => "no stream" } });
    const store = storeOf([{ id: "A-1", affected: [leftFixed] }]);
    const placed = { ...left, locations: [{ ...location, evidence: "declared" }] } as const;
    const nowhere = pkg("lib", "left", "1.1", { locations: [] });
    const message = (version: string): string =>
      `Cannot tell whether advisories are about left ${version}: no stream; 1 advisory was not judged`;

    expect(await told(inventoryOf([placed, nowhere]), store, { ecosystems: [unsure] })).toStrictEqual([
      { ...problem, code: "unknown-version", message: message("1.1") },
      { ...problem, code: "unknown-version", message: message("1.0"), location },
    ]);
  });

  test.each([
    [100, "x".repeat(100)],
    [101, `${"x".repeat(100)}…`],
  ])("with a hundred characters of the version: %i", async (length, shown) => {
    const store = storeOf([{ id: "A-1", affected: [leftFixed] }]);

    expect(await told(inventoryOf([pkg("lib", "left", "x".repeat(length))]), store, { ecosystems })).toMatchObject([
      { message: expect.stringContaining(`version "${shown}" of left`) as string },
    ]);
  });
});

describe("one package and one advisory", () => {
  test("give a finding that explains itself", async () => {
    const [finding] = await findingsOf(
      [musl],
      [{ id: "D-CVE-2020-0001", upstream: ["CVE-2020-0001"], summary: "overflow", affected: [muslFixed] }],
    );

    expect(finding).toMatchObject({
      id: "CVE-2020-0001",
      aliases: ["D-CVE-2020-0001"],
      fixedVersion: "1.2",
      fixedVersions: ["1.2"],
      status: "fixed",
      severity: "UNKNOWN",
      title: "overflow",
      explanation: {
        key: { namespace: "Distro:1", name: "musl-src" },
        comparedVersion: "1.1",
        advisory: "D-CVE-2020-0001",
        range: ">= 0, < 1.2",
        scheme: "dotted",
        confidence: "exact",
      },
    });
  });

  test("a withdrawn advisory is none", async () => {
    expect(await findingsOf([musl], [{ id: "A", withdrawn: "2020-01-01T00:00:00Z", affected: [muslFixed] }])).toEqual(
      [],
    );
  });

  test("a fixed version is no finding", async () => {
    expect(await findingsOf([pkg("os", "musl-src", "1.2")], [{ id: "A", affected: [muslFixed] }])).toEqual([]);
  });

  test("without a fix the publisher's word on it is the status", async () => {
    const affected = [{ namespace: "Lib", name: "left", ranges: ["0.."], status: "will_not_fix" as const }];
    const [finding] = await findingsOf([left], [{ id: "A", affected }]);
    expect(finding).toMatchObject({ status: "will_not_fix", fixedVersions: [] });
    expect(finding).not.toHaveProperty("fixedVersion");
  });

  test("an entry that the ecosystem rejects does not speak of the package", async () => {
    const picky = literalEcosystem("lib", "library", "Lib", {
      applicability: { rejects: () => "other architecture" },
    });
    const store = storeOf([{ id: "A", affected: [leftFixed] }]);
    expect((await match(inventoryOf([left]), store, { ecosystems: [picky] })).vulnerabilities).toEqual([]);
  });

  test("an entry that the ecosystem doubts makes an approximate finding that says why, unless another stands firm", async () => {
    const doubting = literalEcosystem("lib", "library", "Lib", {
      applicability: { doubts: (_, { advisory }) => (advisory === "A" ? "its code is not here" : undefined) },
    });
    const both = [
      { id: "A", aliases: ["CVE-2021-1"], affected: [leftFixed] },
      { id: "B", aliases: ["CVE-2021-1"], affected: [leftFixed] },
    ];
    const explain = async (advisories: readonly LiteralAdvisory[]) =>
      (await match(inventoryOf([left]), storeOf(advisories), { ecosystems: [doubting] })).vulnerabilities[0]
        ?.explanation;

    expect(await explain(both.slice(0, 1))).toMatchObject({ confidence: "approximate" });
    expect((await explain(both.slice(0, 1)))?.notes).toContain("its code is not here");
    expect(await explain(both)).toMatchObject({ confidence: "exact" });
  });

  test("an ecosystem is asked to settle what applies, and only where there is something to settle", async () => {
    const asked: (readonly string[])[] = [];
    const layered = literalEcosystem("lib", "library", "Lib", {
      applicability: {
        rejects: (_, { advisory }) => (advisory === "A" ? "other architecture" : undefined),
        settles: (_, entries) => (asked.push(entries.map(({ advisory }) => advisory)), entries),
      },
    });
    const found = async (...ids: readonly string[]): Promise<readonly string[]> =>
      (
        await match(inventoryOf([left]), storeOf(ids.map((id) => ({ id, affected: [leftFixed] }))), {
          ecosystems: [layered],
        })
      ).vulnerabilities.map(({ id }) => id);

    expect(await found("A", "B")).toEqual(["B"]);
    expect(asked).toEqual([]);
    expect(await found("A", "B", "C")).toEqual(["B", "C"]);
    expect(asked).toEqual([["B", "C"]]);
  });

  test("an advisory whose text the store has lost is found by its id", async () => {
    const store = { ...storeOf([{ id: "A", affected: [leftFixed] }]), read: async () => [undefined] };

    expect((await match(inventoryOf([left]), store, { ecosystems })).vulnerabilities).toMatchObject([
      { id: "A", aliases: [], fixedVersion: "2.0", severity: "UNKNOWN", cvss: [], references: [] },
    ]);
  });

  test("a store that answers for fewer keys than it was asked for knows nothing of the rest", async () => {
    const store = { ...storeOf([{ id: "A", affected: [leftFixed] }]), find: async () => [] };

    expect((await match(inventoryOf([left]), store, { ecosystems })).vulnerabilities).toEqual([]);
  });

  test("an entry for which the ecosystem lets another speak does not count", async () => {
    const layered = literalEcosystem("lib", "library", "Lib", {
      applicability: { settles: (_, entries) => entries.filter(({ advisory }) => advisory !== "A") },
    });
    const store = storeOf([
      { id: "A", affected: [leftFixed] },
      { id: "B", affected: [leftFixed] },
    ]);
    expect((await match(inventoryOf([left]), store, { ecosystems: [layered] })).vulnerabilities).toMatchObject([
      { id: "B" },
    ]);
  });

  test("the layer is that of the first location, with its instruction", async () => {
    const layer = { index: 1, diffId: "sha256:11" as const };
    const inventory = inventoryOf([
      pkg("lib", "left", "1.0", { locations: [{ path: "a", evidence: "installed", layer }] }),
    ]);
    const layers = [{ ...layer, digest: layer.diffId, size: 1, createdBy: "RUN npm ci" }];
    const { vulnerabilities: findings } = await match(
      { ...inventory, artifact: { ...inventory.artifact, layers } },
      storeOf([{ id: "A", affected: [leftFixed] }]),
      { ecosystems },
    );
    expect(findings[0]?.layer).toEqual({ ...layer, createdBy: "RUN npm ci" });
  });
});

describe("advisories of the same vulnerability", () => {
  test("are one finding through aliases, with the CVE id first", async () => {
    const findings = await findingsOf(
      [left],
      [
        { id: "GHSA-a", aliases: ["CVE-2021-0002"], affected: [leftFixed] },
        { id: "PYSEC-1", aliases: ["GHSA-a"], affected: [{ ...leftFixed, ranges: ["0..3.0"] }] },
      ],
    );
    expect(findings).toMatchObject([
      { id: "CVE-2021-0002", aliases: ["GHSA-a", "PYSEC-1"], fixedVersion: "3.0", fixedVersions: ["2.0", "3.0"] },
    ]);
    expect(findings[0]?.explanation.notes).toEqual(
      expect.arrayContaining(["GHSA-a is fixed in 2.0", "PYSEC-1 is fixed in 3.0"]),
    );
  });

  test("shared references join nothing", async () => {
    const findings = await findingsOf(
      [left],
      ["CVE-2021-1111", "CVE-2021-2222"].map((id) => ({
        id,
        references: ["https://example.org/same"],
        affected: [leftFixed],
      })),
    );
    expect(findings.map(({ id }) => id)).toEqual(["CVE-2021-1111", "CVE-2021-2222"]);
  });

  test("an advisory over several CVEs becomes one finding each, and joins none of them", async () => {
    const findings = await findingsOf(
      [musl],
      [
        { id: "DSA-1", upstream: ["CVE-2021-1111", "CVE-2021-2222"], affected: [muslFixed] },
        { id: "DEBIAN-CVE-2021-1111", upstream: ["CVE-2021-1111"], affected: [muslFixed] },
        { id: "DEBIAN-CVE-2021-2222", upstream: ["CVE-2021-2222"], affected: [{ ...muslFixed, ranges: ["0..1.3"] }] },
      ],
    );
    expect(findings).toMatchObject([
      { id: "CVE-2021-1111", aliases: ["DEBIAN-CVE-2021-1111", "DSA-1"], fixedVersion: "1.2" },
      { id: "CVE-2021-2222", aliases: ["DEBIAN-CVE-2021-2222", "DSA-1"], fixedVersion: "1.3" },
    ]);
    expect(findings[1]?.explanation.notes).toContain("DSA-1 is fixed in 1.2");
  });

  test("upstream ids of one CVE are one vulnerability, whatever else they are called", async () => {
    const findings = await findingsOf(
      [left],
      [{ id: "CGA-1", upstream: ["CVE-2021-1111", "GHSA-a"], affected: [leftFixed] }],
    );
    expect(findings).toMatchObject([{ id: "CVE-2021-1111", aliases: ["CGA-1", "GHSA-a"] }]);
  });

  test("without a CVE the finding is called as the advisory is", async () => {
    expect(await findingsOf([left], [{ id: "GHSA-b", affected: [leftFixed] }])).toMatchObject([
      { id: "GHSA-b", aliases: [] },
    ]);
  });

  test("in different packages are different findings", async () => {
    const right = pkg("lib", "right", "1.0");
    const findings = await findingsOf(
      [left, right],
      [{ id: "CVE-2021-1111", affected: [leftFixed, { ...leftFixed, name: "right" }] }],
    );
    expect(findings.map((finding) => finding.package.name)).toEqual(["left", "right"]);
  });

  test("one that names no fix does not take away the other's", async () => {
    const [finding] = await findingsOf(
      [left],
      [
        { id: "A", aliases: ["CVE-2021-1111"], affected: [{ ...leftFixed, ranges: ["0..=5.0"] }] },
        { id: "B", aliases: ["CVE-2021-1111"], affected: [leftFixed] },
      ],
    );
    expect(finding).toMatchObject({ fixedVersion: "2.0", status: "fixed", explanation: { advisory: "B" } });
    expect(finding?.explanation.notes).toContain("A names no fix");
  });
});

describe("severity", () => {
  const high = { system: "cvss-3.1", value: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", source: "ghsa" } as const;
  const low = {
    system: "cvss-4.0",
    value: "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N",
    source: "cna",
  } as const;
  const nvd = { system: "cvss-3.1", value: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", source: "nvd" } as const;
  const own = { system: "rating", value: "Important", source: "distro" } as const;

  test("of a distribution's package is the distribution's own word", async () => {
    const advisories = [{ id: "CVE-2021-1111", severities: [own], affected: [muslFixed] }];
    const [finding] = await findingsOf([musl], advisories, { "CVE-2021-1111": { severities: [nvd] } });
    expect(finding).toMatchObject({
      severity: "HIGH",
      severitySource: "distro",
      cvss: [{ source: "nvd", score: 9.8 }],
    });
    expect(finding?.explanation.notes).toEqual([
      "HIGH by the rating of distro",
      "Otherwise: CRITICAL by CVSS 3.1 9.8 of nvd",
    ]);
  });

  test("is the advisory's CVSS before the catalogue's, and the newest version of CVSS before a higher score", async () => {
    const advisories = [{ id: "CVE-2021-1111", severities: [high, low], affected: [leftFixed] }];
    const [finding] = await findingsOf([left], advisories, { "CVE-2021-1111": { severities: [nvd] } });
    expect(finding).toMatchObject({ severity: "LOW", severitySource: "cna" });
    expect(finding?.cvss.map(({ version }) => version)).toEqual(["4.0", "3.1", "3.1"]);
  });

  test("is the catalogue's where the advisory states none", async () => {
    const [finding] = await findingsOf([left], [{ id: "CVE-2021-1111", affected: [leftFixed] }], {
      "CVE-2021-1111": { severities: [nvd] },
    });
    expect(finding).toMatchObject({ severity: "CRITICAL", severitySource: "nvd" });
  });

  test("of the NVD goes before others' in the catalogue, whatever their version of CVSS and however bad", async () => {
    const severities = [
      { system: "cvss-4.0", value: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", source: "cna" },
      { system: "cvss-3.1", value: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L", source: "nvd" },
      { system: "rating", value: "critical", source: "otherdistro" },
    ] as const;
    const [finding] = await findingsOf([musl], [{ id: "CVE-2020-0001", affected: [muslFixed] }], {
      "CVE-2020-0001": { severities },
    });

    expect(finding).toMatchObject({ severity: "MEDIUM", severitySource: "nvd" });
  });

  test("is that of the CVE in another package where nobody else rates it, and says so", async () => {
    const elsewhere = [{ system: "rating", value: "medium", source: "vendor" }] as const;
    const advisories = [{ id: "ALPINE-CVE-2021-1111", upstream: ["CVE-2021-1111"], affected: [muslFixed] }];
    const [finding] = await findingsOf([musl], advisories, { "CVE-2021-1111": { elsewhere } });

    expect(finding).toMatchObject({ id: "CVE-2021-1111", severity: "MEDIUM", severitySource: "vendor" });
    expect(finding?.explanation.notes).toContain(
      "MEDIUM by the rating of vendor, which rates the CVE in another package",
    );
    const [known] = await findingsOf([musl], advisories, { "CVE-2021-1111": { severities: [nvd], elsewhere } });
    expect(known).toMatchObject({ severity: "CRITICAL", severitySource: "nvd" });
  });

  test("of one CVE is the catalogue's before that of an advisory over several", async () => {
    const upstream = ["CVE-2021-1111", "CVE-2021-2222"];
    const findings = await findingsOf([left], [{ id: "A", upstream, severities: [nvd], affected: [leftFixed] }], {
      "CVE-2021-1111": { severities: [high] },
    });
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([
      ["CVE-2021-2222", "CRITICAL"],
      ["CVE-2021-1111", "HIGH"],
    ]);
  });

  test("a vector that is none is passed over", async () => {
    const severities = [{ ...high, value: "CVSS:3.1/nonsense" }, high];
    const [finding] = await findingsOf([left], [{ id: "A", severities, affected: [leftFixed] }]);
    expect(finding).toMatchObject({ severity: "HIGH", cvss: [{ score: 7.5 }] });
  });

  test("risk is impact times likelihood, and absent where nobody knows the likelihood", async () => {
    const advisories = ["CVE-2021-1111", "CVE-2021-2222", "CVE-2021-3333"].map((id) => ({
      id,
      severities: [high],
      affected: [leftFixed],
    }));
    const findings = await findingsOf([left], advisories, {
      "CVE-2021-1111": { epss: { probability: 0.5, percentile: 0.9, date: "2024-01-01" } },
      "CVE-2021-2222": { knownExploited: { dateAdded: "2024-01-01" } },
    });
    expect(findings.map(({ risk }) => risk)).toEqual([37.5, 75, undefined]);
  });
});

describe("what cannot be judged", () => {
  test("an unreadable version is neither alarm nor reassurance", async () => {
    const result = await match(
      inventoryOf([pkg("lib", "left", "latest")]),
      storeOf([{ id: "A", affected: [leftFixed] }]),
      {
        ecosystems,
      },
    );
    expect(result.vulnerabilities).toEqual([]);
    expect(result.diagnostics).toMatchObject([
      {
        code: "malformed-version",
        effect: "incomplete",
        message:
          'Cannot compare version "latest" of left: not a version of the scheme dotted; 1 advisory was not judged',
        location: { path: "db" },
      },
    ]);
    expect(result.coverage).toMatchObject({ verdict: "partial", gaps: [{ code: "malformed-version", path: "db" }] });
  });

  test("a package without a version is said to have none", async () => {
    const { diagnostics } = await match(
      inventoryOf([pkg("lib", "left", "")]),
      storeOf([{ id: "A", affected: [leftFixed] }]),
      { ecosystems },
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "left has no version to compare; 1 advisory was not judged",
    ]);
  });

  test("an unreadable bound is reported once, with the advisory that has it", async () => {
    const affected = [{ ...leftFixed, ranges: ["0..soon"] }];
    const result = await match(inventoryOf([left, pkg("lib", "left", "1.1")]), storeOf([{ id: "A", affected }]), {
      ecosystems,
    });
    expect(result.diagnostics.map(({ message }) => message)).toEqual([
      'Cannot compare "soon", a bound that A gives for left: not a version of the scheme dotted; 1 advisory was not judged',
    ]);
  });

  test("the empty text is no version, even of a scheme that orders it", async () => {
    const lenient = literalEcosystem("lib", "library", "Lib", { versions: anyText });
    const inventory = inventoryOf([pkg("lib", "left", "")]);
    const { vulnerabilities: findings, coverage } = await match(
      inventory,
      storeOf([{ id: "A", affected: [leftFixed] }]),
      {
        ecosystems: [lenient],
      },
    );
    expect(findings).toEqual([]);
    expect(coverage.verdict).toBe("partial");
  });

  test("a package without a version counts as affected only when asked for", async () => {
    const inventory = inventoryOf([pkg("lib", "left", "")]);
    const store = storeOf([{ id: "A", affected: [leftFixed] }]);
    const plain = await match(inventory, store, { ecosystems });
    expect(plain.vulnerabilities).toEqual([]);
    expect(plain.diagnostics).toMatchObject([{ code: "malformed-version", effect: "incomplete" }]);
    expect((await match(inventory, store, { ecosystems, unversioned: "affected" })).vulnerabilities).toMatchObject([
      { id: "A", explanation: { confidence: "approximate", range: "version not known" } },
    ]);
  });

  test("a namespace that the store does not cover is a gap, not a clean result", async () => {
    const result = await match(inventoryOf([musl, left]), storeOf([{ id: "A", affected: [leftFixed] }]), {
      ecosystems,
    });
    expect(result.coverage).toEqual({
      verdict: "partial",
      scanners: { vuln: "partial" },
      gaps: [
        {
          scanner: "vuln",
          code: "no-advisories",
          message: "The database holds no advisories for Distro:1",
          packages: 1,
        },
      ],
    });
  });

  test("where nothing can be looked up, the verdict is unsupported", async () => {
    const lost = literalEcosystem("os", "os", undefined, {
      lookupGap: () => ({ code: "unknown-distro", message: "The distribution is not known" }),
    });
    const result = await match(inventoryOf([musl]), storeOf([]), { ecosystems: [lost] });
    expect(result.coverage).toEqual({
      verdict: "unsupported",
      scanners: { vuln: "unsupported" },
      gaps: [{ scanner: "vuln", code: "unknown-distro", message: "The distribution is not known", packages: 1 }],
    });
  });

  test("no packages at all is unsupported too", async () => {
    const { coverage } = await match(inventoryOf([]), storeOf([{ id: "A", affected: [leftFixed] }]), { ecosystems });
    expect(coverage).toMatchObject({ verdict: "unsupported", gaps: [{ code: "no-packages" }] });
  });

  test("all looked at is complete", async () => {
    const { coverage } = await match(inventoryOf([left]), storeOf([{ id: "A", affected: [leftFixed] }]), {
      ecosystems,
    });
    expect(coverage).toEqual({ verdict: "complete", scanners: { vuln: "complete" }, gaps: [] });
  });

  test("a package of an ecosystem that was not given is a gap", async () => {
    const { coverage } = await match(inventoryOf([left]), storeOf([]), { ecosystems: [os] });
    expect(coverage.gaps).toMatchObject([
      {
        code: "no-advisories",
        message: 'No ecosystem "lib" was given to match its packages with',
        packages: 1,
      },
    ]);
  });

  test("gaps tell their packages by reason, sorted by code and message", async () => {
    const two = literalEcosystem("two", "library", undefined, {
      advisoryKeys: ({ name, version }) => ["Z", "Y"].map((namespace) => ({ namespace, name, version })),
    });
    const none = literalEcosystem("none", "library", undefined);
    const third = pkg("lib", "right", "1.0", { origin: "repository" });
    const packages = [third, pkg("two", "a", "1"), pkg("two", "b", "1"), pkg("gone", "c", "1"), pkg("none", "d", "1")];
    const { coverage } = await match(inventoryOf(packages), storeOf([]), { ecosystems: [...ecosystems, two, none] });

    expect(coverage.gaps.map(({ code, message, packages: count }) => [code, message, count])).toEqual([
      ["no-advisories", 'No ecosystem "gone" was given to match its packages with', 1],
      ["no-advisories", "The database holds no advisories for Y, Z", 2],
      [
        "third-party-package",
        "Packages from repositories and archives do not come from a registry, so no advisories of registries apply to them",
        1,
      ],
    ]);
  });

  test("names that some advisories know tell nothing of those they do not know, which is said", async () => {
    const program = literalEcosystem("lib", "library", undefined, {
      advisoryKeys: ({ name, version }) => [
        { namespace: "Lib", name, version, selective: true },
        { namespace: "CPE", name: `${name}:${name}`, version, guessed: true },
      ],
    });
    const known = { id: "A", affected: [leftFixed] };
    const guessed = { id: "B", affected: [{ namespace: "CPE", name: "left:left", ranges: ["0..2.0"] }] };

    const selective = await match(inventoryOf([left]), storeOf([known]), { ecosystems: [program] });
    const both = await match(inventoryOf([left]), storeOf([known, guessed]), { ecosystems: [program] });

    expect(selective.coverage).toMatchObject({
      verdict: "partial",
      gaps: [
        {
          code: "no-advisories",
          message: "Of left, the database holds advisories for only some of these packages (Lib), and none for CPE",
          packages: 1,
        },
      ],
    });
    const alone = literalEcosystem("lib", "library", undefined, {
      advisoryKeys: ({ name, version }) => [{ namespace: "Lib", name, version, selective: true }],
    });
    expect((await match(inventoryOf([left]), storeOf([known]), { ecosystems: [alone] })).coverage.gaps).toMatchObject([
      { message: "Of left, the database holds advisories for only some of these packages (Lib)" },
    ]);
    expect(both.coverage).toEqual({ verdict: "complete", scanners: { vuln: "complete" }, gaps: [] });
    expect(both.vulnerabilities.map(({ id, explanation: { confidence } }) => [id, confidence])).toEqual([
      ["A", "exact"],
      ["B", "approximate"],
    ]);
  });
});

describe("informational advisories", () => {
  const affected = [{ ...leftFixed, qualifiers: { informational: "unmaintained" } }];

  test("are no findings unless asked for", async () => {
    const store = storeOf([{ id: "RUSTSEC-1", affected }]);
    expect((await match(inventoryOf([left]), store, { ecosystems })).vulnerabilities).toEqual([]);
    expect(
      (await match(inventoryOf([left]), store, { ecosystems, informational: "report" })).vulnerabilities,
    ).toHaveLength(1);
  });

  test("are not those about code that breaks memory", async () => {
    const store = storeOf([{ id: "A", affected: [{ ...leftFixed, qualifiers: { informational: "unsound" } }] }]);
    expect((await match(inventoryOf([left]), store, { ecosystems })).vulnerabilities).toHaveLength(1);
  });

  test("are those that say so in a word", async () => {
    const store = storeOf([{ id: "A", affected: [{ ...leftFixed, qualifiers: { informational: "" } }] }]);
    expect((await match(inventoryOf([left]), store, { ecosystems })).vulnerabilities).toHaveLength(1);
  });
});

describe("a package that the distribution owns", () => {
  const owner = pkg("os", "python3-left", "1.0");
  const owned = pkg("lib", "left", "1.0", { locations: [{ path: "l", evidence: "installed", ownedBy: owner.id }] });
  const covered = { id: "D", affected: [muslFixed] };
  const about = { id: "A", affected: [leftFixed] };

  test("is left to the distribution's advisories, and what its own say is set aside with the reason", async () => {
    const {
      vulnerabilities: findings,
      leftToOwner,
      setAside,
    } = await match(inventoryOf([owner, owned]), storeOf([covered, about]), {
      ecosystems,
    });
    expect(findings).toEqual([]);
    const reason = "Its files belong to python3-left 1.0; the distribution's advisories decide";
    expect([...leftToOwner]).toEqual([[owned.id, reason]]);
    expect(setAside).toMatchObject([{ finding: { id: "A", package: { id: owned.id } }, by: "distribution", reason }]);
    expect(setAside[0]?.finding.explanation.notes).toEqual([
      "Nobody states a severity",
      `Some of its files belong to ${owner.id}`,
      reason,
    ]);
  });

  test("names all owners, sorted, each once", async () => {
    const other = pkg("os", "left-data", "2.0");
    const locations = [owner, other, owner].map(({ id }) => ({
      path: "l",
      evidence: "installed" as const,
      ownedBy: id,
    }));
    const { leftToOwner } = await match(
      inventoryOf([owner, other, { ...owned, locations }]),
      storeOf([covered, about]),
      { ecosystems },
    );
    expect([...leftToOwner.values()]).toEqual([
      "Its files belong to left-data 2.0, python3-left 1.0; the distribution's advisories decide",
    ]);
  });

  test("is none of the distribution's own, and not owned by another library", async () => {
    const ownedBy = (id: string) => ({ locations: [{ path: "l", evidence: "installed", ownedBy: id }] }) as const;
    const inside = pkg("os", "musl", "1.1", ownedBy(owner.id));
    const bundled = pkg("lib", "left", "1.0", ownedBy("pkg:lib/all@1.0"));
    const { vulnerabilities: findings } = await match(
      inventoryOf([owner, inside, pkg("lib", "all", "1.0"), bundled]),
      storeOf([{ id: "D", affected: [{ ...muslFixed, name: "musl" }] }, about]),
      { ecosystems },
    );
    expect(findings.map(({ id }) => id)).toEqual(["A", "D"]);
  });

  test("is matched by its own name when asked for, and says whose it is", async () => {
    const options = { ecosystems, ownedPackages: "both" as const };
    const { vulnerabilities: findings, setAside } = await match(
      inventoryOf([owner, owned]),
      storeOf([covered, about]),
      options,
    );
    expect(setAside).toEqual([]);
    expect(findings).toMatchObject([{ id: "A" }]);
    expect(findings[0]?.explanation.notes).toContain(`Some of its files belong to ${owner.id}`);
  });

  test("speaks for itself where the distribution has no advisories", async () => {
    const { vulnerabilities: findings } = await match(inventoryOf([owner, owned]), storeOf([about]), { ecosystems });
    expect(findings).toHaveLength(1);
  });

  test("speaks for itself where one of its places is its own", async () => {
    const elsewhere = pkg("lib", "left", "1.0", {
      locations: [...owned.locations, { path: "m", evidence: "installed" }],
    });
    const { vulnerabilities: findings } = await match(inventoryOf([owner, elsewhere]), storeOf([covered, about]), {
      ecosystems,
    });
    expect(findings).toHaveLength(1);
  });
});

describe("matching as a whole", () => {
  test("asks the store once, with each name once", async () => {
    const store = storeOf([{ id: "A", affected: [leftFixed] }]);
    const asked: number[] = [];
    const counting = {
      ...store,
      find: (...args: Parameters<typeof store.find>) => (asked.push(args[0].length), store.find(...args)),
    };
    await match(inventoryOf([left, pkg("lib", "left", "1.5")]), counting, { ecosystems });
    expect(asked).toEqual([1]);
  });

  test("asks the store for nothing where there is nothing to ask", async () => {
    const never = async (): Promise<never> => Promise.reject(new Error("asked"));
    const store = { ...storeOf([]), covers: () => true, read: never, enrich: never };

    expect((await match(inventoryOf([]), { ...store, find: never }, { ecosystems })).vulnerabilities).toEqual([]);
    expect((await match(inventoryOf([left]), store, { ecosystems })).vulnerabilities).toEqual([]);
  });

  test("hands the signal to all that asks the store", async () => {
    const { signal } = new AbortController();
    const store = storeOf([{ id: "CVE-2021-1111", affected: [leftFixed] }]);
    const handed: unknown[] = [];
    const noting: typeof store = {
      ...store,
      find: (keys, options) => (handed.push(options?.signal), store.find(keys, options)),
      read: (ids, options) => (handed.push(options?.signal), store.read(ids, options)),
      enrich: (cves, options) => (handed.push(options?.signal), store.enrich(cves, options)),
    };
    await match(inventoryOf([left]), noting, { ecosystems, signal });
    expect(handed).toEqual([signal, signal, signal]);
  });

  test("takes what it does by default by its name, too, and refuses what it does not know by its own name", async () => {
    const defaults = { ownedPackages: "distribution", informational: "omit", unversioned: "unknown" } as const;
    const store = storeOf([{ id: "A", affected: [leftFixed] }]);

    expect(await match(inventoryOf([left]), store, { ecosystems, ...defaults })).toEqual(
      await match(inventoryOf([left]), store, { ecosystems }),
    );
    const unknown = { ecosystems, speed: 1 };
    await expect(match(inventoryOf([left]), store, unknown)).rejects.toThrow(/\bmatch\b/);
  });

  test("stops when aborted", async () => {
    const reason = new Error("enough");
    await expect(
      match(inventoryOf([left]), storeOf([]), { ecosystems, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  test("tells how much it found", async () => {
    const events: unknown[] = [];
    await match(inventoryOf([left]), storeOf([{ id: "A", affected: [leftFixed] }]), {
      ecosystems,
      onEvent: (event) => events.push(event),
    });
    expect(events).toEqual([{ kind: "matched", packages: 1, findings: 1 }]);
  });

  test("gives the same bytes for packages and advisories in any order", async () => {
    const packages = [musl, left, pkg("lib", "left", "1.5"), pkg("lib", "left", "odd"), pkg("gone", "x", "1")];
    const advisories: readonly LiteralAdvisory[] = [
      { id: "DSA-1", upstream: ["CVE-2021-1111", "CVE-2021-2222"], references: ["r1"], affected: [muslFixed] },
      {
        id: "DEBIAN-CVE-2021-2222",
        upstream: ["CVE-2021-2222"],
        references: ["r2"],
        affected: [{ ...muslFixed, ranges: ["0..1.3"] }],
      },
      { id: "B", aliases: ["CVE-2020-9999"], summary: "b", affected: [leftFixed] },
      {
        id: "A",
        aliases: ["CVE-2020-9999"],
        summary: "a",
        affected: [leftFixed, { ...leftFixed, ranges: ["0..1.2"] }],
      },
      { id: "C", affected: [{ ...leftFixed, ranges: ["0..odd"] }] },
    ];
    const expected = JSON.stringify(await match(inventoryOf(packages), storeOf(advisories), { ecosystems }));
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(packages, { minLength: packages.length }),
        fc.shuffledSubarray([...advisories], { minLength: advisories.length }),
        async (somePackages, someAdvisories) => {
          const result = await match(inventoryOf(somePackages), storeOf(someAdvisories), { ecosystems });
          expect(JSON.stringify(result)).toBe(expected);
        },
      ),
    );
  });
});
