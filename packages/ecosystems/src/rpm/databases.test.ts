import { readFileSync } from "node:fs";
import { openSqlite, readBlobs, readHashValues } from "@plimsoll/formats";
import type { FormatError } from "@plimsoll/formats";
import { analyzedFile, observe, parserCases, sharedFile, sharedPath, testParserCases } from "@plimsoll/testkit";
import type { FileAnalyzer } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { databases } from "./databases.ts";
import { headerBlobOf, packageFileOf } from "./fixtures/package-file.ts";
import { packageFile } from "./package-file.ts";
import { readPackageHeader } from "./package-header.ts";
import { observePackages, readHeaders } from "./packages.ts";
import type { ReadBlobs } from "./packages.ts";

const basesystem = packageFileOf(
  new Map([
    [1000, "basesystem"],
    [1001, "11"],
    [1002, "13.el9.0.1"],
    [1011, "Rocky Enterprise Software Foundation"],
    [1014, "Public Domain"],
    [1022, "noarch"],
    [1044, "basesystem-11-13.el9.0.1.src.rpm"],
  ]),
);

const [berkeleyDb, ndb, sqlite] = databases as readonly [FileAnalyzer, FileAnalyzer, FileAnalyzer];

interface ExpectedPackage {
  readonly name: string;
  readonly epoch?: number | null;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly sourceRpm: string;
  readonly size: number;
  readonly license: string;
  readonly vendor: string;
  readonly modularityLabel: string;
  readonly summary: string;
  readonly sigMD5: string;
  readonly provides?: readonly string[];
  readonly requires?: readonly string[];
  readonly installedFileNames?: readonly string[];
  readonly installTime?: number;
}

interface Expected {
  readonly kind: "bdb" | "ndb" | "sqlite";
  readonly file: string;
  readonly complete: boolean;
  readonly packages: readonly ExpectedPackage[];
  readonly details: readonly ExpectedPackage[];
}

const stores: Record<Expected["kind"], ReadBlobs> = {
  bdb: function* (file, onProblem) {
    for (const value of readHashValues(file, onProblem)) if (value.length >= 24) yield value;
  },
  ndb: readBlobs,
  sqlite: function* (file, onProblem) {
    for (const { values } of openSqlite(file).rows("Packages", onProblem))
      if (values[1] instanceof Uint8Array) yield values[1];
  },
};

test("of the files of all packages those of one are held at a time", () => {
  const blobs = [0, 1, 2, 3, 4].map((at) =>
    headerBlobOf(
      new Map([
        [1000, `p${at}`],
        [1001, "1"],
        [1027, `/etc/p${at}`],
        [1049, `/etc/p${(at + 3) % 5}`],
      ]),
    ),
  );
  let given = 0;
  const database: ReadBlobs = function* () {
    for (const blob of blobs) {
      given++;
      yield blob;
    }
  };
  const owned: unknown[] = [];
  const needed: unknown[] = [];
  for (const observation of observePackages(
    analyzedFile("var/lib/rpm/Packages", new Uint8Array(1_000)),
    new Uint8Array(1_000),
    database,
  )) {
    if (observation.kind === "ownership") owned.push([observation.owner, observation.paths, given]);
    if (observation.kind === "package") needed.push(observation.package.dependsOn);
  }

  expect(owned).toEqual(blobs.map((_, at) => [`p${at}-1.noarch`, [`etc/p${at}`], blobs.length + at + 1]));
  expect(needed).toEqual(blobs.map((_, at) => [`p${(at + 3) % 5}-1.noarch`]));
});

const folder = "conformance/rpmdb";

