import { existsSync, readFileSync, readdirSync } from "node:fs";
import type { AnalyzedFile, Analyzer, CallOptions, Observation } from "@plimsoll/model";
import {
  changedWithoutRevision,
  documentsOfTests,
  inputDigest,
  keptOrRecorded,
  readRecord,
  recordText,
  inputsOf,
  pathsFor,
} from "@plimsoll/testkit";
import type { AnalyzerInput, RecordedOutputs } from "@plimsoll/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { everyEcosystem } from "./index.ts";
import { documentText } from "./shared/fixtures/document-text.ts";
import { exampleDocuments } from "./wrong-types.documents.ts";

const encoder = new TextEncoder();

/** What every analyzer said when somebody last looked. */
const golden = new URL("../../../docs/generated/analyzer-outputs.txt", import.meta.url).pathname;
const recorded = existsSync(golden) ? readRecord(readFileSync(golden, "utf8")) : new Map<string, RecordedOutputs>();

/** Of what their fuzz targets start from, these find nothing: their tests make programs and databases, or trees of several files. */
const silent: ReadonlySet<string> = new Set([
  "conan/conaninfo",
  "cran/description",
  "deb/text-licenses",
  "deb/ubuntu-support",
  "elf-note/package-note",
  "embedded-sbom/native-image",
  "flatpak/runtime",
  "homebrew/cask",
  "kernel/vmlinuz",
  "nuget/single-file-bundle",
  "nuget/assembly",
  "nuget/placed-assemblies",
  "opkg/file-lists",
  "opkg/controls",
  "pypi/direct-url",
  "pypi/setup-py",
  "rpm/sqlite-wal",
  "vcpkg/status",
]);

/** Bytes of a file, beyond which recording would take its time. */
const maxBytes = 32 * 1024;

/** The files that the analyzers of an ecosystem are given: what its fuzz target starts from and makes, under each path that it or they name. */
const byFolder = new Map<string, readonly AnalyzerInput[]>();
const inputs = new Map<string, AnalyzerInput>();
const analyzers = everyEcosystem.flatMap((ecosystem) => ecosystem.analyzers);

beforeAll(async () => {
  const here = new URL(".", import.meta.url).pathname;
  for (const folder of readdirSync(here)) {
    const target = `${here}${folder}/${folder}.fuzz.ts`;
    if (!existsSync(target)) continue;
    const { paths } = (await import(target)) as { readonly paths: readonly string[] }; // as: each exports its paths
    const odd = under(new Set([...paths, ...pathsOf(folder)]), await inputsOf(target));
    note(folder, [...examplesOf(folder), ...odd]);
  }
  // Releases of distributions are read by analyzers of several ecosystems.
  note("distro", under(pathsOf("distro"), documentsOfTests(`${here}shared/distro`)));
});

function pathsOf(family: string): ReadonlySet<string> {
  return new Set(analyzers.filter(({ id }) => id.startsWith(`${family}/`)).flatMap(pathsFor));
}

function examplesOf(folder: string): readonly AnalyzerInput[] {
  return exampleDocuments
    .filter(({ ecosystem }) => ecosystem === folder)
    .map((example) => ({ path: example.path, bytes: encoder.encode(documentText(example)) }));
}

function under(paths: ReadonlySet<string>, files: readonly Uint8Array[]): readonly AnalyzerInput[] {
  const small = files.filter(({ length }) => length > 0 && length <= maxBytes);
  return [...paths].flatMap((path) => small.map((bytes) => ({ path, bytes })));
}

function note(folder: string, own: readonly AnalyzerInput[]): void {
  byFolder.set(folder, own);
  for (const input of own) inputs.set(inputDigest(input), input);
}

/** What is recorded and still holds, and what is new. */
async function recordOf(analyzer: Analyzer): Promise<RecordedOutputs> {
  const before = recorded.get(analyzer.id);
  if (before?.revision === analyzer.revision && silent.has(analyzer.id)) return before;
  return keptOrRecorded(analyzer, recorded, byFolder.get(analyzer.id.split("/")[0] ?? "") ?? []);
}

describe("what an analyzer says", () => {
  test("does not change without its revision, by which caches of layers know it", async () => {
    expect(await changedWithoutRevision(analyzers, inputs, recorded)).toEqual([]);
  });

  test("is recorded, for each of them", async () => {
    const now = new Map<string, RecordedOutputs>();
    for (const analyzer of analyzers) now.set(analyzer.id, await recordOf(analyzer));

    expect([...now].filter(([, { outputs }]) => outputs.size === 0).map(([id]) => id)).toEqual([...silent]);
    // A raised revision is accepted by running this test with -u.
    await expect(recordText(now)).toMatchFileSnapshot(golden);
  });

  test("is seen when it changes", async () => {
    const [planted] = analyzers.filter(({ id }) => id === "npm/package-lock");
    if (planted?.kind !== "file") throw new Error("it reads files");
    const forgetful: Analyzer = {
      ...planted,
      async *analyze(file: AnalyzedFile, options: CallOptions): AsyncGenerator<Observation> {
        for await (const said of planted.analyze(file, options))
          yield said.kind === "package" ? { ...said, package: { ...said.package, licenses: ["WTFPL"] } } : said;
      },
    };

    expect(await changedWithoutRevision([forgetful], inputs, recorded)).toEqual([
      expect.stringMatching(/^npm.package-lock says something else of /),
    ]);
    expect(await changedWithoutRevision([{ ...forgetful, revision: planted.revision + 1 }], inputs, recorded)).toEqual(
      [],
    );
  });
});
