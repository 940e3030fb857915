import { ScanError, workDone } from "@plimsoll/model";
import type { AnalyzedFile, Diagnostic, FileAnalyzer, Limits, Observation } from "@plimsoll/model";
import { joinTarget } from "./image-path.ts";
import type { FileRecord, OwnedPaths } from "./layer-result.ts";
import { cleanObservation } from "./observations.ts";
import { ownHasher } from "./path-hash.ts";
import type { PlannedAnalyzer } from "./plan.ts";

/** Statements of one analyzer about one file; real files stay below 100,000. */
const maxObservations = 1_000_000;
/** An observation takes about as long as looking at so many bytes. */
const bytesPerObservation = 2_048;
/** Problems told one by one for a file; the rest are counted. */
const maxDiagnostics = 100;

/** What an analyzer reported before it ended or failed. */
export interface Said extends Pick<FileRecord, "observations" | "ownership"> {
  /** It failed in a way that may not repeat. */
  readonly uncertain: boolean;
}

/** What holds for the whole scan. */
interface Bounds {
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

/** Runs one analyzer on one file. */
export function observeFile(
  { part }: Pick<PlannedAnalyzer, "part">,
  analyzer: FileAnalyzer,
  file: AnalyzedFile,
  bounds: Bounds,
): Promise<Said> {
  const { signal } = bounds;
  return listen(() => analyzer.analyze(file, { signal }), { analyzer: analyzer.id, path: file.path, part }, bounds);
}

/** Collects the observations of an analyzer: checks and bounds them, and turns what it throws into a diagnostic. */
export async function listen(
  analyze: () => Iterable<Observation> | AsyncIterable<Observation>,
  {
    analyzer,
    path,
    part,
  }: { readonly analyzer: string; readonly path: string; readonly part: PlannedAnalyzer["part"] },
  { limits, signal }: Bounds,
): Promise<Said> {
  const notes = new Notes(path, part, limits.maxPackagesPerFile);
  let uncertain = false;
  try {
    for await (const observation of analyze()) {
      signal.throwIfAborted();
      if (!notes.take(observation)) break;
      await workDone(bytesPerObservation);
    }
  } catch (error) {
    signal.throwIfAborted();
    const problem = problemOf(error, analyzer, path);
    uncertain = problem.code === "analyzer-failed";
    notes.take(problem);
  }
  return { observations: notes.finish(), ownership: notes.ownership, uncertain };
}

/** The diagnostic for an error that an analyzer threw or let pass. */
export function problemOf(error: unknown, analyzer: string, path: string): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return {
    kind: "diagnostic",
    code,
    effect: "incomplete",
    message: code === "analyzer-failed" ? `${analyzer} failed on ${path}: ${message}` : message,
  };
}

function codeOf(error: unknown): Diagnostic["code"] {
  if (error instanceof ScanError) return error.failure.kind === "limit-exceeded" ? "limit-exceeded" : "malformed-file";
  // The format readers' error class lives in a package that this one does not know.
  return error instanceof Error && error.name === "FormatError" ? "malformed-file" : "analyzer-failed";
}

/** Collects and checks observations, within bounds. */
class Notes {
  readonly ownership: OwnedPaths[] = [];
  readonly #path: string;
  readonly #part: PlannedAnalyzer["part"];
  readonly #observations: FileRecord["observations"][number][] = [];
  #count = 0;
  #diagnostics = 0;

  readonly #maxPackages: number;
  #packages = 0;

  constructor(path: string, part: PlannedAnalyzer["part"], maxPackages: number) {
    this.#path = path;
    this.#part = part;
    this.#maxPackages = maxPackages;
  }

  /** False when there are so many that the rest must be left. */
  take(value: unknown): boolean {
    if (++this.#count > maxObservations) {
      const message = `${this.#path} was not read any further after ${maxObservations} observations`;
      this.#observations.push({ kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message });
      return false;
    }
    const observation = cleanObservation(value, this.#part);
    if (!("refused" in observation) && observation.kind === "package" && ++this.#packages > this.#maxPackages) {
      const message = `${this.#path} was not read any further after ${this.#maxPackages} packages`;
      const location = { path: this.#path };
      this.#observations.push({ kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message, location });
      return false;
    }
    if ("refused" in observation) this.#refuse(observation.refused);
    else if (observation.kind === "ownership") this.#own(observation);
    else if (observation.kind !== "diagnostic" || ++this.#diagnostics <= maxDiagnostics)
      this.#observations.push(observation);
    return true;
  }

  finish(): FileRecord["observations"] {
    const more = this.#diagnostics - maxDiagnostics;
    if (more > 0)
      this.#observations.push({
        kind: "diagnostic",
        code: "malformed-file",
        effect: "incomplete",
        message: `${this.#path} has ${more} more problems of this kind`,
      });
    return this.#observations;
  }

  #refuse(reason: string): void {
    if (++this.#diagnostics > maxDiagnostics) return;
    const message = `${this.#path}: skipped ${reason}`;
    this.#observations.push({ kind: "diagnostic", code: "malformed-file", effect: "incomplete", message });
  }

  #own({ owner, paths }: Extract<Observation, { kind: "ownership" }>): void {
    if (owner === "" || paths.length === 0) return;
    const hasher = ownHasher();
    const hashes = Float64Array.from(paths, (path) => hasher.hash(joinTarget("", path)));
    this.ownership.push({ owner, hasher, hashes });
  }
}
