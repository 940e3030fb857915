import { readdirSync, readFileSync } from "node:fs";
import type { Vulnerability } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { json } from "./index.ts";
import { readReport } from "./read.ts";

/** What the last release that wrote version 1 wrote: reports and inventories of images, a source tree and an SBOM. */
const folder = new URL("fixtures/version-1/", import.meta.url);
const documents = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const);

/** The old shape of what these tests look at. */
interface Version1 {
  readonly packages: readonly {
    readonly id: string;
    readonly ecosystem: string;
    readonly locations: readonly object[];
  }[];
  readonly findings?: readonly { readonly id: string; readonly package: { readonly id: string } }[];
  readonly suppressed?: readonly { readonly finding: { readonly id: string }; readonly by: string }[];
  readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
}

test("there are ten of them", () => {
  expect(documents).toHaveLength(10);
});

describe.each(documents)("%s", (name, text) => {
  const before = JSON.parse(text) as Version1;
  const read = readReport(text, { label: name });

  test("is read as version 2, with nothing lost", () => {
    const { findings: _, suppressed: __, diagnostics: ___, ...rest } = before;

    expect(read).toMatchObject({ ...rest, schemaVersion: 2 });
    expect(read).not.toHaveProperty("findings");
    expect(read.diagnostics.map(({ message }) => message)).toEqual(before.diagnostics.map(({ message }) => message));
    expect(read.diagnostics.filter(({ code }) => String(code) === "policy")).toEqual([]);
  });

  test("has its findings as vulnerabilities, each with the place and ecosystem of its package", () => {
    const vulnerabilities: readonly Vulnerability[] | undefined = "coverage" in read ? read.vulnerabilities : undefined;
    const packages = new Map(before.packages.map((pkg) => [pkg.id, pkg]));

    expect(vulnerabilities?.map(({ id }) => id)).toEqual(before.findings?.map(({ id }) => id));
    for (const [at, finding] of (vulnerabilities ?? []).entries()) {
      const pkg = packages.get(finding.package.id);
      expect(finding).toMatchObject({ ...before.findings?.[at], kind: "vulnerability", locations: pkg?.locations });
      expect(finding.package.ecosystem).toBe(pkg?.ecosystem);
      expect(finding.location).toEqual(pkg?.locations[0]);
      expect(finding.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  test("has what was suppressed", () => {
    const suppressed = "coverage" in read ? read.suppressed : undefined;

    expect(suppressed?.map(({ finding, by }) => [finding.kind, finding.id, by])).toEqual(
      before.suppressed?.map(({ finding, by }) => ["vulnerability", finding.id, by]),
    );
  });

  test("comes back as it is once it is written again", () => {
    if (!("coverage" in read)) return expect(readReport(JSON.stringify(read))).toEqual(read);
    expect(readReport([...json().render(read)].join(""))).toEqual(read);
  });
});
