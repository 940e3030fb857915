import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { feedAnalyzers, processorTime } from "@plimsoll/testkit";
import type { Analyzer } from "@plimsoll/model";
import { describe, expect, test } from "vitest";
import { everyEcosystem } from "./index.ts";
import { membersOf } from "./shared/reading/member-patterns.ts";

interface FuzzTarget {
  readonly fuzz: (input: Uint8Array) => void | Promise<void>;
}

const source = fileURLToPath(new URL(".", import.meta.url));
const targets = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".fuzz.ts"));

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const nested = (open: string, close: string, depth = 10_000): string => open.repeat(depth) + close.repeat(depth);

/** What broken downloads, broken tools and people with bad intentions leave behind, for any format. */
const inputs: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array()],
  ["zero bytes", new Uint8Array(4_096)],
  ["bytes that are no UTF-8", Uint8Array.from({ length: 4_096 }, (_, at) => (at * 37) % 256)],
  ["a lone surrogate", bytes('{"name":"\\ud800","version":"\\udfff"}')],
  ["half an object", bytes('{"name": "a", "version": "1.0.0", "packages": {"a"')],
  ["a list where an object belongs", bytes('[{"name": ["a"], "version": {}}, 1, null, "x"]')],
  [
    "wrong types everywhere",
    bytes('{"name":1,"version":[],"packages":"x","dependencies":[1],"default":7,"libraries":true}'),
  ],
  [
    "prototype keys",
    bytes(
      '{"__proto__":{"name":"a","version":"1.0.0"},"constructor":{"prototype":{"x":1}},"packages":{"__proto__":{"version":"1"}}}',
    ),
  ],
  ["deep lists", bytes(nested("[", "]"))],
  ["deep objects", bytes(nested('{"a":', "}", 10_000))],
  ["deep YAML", bytes(nested("- ", ""))],
  ["deep TOML", bytes(`a = ${nested("[", "]")}`)],
  ["deep tables", bytes(`[${"a.".repeat(10_000)}a]\nb = 1`)],
  ["deep parentheses", bytes(nested("(", ")"))],
  ["unfinished quotes", bytes(`"${"a'".repeat(20_000)}`)],
  ["many empty lines", bytes("\n".repeat(200_000))],
  ["a long line of words", bytes("name version ".repeat(80_000))],
  ["a long line of one letter", bytes("a".repeat(1_000_000))],
  ["a long line of digits and dots", bytes("1.".repeat(500_000))],
  ["a long line of white space", bytes(`name =${" ".repeat(1_000_000)}x`)],
  ["many equals signs", bytes("=".repeat(500_000))],
  ["many colons", bytes("a:".repeat(500_000))],
  ["many quotes", bytes('"'.repeat(500_000))],
  ["many slashes", bytes("/".repeat(500_000))],
  ["many backslashes at ends of lines", bytes("a==1 \\\n".repeat(60_000))],
  ["an ELF header and nothing else", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0)],
  [
    "an ELF file that points outside of itself",
    Uint8Array.from({ length: 512 }, (_, at) => [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1][at] ?? 0xff),
  ],
  [
    "a Windows program that points outside of itself",
    Uint8Array.from({ length: 512 }, (_, at) => [0x4d, 0x5a][at] ?? 0xff),
  ],
  ["a Mach-O file of very many architectures", Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0xff, 0xff, 0xff, 0xff)],
];

describe("every kind of file survives hostile content", () => {
  test.each(targets)("%s", async (target) => {
    const { fuzz } = (await import(/* @vite-ignore */ `./${target}`)) as FuzzTarget;
    const slow: string[] = [];
    for (const [name, input] of inputs) {
      const started = processorTime();
      await fuzz(input);
      // Linear parsers need milliseconds; a quadratic one would need minutes.
      if (processorTime() - started > 5_000) slow.push(name);
    }

    expect(slow).toEqual([]);
  });

  test("there are targets", () => {
    expect(targets.length).toBeGreaterThan(10);
  });
});

/** A parser that is not linear needs minutes for this, too. */
const lineBytes = 2_000_000;
/** One line of 2 MB, as a minified or a broken document may be. */
const lines: readonly (readonly [string, Uint8Array])[] = [
  ["text that is never closed", bytes(`{"name":"${"y".repeat(lineBytes)}`)],
  ["escapes that never end", bytes(`a = "${"\\y".repeat(lineBytes / 2)}`)],
];
const marks = bytes(`name "a", '1.0' {[( = : `.repeat(50_000));
/** Where an analyzer looks for more than its files' names. */
const places: ReadonlyMap<string, string> = new Map([
  ["github-actions/workflow", ".github/workflows/a.yml"],
  ["npm/installed", "app/node_modules/a/package.json"],
  ["composer/installed", "app/vendor/composer/installed.json"],
  ["gem/gemspec", "specifications/a-1.gemspec"],
  ["cpan/installed", ".meta/a/MYMETA.json"],
]);

function pathOf({ id, matches: [matcher] }: Analyzer): string {
  const known = places.get(id);
  if (known !== undefined) return known;
  if (matcher === undefined || "magic" in matcher) return "app/any";
  if ("path" in matcher) return matcher.path;
  if ("directory" in matcher) return `${matcher.directory}/a`;
  if ("below" in matcher) return `${matcher.below}/a/b`;
  if ("stem" in matcher) return `app/${matcher.stem}a`;
  return "suffix" in matcher ? `app/a${matcher.suffix}` : `app/${matcher.basename}`;
}

