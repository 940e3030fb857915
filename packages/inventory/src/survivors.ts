import { compareText, sortedInTurns, workDone } from "@plimsoll/model";
import type { Diagnostic, FoundPackage } from "@plimsoll/model";
import { isForeign } from "./foreign-directories.ts";
import { outerPath } from "./image-path.ts";
import type { FileRecord, OwnedPaths } from "./layer-result.ts";
import type { MergedView } from "./merged-view.ts";
import { affords, isFound } from "./find-budget.ts";
import type { FindBudgets } from "./find-budget.ts";
import { seesEveryLayer } from "./plan.ts";
import type { PlannedAnalyzer } from "./plan.ts";
import type { Track } from "./second-look.ts";

/** An observation about a file that is there at the end. */
export interface Statement {
  readonly planned: PlannedAnalyzer;
  /** The file. */
  readonly path: string;
  readonly observation: FileRecord["observations"][number];
  /** First layer since which it has held without interruption; for a package the layer that introduced this version. */
  readonly layer: number;
}

/** A claim of ownership from a file that is there at the end. */
export interface Claim {
  readonly planned: PlannedAnalyzer;
  /** The file that makes it; empty for a tree analyzer. */
  readonly path: string;
  readonly owned: OwnedPaths;
}

/** What file analyzers said about the files that are there at the end. */
export interface Survivors {
  readonly statements: readonly Statement[];
  readonly claims: readonly Claim[];
}

/** Taking over a statement, or asking whether a file is there, takes about as long as looking at so many bytes. */
const bytesPerStatement = 512;

/**
 * The observations of all file analyzers about files that are there at the end, in the order of analyzers and paths, with at most as
 * much found as the budgets have left: one file may have any number of names.
 */
export async function survivorsOf(
  tracks: readonly Track[],
  view: MergedView,
  budgets: FindBudgets,
): Promise<Survivors> {
  const statements: Statement[] = [];
  const claims: Claim[] = [];
  for (const track of tracks) {
    const { planned } = track;
    if (planned.analyzer.kind !== "file" || seesEveryLayer(planned)) continue;
    for (const { path, versions, record } of await survivingFiles(track, view)) {
      const [top = 0] = versions;
      const records = versions.map((version) => track.layers[version]?.files.get(path));
      const history = new History(records, versions);
      for (const observation of record.observations) {
        if (isFound(observation) && !affords(planned, [observation], budgets)) continue;
        const layer = observation.kind === "package" ? history.since(observation.package, observation.at) : top;
        statements.push({ planned, path, observation: renamed(observation, record), layer });
      }
      await workDone(bytesPerStatement * record.observations.length);
      for (const owned of record.ownership) claims.push({ planned, path, owned });
    }
  }
  return { statements, claims };
}

/**
 * Leaves out observations that yield to a better source (see `Precedence` of the model): files replaced by a newer form of the same
 * database, with a diagnostic for each, and files that a tree analyzer reads better.
 */
export async function withoutReplaced(survivors: Survivors): Promise<Survivors> {
  const { statements, claims } = await withoutCorrected(survivors);
  const withPackages = new Set(
    statements.flatMap(({ observation, path }) => (observation.kind === "package" ? [path] : [])),
  );
  const newer = ({ planned: { analyzer }, path }: { planned: PlannedAnalyzer; path: string }): string | undefined =>
    [...(analyzer.yieldsTo?.files ?? []), ...siblingOf(path, analyzer.yieldsTo?.sibling)].find(
      (other) => other !== path && withPackages.has(other),
    );
  const replaced = new Map<string, Statement>();
  const left: Statement[] = [];
  for (const statement of statements) {
    const by = newer(statement);
    if (by === undefined) left.push(statement);
    else replaced.set(statement.path, { ...statement, observation: replacement(statement.path, by) });
    await workDone(bytesPerStatement);
  }
  if (replaced.size === 0) return { statements, claims };
  return { statements: [...left, ...replaced.values()], claims: claims.filter((claim) => newer(claim) === undefined) };
}

/** The path of a file of this name in the same directory. */
function siblingOf(path: string, basename: string | undefined): readonly string[] {
  return basename === undefined ? [] : [`${path.slice(0, path.lastIndexOf("/") + 1)}${basename}`];
}

