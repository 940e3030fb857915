import { ScanError } from "@plimsoll/model";
import type { AnalyzedFile, Analyzer, Diagnostic, Observation } from "@plimsoll/model";
import { matchesFile } from "./parser-cases.ts";
import { analyzedFile, keptFile } from "./run-analyzer.ts";

/**
 * Runs analyzers on the same bytes under each of the paths that they accept, and returns their outputs. A {@link ScanError} counts as an output;
 * any other error is rethrown.
 */
export async function feedAnalyzers(
  analyzers: readonly Analyzer[],
  input: Uint8Array,
  paths: readonly string[],
): Promise<readonly Observation[]> {
  const said: Observation[] = [];
  for (const path of paths) {
    const file = analyzedFile(path, input, { executable: true });
    for (const analyzer of analyzers)
      if (matchesFile(analyzer.matches, path, input))
        for (const one of await runAnalyzer(analyzer, file)) said.push(one);
  }
  return said;
}

/** Paths that an analyzer accepts, one for each of its matchers; none for matchers by content. */
export function pathsFor(analyzer: Analyzer): readonly string[] {
  return analyzer.matches.flatMap((matcher) => {
    if ("magic" in matcher) return [];
    if ("path" in matcher) return [matcher.path];
    if ("directory" in matcher) return [`${matcher.directory}/${matcher.beginning ?? ""}a${matcher.ending ?? ""}`];
    if ("below" in matcher) return [`${matcher.below}/a/b`];
    if ("stem" in matcher) return [`app/${matcher.stem}a`];
    return ["suffix" in matcher ? `app/a${matcher.suffix}` : `app/${matcher.basename}`];
  });
}

async function runAnalyzer(analyzer: Analyzer, file: AnalyzedFile): Promise<readonly Observation[]> {
  const said: Observation[] = [];
  try {
    const kept = await keptFile(analyzer, file);
    const files = {
      get: (path: string) => (path === kept.path ? kept : undefined),
      [Symbol.iterator]: () => [kept].values(),
    };
    const observations = analyzer.kind === "file" ? analyzer.analyze(file, {}) : analyzer.analyze(files, [], {});
    for await (const observation of observations) said.push(observation);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
  return said;
}

/**
 * The body of a fuzz target: analyzers must not throw, their outputs must be plain data, diagnostics must name the file, and outputs must not be
 * much larger than the input.
 */
export async function fuzzAnalyzers(
  analyzers: readonly Analyzer[],
  input: Uint8Array,
  paths: readonly string[],
): Promise<void> {
  const said = await feedAnalyzers(analyzers, input, paths);
  if (said.length > (input.length + 1) * analyzers.length * paths.length)
    throw new Error(`${said.length} observations of ${input.length} bytes`);
  for (const observation of said) {
    if (observation.kind === "diagnostic" && !namesItsFile(observation))
      throw new Error(`a diagnostic without its file: ${observation.message}`);
    if (observation.kind === "package" && observation.package.name === "") throw new Error("a package without a name");
  }
  JSON.stringify(said);
}

function namesItsFile({ location, message }: Diagnostic): boolean {
  return location !== undefined && message.includes(location.path);
}