describe.skipIf(sharedPath(folder) === undefined)("shared rpm databases", () => {
  test.each(["libuuid", "dive-centos", "sle15-bci", "dive-sles"])("%s gives exactly its packages", (name) => {
    const expected = JSON.parse(sharedFile(`${folder}/${name}/expected.json`) ?? "") as Expected;
    const bytes = new Uint8Array(readFileSync(sharedPath(`${folder}/${name}/${expected.file}`) ?? ""));
    const problems: FormatError[] = [];

    const found = readHeaders(bytes, stores[expected.kind], problems);

    expect(problems).toEqual([]);
    const facts = found.map((header) => ({
      name: header.name,
      epoch: header.epoch ?? null,
      version: header.version,
      release: header.release,
      arch: header.architecture ?? "",
      sourceRpm: header.sourceRpm ?? "",
      size: header.size,
      license: header.license ?? "",
      vendor: header.vendor ?? "",
      modularityLabel: header.modularityLabel ?? "",
      summary: header.summary,
      sigMD5: header.md5 ?? "",
    }));
    const wanted = expected.packages.filter((pkg) => pkg.name !== "gpg-pubkey");
    if (expected.complete) expect(facts).toHaveLength(wanted.length);
    for (const pkg of wanted) expect(facts).toContainEqual(expect.objectContaining(pkg));
    for (const detail of expected.details) {
      const header = found.find((candidate) => candidate.name === detail.name);
      expect(header).toMatchObject({
        version: detail.version,
        release: detail.release,
        architecture: detail.arch,
        size: detail.size,
        installTime: detail.installTime,
        provides: detail.provides,
        requires: detail.requires,
      });
      expect(detail.installedFileNames).toEqual(expect.arrayContaining([...(header?.files ?? [])]));
      expect(header?.files.length).toBeGreaterThan(0);
    }
  });

  test("what is found has sources, dependencies within the database and owned files", async () => {
    const bytes = new Uint8Array(readFileSync(sharedPath(`${folder}/sle15-bci/Packages.db`) ?? ""));

    const { all, packages, diagnostics } = await observe(ndb, "usr/lib/sysimage/rpm/Packages.db", bytes);

    expect(diagnostics).toEqual([]);
    const glibc = packages.find(({ name }) => name === "glibc");
    expect(glibc).toMatchObject({ source: { name: "glibc" }, architecture: "x86_64" });
    const keys = new Set(packages.map(({ key }) => key));
    expect(packages.flatMap(({ dependsOn }) => dependsOn ?? []).every((key) => keys.has(key))).toBe(true);
    expect(packages.find(({ name }) => name === "bash")?.dependsOn).toContain(glibc?.key);
    const owned = all.find((one) => one.kind === "ownership" && one.owner === glibc?.key);
    expect(owned).toMatchObject({ paths: expect.arrayContaining(["lib64/libc.so.6"]) as unknown });
  });

  test("a truncated or damaged database gives what can be read, and says what cannot", async () => {
    const whole = new Uint8Array(readFileSync(sharedPath(`${folder}/sle15-bci/Packages.db`) ?? ""));
    const complete = (await observe(ndb, "x", whole)).packages.length;

    const cut = await observe(ndb, "x", whole.subarray(0, whole.length / 2));
    expect(cut.packages.length).toBeGreaterThan(0);
    expect(cut.packages.length).toBeLessThan(complete);
    expect(cut.diagnostics.length).toBeGreaterThan(0);

    const damaged = whole.slice();
    const slot = 16 * 3;
    damaged.fill(0xff, slot + 8, slot + 12);
    const rest = await observe(ndb, "x", damaged);
    expect(rest.packages).toHaveLength(complete - 1);
    expect(rest.diagnostics).toHaveLength(1);
  });
});

describe("databases that are none", () => {
  test.each([
    ["rpm/berkeley-db", berkeleyDb],
    ["rpm/ndb", ndb],
    ["rpm/sqlite", sqlite],
  ])("%s reports an empty and a nonsensical file", async (_, analyzer) => {
    for (const content of ["", "nonsense", "x".repeat(10_000)]) {
      const { packages, diagnostics } = await observe(analyzer, "var/lib/rpm/x", content);

      expect(packages).toEqual([]);
      expect(diagnostics).toEqual([expect.objectContaining({ code: "malformed-file", effect: "incomplete" })]);
    }
  });

  test("a header without a name is no package", () => {
    expect(() => readPackageHeader(new Uint8Array(8))).toThrow("rpm-header");
  });
});

testParserCases({
  folder: "os/rpm",
  analyzers: [sqlite],
  as: () => "var/lib/rpm/rpmdb.sqlite",
});
testParserCases({
  folder: "redhat/cataloger",
  analyzers: [berkeleyDb, packageFile],
  as: (path) => (path === "Packages" ? "var/lib/rpm/Packages" : undefined),
  // The folder has the recipe that fetches the package, whose comment says what is in its header: one like it stands for it.
  beside: ({ dir }) =>
    dir.includes("rsa-header") ? [["basesystem-11-13.el9.0.1.noarch.rpm", basesystem] as const] : [],
  // An epoch of 0 is none.
  expected: (pkg) => ({ ...pkg, version: (pkg.version ?? "").replace(/^0:/, "") }),
});

test("the published cases of this folder are there with the shared data", () => {
  expect(parserCases("os/rpm").length > 0).toBe(sharedPath(folder) !== undefined);
});
