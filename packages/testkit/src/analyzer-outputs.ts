import { createHash } from "node:crypto";
import { compareText } from "@plimsoll/model";
import type { Analyzer } from "@plimsoll/model";
import { feedAnalyzers } from "./feed-analyzers.ts";
import { matchesFile } from "./parser-cases.ts";

/** A file that an analyzer reads. */
export interface AnalyzerInput {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The recorded outputs of an analyzer at a revision: digests of its outputs by digests of the files. */
export interface RecordedOutputs {
  readonly revision: number;
  readonly outputs: ReadonlyMap<string, string>;
}

/** Files that are recorded for one analyzer: those in which it finds most, complaints aside. */
const perAnalyzer = 8;

/** Characters of a digest: a change is to be noticed, and nobody looks for a collision. */
const digestLength = 12;

/** Digest of a file with its path. */
export function inputDigest({ path, bytes }: AnalyzerInput): string {
  return createHash("sha256").update(`${path}\0`).update(bytes).digest("hex").slice(0, digestLength);
}

/** Digest of an analyzer's output for a file, independent of the order of keys; undefined where there is no output. */
export async function outputDigest(analyzer: Analyzer, input: AnalyzerInput): Promise<string | undefined> {
  const said = await feedAnalyzers([analyzer], input.bytes, [input.path]);
  return said.length === 0 ? undefined : digestOf(said);
}

function digestOf(said: readonly unknown[]): string {
  const text = JSON.stringify(said, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)))
      : value,
  );
  return createHash("sha256").update(text).digest("hex").slice(0, digestLength);
}

/** Runs an analyzer on all files and records the files with the largest outputs. */
export async function recordOutputs(analyzer: Analyzer, inputs: readonly AnalyzerInput[]): Promise<RecordedOutputs> {
  const told: { readonly input: string; readonly output: string; readonly count: number }[] = [];
  for (const input of inputs) {
    if (!matchesFile(analyzer.matches, input.path, input.bytes)) continue;
    const said = await feedAnalyzers([analyzer], input.bytes, [input.path]);
    const packages = said.filter(({ kind }) => kind !== "diagnostic").length;
    const count = packages * 1000 + said.length;
    if (count > 0) told.push({ input: inputDigest(input), output: digestOf(said), count });
  }
  const most = told.sort((a, b) => b.count - a.count || compareText(a.input, b.input)).slice(0, perAnalyzer);
  const sorted = most.sort((a, b) => compareText(a.input, b.input));
  return { revision: analyzer.revision, outputs: new Map(sorted.map(({ input, output }) => [input, output])) };
}

/** What is recorded of an analyzer, while that holds: its revision is the same, and some of the files are there. Else what it says now. */
export async function keptOrRecorded(
  analyzer: Analyzer,
  recorded: ReadonlyMap<string, RecordedOutputs>,
  inputs: readonly AnalyzerInput[],
): Promise<RecordedOutputs> {
  const before = recorded.get(analyzer.id);
  const holds =
    before?.revision === analyzer.revision && inputs.some((input) => before.outputs.has(inputDigest(input)));
  return holds ? before : recordOutputs(analyzer, inputs);
}

/**
 * Analyzers whose output changed although their revision did not, so that cached results would be taken for current ones. Recorded files that no
 * longer exist are ignored.
 */
export async function changedWithoutRevision(
  analyzers: readonly Analyzer[],
  inputs: ReadonlyMap<string, AnalyzerInput>,
  recorded: ReadonlyMap<string, RecordedOutputs>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const analyzer of analyzers) {
    const before = recorded.get(analyzer.id);
    if (before === undefined || before.revision !== analyzer.revision) continue;
    for (const [digest, output] of before.outputs) {
      const input = inputs.get(digest);
      if (input === undefined || (await outputDigest(analyzer, input)) === output) continue;
      problems.push(
        `${analyzer.id} says something else of ${input.path} (${digest}) under the same revision ${analyzer.revision}: raise it`,
      );
      break;
    }
  }
  return problems;
}

/** `ID REVISION INPUT:OUTPUT …`, a line for each analyzer. */
export function recordText(recorded: ReadonlyMap<string, RecordedOutputs>): string {
  const lines = [...recorded].map(([id, { revision, outputs }]) =>
    [id, String(revision), ...[...outputs].map(([input, output]) => `${input}:${output}`)].join(" "),
  );
  return `${lines.sort(compareText).join("\n")}\n`;
}

/** Reads what {@link recordText} wrote. */
export function readRecord(text: string): ReadonlyMap<string, RecordedOutputs> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [id = "", revision = "", ...pairs] = line.split(" ");
      const outputs = new Map(
        pairs.map((pair): [string, string] => [pair.slice(0, digestLength), pair.slice(digestLength + 1)]),
      );
      return [id, { revision: Number(revision), outputs }];
    }),
  );
}
