import type {
  AffectedPackage,
  AnalyzedFile,
  Analyzer,
  Distro,
  Ecosystem,
  FileMatcher,
  FoundPackage,
  Observation,
  Package,
} from "@plimsoll/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyzedFile } from "./run-analyzer.ts";

export interface EcosystemSuite {
  /** Parses a purl; undefined for other text. */
  readonly parsePurl: (purl: string) => { readonly name: string } | undefined;
}

/** Tests the contract of every ecosystem, for any bytes that its analyzers read and any packages that they find. */
export function testEcosystem(ecosystem: Ecosystem, suite: EcosystemSuite): void {
  describe(`ecosystem ${ecosystem.id}`, () => {
    test("has a plain id, and analyzers with ids of their own and revisions from 1", () => {
      expect(ecosystem.id).toMatch(/^[a-z][a-z0-9-]*$/);
      const ids = ecosystem.analyzers.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { id, revision, matches } of ecosystem.analyzers) {
        expect(id).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
        expect(Number.isInteger(revision) && revision >= 1, `revision of ${id}`).toBe(true);
        expect(matches.length, `matchers of ${id}`).toBeGreaterThan(0);
      }
    });

    test("matches paths as layers have them: without leading slash", () => {
      for (const matcher of ecosystem.analyzers.flatMap(({ matches }) => matches)) {
        const [value] = Object.values(matcher) as readonly unknown[];
        if (typeof value === "string") expect(value).toMatch("suffix" in matcher ? /^.+$/ : /^[^/].*[^/]$|^[^/]$/);
      }
    });

    test.each(ecosystem.analyzers.map((analyzer) => [analyzer.id, analyzer] as const))(
      "%s reads any bytes, saying the same each time, as plain data",
      async (_, analyzer) => {
        await fc.assert(
          fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), hostileText), async (bytes) => {
            const file = analyzedFile(examplePath(analyzer), bytes, { executable: true });

            const first = await run(analyzer, file);

            expect(await run(analyzer, file)).toEqual(first);
            expect(JSON.parse(JSON.stringify(first))).toEqual(first);
            for (const observation of first) checkObservation(observation);
          }),
          { numRuns: 60 },
        );
      },
    );

    test("writes a purl for any package, and it reads back", () => {
      fc.assert(
        fc.property(oddPackage, fc.option(oddDistro, { nil: undefined }), (pkg, distro) => {
          const purl = ecosystem.purl(pkg, distro);

          expect(purl).toMatch(/^pkg:[a-z]/);
          if (/^[A-Za-z0-9]+$/.test(pkg.name))
            expect(suite.parsePurl(purl)?.name.toLowerCase()).toBe(pkg.name.toLowerCase());
        }),
        { numRuns: 200 },
      );
    });

    test("names advisory keys, gaps and rejections for any package, without holes", () => {
      fc.assert(
        fc.property(oddPackage, fc.option(oddDistro, { nil: undefined }), oddAffected, (found, distro, affected) => {
          const { key: _, dependsOn: __, ...rest } = found;
          const pkg: Package = { ...rest, id: "1", ecosystem: ecosystem.id, purl: "pkg:generic/x", locations: [] };

          const keys = ecosystem.advisoryKeys(pkg, distro);
          for (const key of keys) {
            expect(key.namespace).not.toMatch(/undefined|^$/);
            expect(typeof key.name).toBe("string");
            expect(typeof key.version).toBe("string");
            expect(ecosystem.applicability?.schemeFor?.(key) ?? ecosystem.versions).toHaveProperty("id");
          }
          const gap = ecosystem.lookupGap?.(pkg, distro);
          if (gap !== undefined) expect(gap.message.length).toBeGreaterThan(10);
          ecosystem.applicability?.rejects?.(pkg, affected, distro);
          ecosystem.applicability?.uncertain?.(pkg, affected, distro);
        }),
        { numRuns: 200 },
      );
    });

    test("has versions that say unknown for nonsense and never throw", () => {
      fc.assert(
        fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
          const { versions } = ecosystem;
          if (versions.isValid(a) && versions.isValid(b)) expect(versions.compare(a, b)).toBeDefined();
          versions.satisfies(a, b);
        }),
        { numRuns: 100 },
      );
    });
  });
}