async function withoutCorrected({ statements, claims }: Survivors): Promise<Survivors> {
  const said = new Set(
    statements.flatMap(({ planned, path, observation }) =>
      planned.analyzer.kind === "tree" && observation.kind === "package" ? [`${planned.id}\n${path}`] : [],
    ),
  );
  if (said.size === 0) return { statements, claims };
  const isCorrected = ({ planned, path }: { planned: PlannedAnalyzer; path: string }): boolean => {
    const by = planned.analyzer.yieldsTo?.analyzer;
    return by !== undefined && said.has(`${by}\n${path}`);
  };
  const left: Statement[] = [];
  for (const statement of statements) {
    if (statement.observation.kind !== "package" || !isCorrected(statement)) left.push(statement);
    await workDone(bytesPerStatement);
  }
  return { statements: left, claims: claims.filter((claim) => !isCorrected(claim)) };
}

function replacement(path: string, by: string): Diagnostic {
  return {
    kind: "diagnostic",
    code: "unsupported-format",
    effect: "none",
    message: `${path}: not used, since ${by} has taken its place`,
  };
}

/** A file that is there at the end, with what is known of it. */
interface SurvivingFile {
  readonly path: string;
  /** The layers whose version of it counts, uppermost first. */
  readonly versions: readonly number[];
  /** Of its last version. */
  readonly record: FileRecord;
}

/** Files that are there at the end, of the project itself, and of whose last version a track has a record: by path. */
export async function survivingFiles(track: Track, view: MergedView): Promise<readonly SurvivingFile[]> {
  const paths = new Set(track.layers.flatMap(({ files }) => [...files.keys()]));
  const { outsideOfTree } = track.planned;
  const isProjects = (path: string): boolean =>
    outsideOfTree.length === 0 || !isForeign(path, outsideOfTree, (beside) => view.at(beside) !== undefined);
  const surviving: SurvivingFile[] = [];
  for (const path of await sortedInTurns([...paths], compareText)) {
    const versions = view.fileVersions(path);
    const [top] = versions;
    const record = top === undefined ? undefined : track.layers[top]?.files.get(path);
    if (record !== undefined && isProjects(path)) surviving.push({ path, versions, record });
    await workDone(bytesPerStatement * track.layers.length);
  }
  return surviving;
}

/** The versions of one file, and since which of them a package is in it. */
class History {
  readonly #records: readonly (FileRecord | undefined)[];
  readonly #versions: readonly number[];
  readonly #identities: Set<string>[] = [];

  constructor(records: readonly (FileRecord | undefined)[], versions: readonly number[]) {
    this.#records = records;
    this.#versions = versions;
  }

  /** The lowest layer from which the package stayed in every version of the file. */
  since(found: FoundPackage, at: string | undefined): number {
    let since = this.#versions[0] ?? 0;
    if (this.#versions.length === 1) return since;
    const identity = identityOf(found, at);
    for (let version = 1; version < this.#versions.length; version++) {
      if (!this.#identitiesOf(version).has(identity)) break;
      since = this.#versions[version] ?? since;
    }
    return since;
  }

  #identitiesOf(version: number): ReadonlySet<string> {
    const known = this.#identities[version];
    if (known !== undefined) return known;
    const identities = new Set<string>();
    for (const observation of this.#records[version]?.observations ?? [])
      if (observation.kind === "package") identities.add(identityOf(observation.package, observation.at));
    this.#identities[version] = identities;
    return identities;
  }
}

/** What makes two mentions of a package in two versions of a file the same package. */
export function identityOf({ name, version, architecture, key }: FoundPackage, at: string | undefined): string {
  return JSON.stringify([name, version, architecture, key, at]);
}

/** A place that the analyzer gave in terms of the link it saw, in terms of the true path. */
function renamed(observation: Statement["observation"], { path, as }: FileRecord): Statement["observation"] {
  if (observation.kind !== "package" || observation.at === undefined) return observation;
  const { at } = observation;
  return as !== undefined && outerPath(at) === as ? { ...observation, at: path + at.slice(as.length) } : observation;
}
