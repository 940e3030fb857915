import { compareText, workDone } from "@plimsoll/model";
import type { AnalyzedFile, Diagnostic, Limits, LocatedObservation, RetainedFiles } from "@plimsoll/model";
import { timesToUnderstand } from "./file-content.ts";
import { outerPath } from "./image-path.ts";
import type { FileRecord } from "./layer-result.ts";
import type { MergedView } from "./merged-view.ts";
import { listen } from "./observe-file.ts";
import { affords, isFound } from "./find-budget.ts";
import type { FindBudgets } from "./find-budget.ts";
import type { PlannedAnalyzer } from "./plan.ts";
import type { Track } from "./second-look.ts";
import { survivingFiles } from "./survivors.ts";
import type { Claim, Statement, Survivors } from "./survivors.ts";

/** Placing a statement takes about as long as looking at so many bytes. */
const bytesPerStatement = 1_024;

/** Files that could not be shown, told one by one for an analyzer; the rest are counted. */
const maxTold = 100;

/**
 * Runs the tree analyzers on the files that are there at the end, in the order of their ids, each with the observations of file
 * analyzers, and adds their observations, with at most as much found as the budgets have left.
 */
export async function observeTree(
  tracks: readonly Track[],
  view: MergedView,
  survivors: Survivors,
  { limits, budgets, signal }: { readonly limits: Limits; readonly budgets: FindBudgets; readonly signal: AbortSignal },
): Promise<Survivors> {
  // Most images have nothing that a tree analyzer reads.
  let prepared: Prepared | undefined;
  const statements: Statement[] = [...survivors.statements];
  const claims: Claim[] = [...survivors.claims];
  for (const track of tracks) {
    const { analyzer } = track.planned;
    if (analyzer.kind !== "tree") continue;
    const { files, problems } = await retainedFiles(track, view, limits);
    const [first] = files;
    if (first === undefined && problems.length === 0) continue;
    prepared ??= await prepare(survivors.statements, view);
    const { observed, layers } = prepared;
    for (const observation of problems) {
      const path = placeOf(observation) ?? "";
      statements.push({ planned: track.planned, path, observation, layer: layers.of(observation, path) });
    }
    if (first === undefined) continue;
    const place = { analyzer: analyzer.id, path: first.path, part: track.planned.part };
    const said = await listen(() => analyzer.analyze(files, observed, { signal }), place, { limits, signal });
    for (const observation of said.observations) {
      if (isFound(observation) && !affords(track.planned, [observation], budgets)) continue;
      const path = placeOf(observation) ?? first.path;
      statements.push({ planned: track.planned, path, observation, layer: layers.of(observation, path) });
      await workDone(bytesPerStatement);
    }
    for (const owned of said.ownership) claims.push({ planned: track.planned, path: "", owned });
  }
  return { statements, claims };
}

/** What tree analyzers need of what file analyzers said. */
interface Prepared {
  readonly observed: readonly LocatedObservation[];
  readonly layers: KnownLayers;
}

async function prepare(statements: readonly Statement[], view: MergedView): Promise<Prepared> {
  return { observed: statements.map(toLocated), layers: await knownLayers(statements, view) };
}

function toLocated({ observation, path, planned }: Statement): LocatedObservation {
  return { observation, path, analyzer: planned.id };
}

/** The file that an observation is about, where it says so. */
function placeOf(observation: Statement["observation"]): string | undefined {
  if (observation.kind === "package" && observation.at !== undefined) return outerPath(observation.at);
  return observation.kind === "diagnostic" ? observation.location?.path : undefined;
}

/** The layer since which a package is in its file: as file analyzers know it, else the layer that last wrote the file. */
class KnownLayers {
  readonly #packages = new Map<string, number>();
  readonly #view: MergedView;

  constructor(view: MergedView) {
    this.#view = view;
  }

  add({ observation, path, layer }: Statement): void {
    if (observation.kind === "package") this.#packages.set(keyOf(observation.package, path), layer);
  }

  of(observation: Statement["observation"], path: string): number {
    const known = observation.kind === "package" ? this.#packages.get(keyOf(observation.package, path)) : undefined;
    return known ?? this.#view.at(path)?.layer ?? 0;
  }
}

async function knownLayers(statements: readonly Statement[], view: MergedView): Promise<KnownLayers> {
  const known = new KnownLayers(view);
  for (const statement of statements) {
    known.add(statement);
    await workDone(bytesPerStatement);
  }
  return known;
}

function keyOf(
  { name, version, architecture }: { name: string; version: string; architecture?: string },
  path: string,
): string {
  return JSON.stringify([name, version, architecture, path]);
}

/**
 * The surviving files of a tree analyzer in path order, found by their true path or by the link that led there; and what it
 * cannot be shown, because it was too large to keep: that costs the analyzer this file and no other.
 */
async function retainedFiles(
  track: Track,
  view: MergedView,
  limits: Limits,
): Promise<{ readonly files: RetainedFiles; readonly problems: readonly Diagnostic[] }> {
  const byPath = new Map<string, AnalyzedFile>();
  const files: AnalyzedFile[] = [];
  const tooLarge: string[] = [];
  for (const { path, record } of await survivingFiles(track, view)) {
    if (record.retained === undefined) continue;
    const file = openRetained(path, record.retained, limits);
    if (file === undefined) {
      tooLarge.push(path);
      continue;
    }
    files.push(file);
    for (const name of [path, record.as ?? path]) byPath.set(name, file);
  }
  files.sort((a, b) => compareText(a.path, b.path));
  return {
    files: { get: (path) => byPath.get(path), [Symbol.iterator]: () => files[Symbol.iterator]() },
    problems: notShown(tooLarge.sort(compareText), track.planned, limits),
  };
}

function openRetained(
  path: string,
  { size, executable, content }: NonNullable<FileRecord["retained"]>,
  limits: Limits,
): AnalyzedFile | undefined {
  if (content === undefined) return undefined;
  const bytes = async (): Promise<Uint8Array> => {
    await workDone(content.length * timesToUnderstand);
    return content;
  };
  return {
    path,
    size,
    executable,
    limits,
    bytes,
    ranges: async () => ({ size: content.length, read: (start, end) => content.subarray(start, end) }),
    text: async () => new TextDecoder().decode(await bytes()),
    async *stream() {
      yield content;
    },
  };
}

function notShown(
  paths: readonly string[],
  { id, maxBytes = Infinity }: PlannedAnalyzer,
  limits: Limits,
): Diagnostic[] {
  const one = Math.min(limits.maxEntryBytes, maxBytes);
  const bounds = `${id} reads files of at most ${one} bytes, and ${limits.maxRetainedBytes} in all`;
  return paths.slice(0, maxTold).map((path, at) => {
    const more = at === maxTold - 1 && paths.length > maxTold ? `, nor were ${paths.length - maxTold} others` : "";
    return {
      kind: "diagnostic",
      code: "limit-exceeded",
      effect: "incomplete",
      message: `${path} was not read${more}: ${bounds}`,
      location: { path },
    };
  });
}