async function run(analyzer: Analyzer, file: AnalyzedFile): Promise<readonly Observation[]> {
  const said: Observation[] = [];
  const observations =
    analyzer.kind === "file"
      ? analyzer.analyze(file, {})
      : analyzer.analyze(
          { get: (path) => (path === file.path ? file : undefined), [Symbol.iterator]: () => [file].values() },
          [],
          {},
        );
  for await (const observation of observations) said.push(observation);
  return said;
}

/** A path that the analyzer wants. */
function examplePath(analyzer: Analyzer): string {
  const [matcher] = analyzer.matches as readonly [FileMatcher];
  if ("path" in matcher) return matcher.path;
  if ("basename" in matcher) return `opt/${matcher.basename}`;
  if ("suffix" in matcher) return matcher.suffix.startsWith("/") ? `opt${matcher.suffix}` : `opt/x${matcher.suffix}`;
  if ("below" in matcher) return `${matcher.below}/a/b`;
  if (!("directory" in matcher)) return "opt/x";
  return `${matcher.directory}/${matcher.beginning ?? ""}x${matcher.ending ?? ""}`;
}

function checkObservation(observation: Observation): void {
  if (observation.kind === "package") {
    expect(observation.package.name, "a package has a name").not.toBe("");
    expect(typeof observation.package.version).toBe("string");
  }
  if (observation.kind === "diagnostic") expect(observation.message).not.toBe("");
  if (observation.kind === "ownership") for (const path of observation.paths) expect(path.startsWith("/")).toBe(false);
}

const hostileText = fc
  .constantFrom(
    "",
    "\n",
    "{}",
    "[]",
    "null",
    '"text"',
    "1e999",
    '{"__proto__":{"name":"x"},"constructor":1}',
    "[".repeat(5_000),
    '{"a":'.repeat(5_000),
    "- ".repeat(2_000),
    "%".repeat(3_000),
    "<a>".repeat(2_000),
    "Package: \u0000\nVersion: \ud800\n",
    "P:\nV:\n\nP:x\n",
    "a: &a [*a, *a]\n",
    "\uFEFF{",
  )
  .map((text) => new TextEncoder().encode(text));

const oddText = fc.oneof(
  fc.constantFrom("", " ", "a", "@scope/name", "1.0", "1:2-3", "../x", "a/b", "__proto__", "%", "é", "\ud800", "a\nb"),
  fc.string({ maxLength: 12 }),
);

const oddPackage: fc.Arbitrary<FoundPackage> = fc.record(
  {
    name: oddText,
    version: oddText,
    source: fc.record({ name: oddText, version: oddText }),
    architecture: oddText,
    supplier: oddText,
    facts: fc.dictionary(oddText, oddText, { maxKeys: 2 }),
  },
  { requiredKeys: ["name", "version"] },
);

const oddDistro: fc.Arbitrary<Distro> = fc.record(
  {
    id: fc.oneof(fc.constantFrom("alpine", "debian", "ubuntu", "rhel", "sles", "amzn", "photon"), oddText),
    versionId: oddText,
    codename: oddText,
    name: oddText,
    channels: fc.array(oddText, { maxLength: 2 }),
    facts: fc.dictionary(oddText, oddText, { maxKeys: 2 }),
  },
  { requiredKeys: ["id"] },
);

const oddAffected: fc.Arbitrary<AffectedPackage> = fc.record({
  advisory: fc.constant("X-1"),
  namespace: oddText,
  name: oddText,
  ranges: fc.constant([{ introduced: "0", end: { kind: "open" } as const }]),
  qualifiers: fc.record(
    {
      arch: fc.array(oddText, { maxLength: 2 }),
      modules: fc.array(oddText, { maxLength: 2 }),
      binaries: fc.array(oddText, { maxLength: 2 }),
      imports: fc.array(fc.record({ path: oddText }), { maxLength: 2 }),
      urgency: oddText,
    },
    { requiredKeys: [] },
  ),
});
