import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { feedAnalyzers, processorTime } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { everyEcosystem } from "./index.ts";

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

/** One line of 50 MB, as a minified or a broken document may be: to the parsers that read whole texts. */
const huge: readonly (readonly [string, string, string])[] = [
  ["a JSON text", "app/node_modules/a/package.json", `{"name":"a","version":"1.0.0","x":"${"y".repeat(50_000_000)}"}`],
  ["a JSON text cut off", "app/vendor/composer/installed.json", `{"packages":[{"name":"${"y".repeat(50_000_000)}`],
  ["headers", "site/a.dist-info/METADATA", `Name: a\nVersion: 1.0\nSummary: ${"y ".repeat(25_000_000)}`],
  ["a gem", "specifications/a-1.gemspec", `Gem::Specification.new do |s|\ns.name = "a"\n${"s.x = ".repeat(8_000_000)}`],
  ["an application", "ebin/a.app", `{application, a, [{description, "${"y".repeat(50_000_000)}"}]}`],
  ["a rock", "a-1.rockspec", `package = "a" ${"x = ".repeat(12_000_000)}`],
  ["a bill of materials", "a.spdx", `SPDXVersion: SPDX-2.3\nPackageName: ${"y".repeat(50_000_000)}`],
  ["a manifest list", "lib/a.nuspec", `<package><metadata><id>${"y".repeat(50_000_000)}`],
];

describe("a file of one line of 50 MB", () => {
  test.each(huge)(
    "%s is read or reported, in time",
    async (_, path, text) => {
      const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
      const started = processorTime();
      const said = await feedAnalyzers(analyzers, bytes(text), [path]);

      // A second or two without load; a quadratic parser would need hours.
      expect(processorTime() - started).toBeLessThan(60_000);
      for (const one of said) if (one.kind === "diagnostic") expect(one.location?.path).toBe(path);
    },
    120_000,
  );
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
