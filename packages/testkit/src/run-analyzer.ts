import { compareText, defaultLimits } from "@plimsoll/model";
import type {
  AnalyzedFile,
  Analyzer,
  Diagnostic,
  Limits,
  Observation,
  PackageObservation,
  RetainedFiles,
} from "@plimsoll/model";

/** A literal file as an analyzer sees it. */
export function analyzedFile(
  path: string,
  content: string | Uint8Array,
  options: { readonly executable?: boolean; readonly limits?: Limits } = {},
): AnalyzedFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    path,
    size: bytes.length,
    executable: options.executable ?? false,
    limits: options.limits ?? defaultLimits,
    bytes: async () => bytes,
    ranges: async () => ({ size: bytes.length, read: (start, end) => bytes.subarray(start, end) }),
    text: async () => new TextDecoder().decode(bytes),
    async *stream() {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    },
  };
}

/** A file as the analyzer is given it: of several files it may keep something else than their content. */
export async function keptFile(analyzer: Analyzer, file: AnalyzedFile): Promise<AnalyzedFile> {
  if (analyzer.kind === "file" || analyzer.condense === undefined) return file;
  return analyzedFile(file.path, await analyzer.condense(file), file);
}

/** Runs one analyzer over one literal file, and for analyzers of several files those beside it, and sorts what it says by kind. */
export async function observe(
  analyzer: Analyzer,
  path: string,
  content: string | Uint8Array,
  beside: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<{ all: Observation[]; packages: PackageObservation["package"][]; diagnostics: Diagnostic[] }> {
  const all: Observation[] = [];
  const given = [[path, content] as const, ...Object.entries(beside)].map(([name, text]) => analyzedFile(name, text));
  const files = await Promise.all(given.map((file) => keptFile(analyzer, file)));
  files.sort((a, b) => compareText(a.path, b.path));
  const retained: RetainedFiles = {
    get: (wanted) => files.find((file) => file.path === wanted),
    [Symbol.iterator]: () => files.values(),
  };
  const observations =
    analyzer.kind === "file" ? analyzer.analyze(analyzedFile(path, content), {}) : analyzer.analyze(retained, [], {});
  for await (const observation of observations) all.push(observation);
  return {
    all,
    packages: all.flatMap((observation) => (observation.kind === "package" ? [observation.package] : [])),
    diagnostics: all.flatMap((observation) => (observation.kind === "diagnostic" ? [observation] : [])),
  };
}