describe("a file of one line of 2 MB is read or reported, in time", () => {
  const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
  test.each(analyzers.map((analyzer) => [analyzer.id, analyzer] as const))(
    "%s",
    async (_, analyzer) => {
      const path = pathOf(analyzer);
      for (const [name, whole] of [...lines, ["marks", marks] as const]) {
        // Larger files are never shown to an analyzer: the report says so.
        const input = whole.subarray(0, analyzer.maxBytes);
        const started = processorTime();

        const said = await feedAnalyzers([analyzer], input, [path]);

        // Less than a second without load; a quadratic parser would need minutes.
        expect(processorTime() - started, name).toBeLessThan(15_000);
        for (const one of said) if (one.kind === "diagnostic") expect(one.location?.path).toBe(path);
      }
    },
    120_000,
  );
});

/** What made some engine's way through a pattern long: white space, separators or openings, and then not what should follow. */
const tails: readonly (readonly [path: string, text: string])[] = [
  ["pubspec.lock", `sdk:${"\t".repeat(400_000)}d`],
  ["conanfile.txt", `${"\t#".repeat(200_000)}\r#`],
  ["opt/conda/conda-meta/a-1-0.json", JSON.stringify({ name: "a", version: "1", channel: `${"/".repeat(400_000)}a` })],
  [
    "opt/conda/conda-meta/a-1-0.json",
    JSON.stringify({ name: "a", version: "1", files: [`site-packages/a${"-0".repeat(200_000)}`] }),
  ],
  ["cpanfile", `\u0000${"\n\t".repeat(200_000)}`],
  ["cpanfile", `requires${"\t".repeat(1_900)}\n`.repeat(2_000)],
  ["specifications/a-1.gemspec", `Gem::Specification.new\n${`a.name = ${"\t".repeat(8_000)}x\rx\n`.repeat(200)}`],
  ["usr/lib/ghc/package.conf.d/a-1.conf", `a:${"\t".repeat(400_000)}x\rx`],
  ["usr/lib/ghc/package.conf.d/a-1.conf", `name: a\nversion: 1\ndepends: -${"A".repeat(400_000)}+`],
  ["lib/a/ebin/a.app", `{application, a, [{vsn, "1"}, ${"{applications,[a".repeat(230_000)}`],
  ["rebar.lock", '{<<"g">>,{pkg,<<"-">>,<<"">> '.repeat(30_000)],
  ["a-1-1.rockspec", `package = "a"\nversion = "1-1"\n${"dependencies={\n".repeat(200_000)}`],
  ["a.nimble", `\u0000${"\n".repeat(400_000)}`],
  ["a.nimble", `requires "A${"\t".repeat(400_000)}x\rx"`],
  ["usr/lib/opkg/info/a.list", `${"/".repeat(400_000)}x\rx`],
  ["requirements.txt", `00${"\t".repeat(2_000)}x\rx\n`.repeat(400)],
  ["Package.resolved", JSON.stringify({ version: 2, pins: [{ location: `${"/".repeat(400_000)}a`, state: {} }] })],
  ["yarn.lock", `a@1:\n  version "1"\n  x${"\t".repeat(400_000)}y\ry`],
  ["composer.lock", JSON.stringify({ packages: [{ name: "a/b", version: `0P0${"0".repeat(100)}P` }] })],
];

describe("a pattern never takes long to find that a text is not what it looks for", () => {
  test.each(tails)("%s (%#)", async (path, text) => {
    const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
    const started = processorTime();

    const said = await feedAnalyzers(analyzers, bytes(text), [path]);
    for (const one of said)
      if (one.kind === "package")
        for (const { versions } of everyEcosystem) versions.compare(one.package.version, one.package.version);

    expect(processorTime() - started).toBeLessThan(5_000);
  });

  test("nor does a workspace's pattern on a long path", () => {
    const started = processorTime();

    expect(membersOf(["*a*a*a*a*a*a*b"])("a".repeat(1_000))).toBe(false);
    expect(processorTime() - started).toBeLessThan(2_000);
  });
});

describe("a value of the wrong type is no silence", () => {
  test.each([
    ["app/pubspec.yaml", "name: [a]\nversion: 1.0.0\n"],
    ["app/pubspec.yaml", "name: a\nversion: {b: 1}\n"],
    ["app/META.json", '{"meta-spec":{"version":2},"name":["a"],"version":"1.0"}'],
    ["app/rebar.lock", '[{<<"a">>,{pkg,<<"a">>,1},0}].'],
  ])("%s %j", async (path, text) => {
    const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
    const said = await feedAnalyzers(analyzers, bytes(text), [path]);

    expect(said).toMatchObject([{ kind: "diagnostic", code: "malformed-file", location: { path } }]);
  });
});

describe("damage in one place leaves the rest", () => {
  test.each([
    [
      "vendor/composer/installed.json",
      '[{"name":"a/b","version":"1.0"},7,{"name":["x"]},{"__proto__":{"name":"p/p"}},{"name":"c/d","version":"2.0"}]',
      2,
    ],
    [
      "app/a.deps.json",
      '{"libraries":{"A/1.0.0":{"type":"package"},"B":7,"__proto__":{"x":1},"C/2.0.0":{"type":"package"}}}',
      2,
    ],
    [
      "opt/bitnami/a/.bitnami_components.json",
      '{"a":{"version":"1"},"b":[],"constructor":{"version":7},"c":{"version":"2"}}',
      2,
    ],
  ])("%s", async (path, text, count) => {
    const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
    const said = await feedAnalyzers(analyzers, bytes(text), [path]);

    expect(said.filter(({ kind }) => kind === "package")).toHaveLength(count);
  });
});
