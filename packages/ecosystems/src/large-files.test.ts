import type { Observation } from "@plimsoll/model";
import { countTurns, feedAnalyzers } from "@plimsoll/testkit";
import { expect, test } from "vitest";
import { everyEcosystem } from "./every-ecosystem.ts";

const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);
const entries = (count: number, entry: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => entry(at)).join("");

/** Files of many entries, and the turns of the event loop that reading them takes at least. */
const files: readonly (readonly [path: string, id: string, turns: number, text: string])[] = [
  [
    "pnpm-lock.yaml",
    "npm/pnpm-lock",
    30,
    `lockfileVersion: '9.0'\n\npackages:\n\n${entries(3_000, (at) => `  p${at}@1.0.${at}:\n    resolution: {integrity: sha512-AAAA}\n\n`)}snapshots:\n\n${entries(3_000, (at) => `  p${at}@1.0.${at}:\n    dependencies:\n      p${(at * 7) % 3_000}: 1.0.${(at * 7) % 3_000}\n\n`)}`,
  ],
  [
    "composer.lock",
    "composer/lock",
    4,
    `{"packages": [${entries(3_000, (at) => `{"name": "a/p${at}", "version": "1.0.${at}", "require": {"a/b": "^1"}},\n`)}{"name": "a/b", "version": "1"}], "packages-dev": []}`,
  ],
  [
    "go.sum",
    "golang/module-files",
    5,
    entries(3_000, (at) => `example.org/m${at} v1.0.${at} h1:AAAA=\nexample.org/m${at} v1.0.${at}/go.mod h1:AAAA=\n`),
  ],
  [
    "go.mod",
    "golang/module-files",
    2,
    `module a\nrequire (\n${entries(3_000, (at) => `\texample.org/m${at} v1.0.${at}\n`)})\n`,
  ],
  [
    "verification-metadata.xml",
    "maven/gradle-verification",
    15,
    `<verification-metadata><components>${entries(3_000, (at) => `<component group="g" name="n${at}" version="1"><artifact name="n.jar"><sha256 value="AAAA"/></artifact></component>\n`)}</components></verification-metadata>`,
  ],
  [
    "Podfile.lock",
    "cocoapods/podfile-lock",
    2,
    `PODS:\n${entries(3_000, (at) => `  - P${at} (1.0.${at}):\n    - Q (~> 1)\n`)}\nCOCOAPODS: 1.0\n`,
  ],
  [
    "pubspec.lock",
    "pub/pubspec-lock",
    5,
    `packages:\n${entries(3_000, (at) => `  p${at}:\n    dependency: transitive\n    source: hosted\n    version: "1.0.${at}"\n`)}`,
  ],
  [
    "conda-lock.yml",
    "conda/lock",
    6,
    `version: 1\npackage:\n${entries(3_000, (at) => `- name: p${at}\n  version: 1.0.${at}\n  manager: conda\n`)}`,
  ],
];

test.each(files)("others have their turn while %s is read", async (path, id, least, text) => {
  const analyzer = analyzers.find((each) => each.id === id);
  if (analyzer === undefined) throw new Error(`there is no ${id}`);
  // What is loaded late would give turns, too.
  await feedAnalyzers([analyzer], new TextEncoder().encode(text.slice(0, 300)), [path]);
  const turns = countTurns();
  const said = await feedAnalyzers([analyzer], new TextEncoder().encode(text), [path]);
  turns.stop();

  expect(said.filter(({ kind }: Observation) => kind === "package").length).toBeGreaterThanOrEqual(3_000);
  expect(turns.count).toBeGreaterThanOrEqual(least);
});

test.each(["pnpm-lock.yaml", "composer.lock", "go.sum", "gradle.lockfile", "verification-metadata.xml"])(
  "%s may have four times as many bytes as what becomes a document",
  (name) => {
    const reading = analyzers.filter(({ matches }) =>
      matches.some((one) => ("basename" in one && one.basename === name) || ("suffix" in one && one.suffix === name)),
    );

    expect(
      reading.map(({ readsByEntries, maxBytes = Infinity }) => [readsByEntries, maxBytes >= 16 * 1024 * 1024]),
    ).toEqual([[true, true]]);
  },
);
