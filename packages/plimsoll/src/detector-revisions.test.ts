import { existsSync, readFileSync } from "node:fs";
import type { Analyzer, FileAnalyzer } from "@plimsoll/model";
import {
  changedWithoutRevision,
  documentsOfTests,
  inputDigest,
  inputsOf,
  keptOrRecorded,
  readRecord,
  recordText,
} from "@plimsoll/testkit";
import type { AnalyzerInput, RecordedOutputs } from "@plimsoll/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { scannersNamed } from "./scanners.ts";

/** What every analyzer of a detector (secrets, licences, configurations) said when somebody last looked. */
const golden = new URL("../../../docs/generated/detector-outputs.txt", import.meta.url).pathname;
const recorded = existsSync(golden) ? readRecord(readFileSync(golden, "utf8")) : new Map<string, RecordedOutputs>();

const packages = new URL("../../", import.meta.url).pathname;
/** Bytes of a file, beyond which recording would take its time. */
const maxBytes = 32 * 1024;

/** The files that an analyzer is given, by its id. */
const byAnalyzer = new Map<string, readonly AnalyzerInput[]>();
const inputs = new Map<string, AnalyzerInput>();
const analyzers: Analyzer[] = [];

beforeAll(async () => {
  const scanners = scannersNamed(["secret", "license", "misconfig"]);
  const found = await Promise.all(scanners.map((scanner) => scanner.detectors?.({ licenses: { full: true } }) ?? []));
  analyzers.push(...new Set(found.flat().flatMap((detector) => detector.analyzers)));

  const texts = await inputsOf(`${packages}licenses/src/texts/classify-text.fuzz.ts`);
  note(
    "secrets/text",
    ["app/settings.yaml", "app/.env", "app/settings.pyc"],
    await inputsOf(`${packages}secrets/src/find-secrets.fuzz.ts`),
  );
  note("licenses/files", ["app/LICENSE", "usr/share/doc/app/copyright"], texts);
  note("licenses/every-file", ["app/main.c"], texts);
  note(
    "configs/text",
    ["app/Dockerfile"],
    await inputsOf(`${packages}configs/src/dockerfile/parse-dockerfile.fuzz.ts`),
  );
  note("configs/text", ["app/deployment.yaml"], documentsOfTests(`${packages}plimsoll/src/misconfig`));
});

function note(analyzer: string, paths: readonly string[], files: readonly Uint8Array[]): void {
  const small = files.filter(({ length }) => length > 0 && length <= maxBytes);
  const own = paths.flatMap((path) => small.map((bytes) => ({ path, bytes })));
  byAnalyzer.set(analyzer, [...(byAnalyzer.get(analyzer) ?? []), ...own]);
  for (const input of own) inputs.set(inputDigest(input), input);
}

describe("what an analyzer of a detector says", () => {
  test("does not change without its revision, by which caches of layers know it", async () => {
    expect(await changedWithoutRevision(analyzers, inputs, recorded)).toEqual([]);
  });

  test("is recorded, for each of them", async () => {
    const now = new Map<string, RecordedOutputs>();
    for (const analyzer of analyzers)
      now.set(analyzer.id, await keptOrRecorded(analyzer, recorded, byAnalyzer.get(analyzer.id) ?? []));

    expect([...now].filter(([, { outputs }]) => outputs.size === 0).map(([id]) => id)).toEqual([]);
    // A raised revision is accepted by running this test with -u.
    await expect(recordText(now)).toMatchFileSnapshot(golden);
  });

  test("is seen when it changes", async () => {
    const planted = analyzers.map((analyzer): FileAnalyzer => {
      if (analyzer.kind !== "file") throw new Error("they read files");
      const { id, revision, matches } = analyzer;
      return { kind: "file", id, revision, matches, analyze: () => [] };
    });

    expect((await changedWithoutRevision(planted, inputs, recorded)).map((problem) => problem.split(" ")[0])).toEqual(
      analyzers.map(({ id }) => id),
    );
  });
});
