import type { Diagnostic, FileMatcher, Layer } from "@plimsoll/model";
import { loadLook, storeLook } from "./layer-cache.ts";
import { emptyRecord } from "./layer-result.ts";
import type { AnalyzerRecord } from "./layer-result.ts";
import type { MergedView } from "./merged-view.ts";
import type { Wish } from "./observe-layer.ts";
import { ownedPaths } from "./owned-paths.ts";
import { readOnceMore } from "./read-again.ts";
import type { LayerProblem } from "./read-again.ts";
import { inParallel } from "./scan-scope.ts";
import { findLookRequests } from "./second-look.ts";
import type { LookRequest, Track } from "./second-look.ts";
import { withinRetention } from "./take-layers.ts";
import type { ScanContext } from "./take-layers.ts";

/** A look may reveal another link. Archives do not chain hard links, so more rounds would only serve hostile ones. */
const maxRounds = 4;

/** A request with the records that its answer belongs to. */
interface Ask {
  readonly request: LookRequest;
  readonly track: Track;
}

/** What reading one layer again brought. */
interface Answers {
  readonly records: ReadonlyMap<Ask, AnalyzerRecord>;
  readonly problems: readonly Diagnostic[];
}

/**
 * Shows analyzers the files that they missed because of links, and adds their observations to the layers where these belong. Gives what
 * went wrong with the layers meanwhile.
 * @param options.atTheEnd shows only what is there at the end, not what was there before.
 */
export async function lookAgain(
  tracks: readonly Track[],
  view: MergedView,
  layers: readonly Layer[],
  context: ScanContext,
  { atTheEnd }: { readonly atTheEnd: boolean },
): Promise<readonly LayerProblem[]> {
  const end = atTheEnd ? view : undefined;
  const known = new Set<string>();
  const problems: LayerProblem[] = [];
  for (let round = 0; round < maxRounds; round++) {
    const wanted = tracks.flatMap((track) =>
      findLookRequests(track, view)
        .filter((request) => mayCount(request, end) && isNew(known, request))
        .map((request): Ask => ({ request, track })),
    );
    const asks = await withoutOwned(wanted, tracks, view, context);
    if (asks.length === 0) break;
    const byLayer = new Map<number, Ask[]>();
    for (const ask of asks) {
      const { layer } = ask.request;
      const same = byLayer.get(layer) ?? [];
      byLayer.set(layer, same);
      same.push(ask);
    }
    const answers = await inParallel(layers, context.concurrency, context.scope, (layer, position) =>
      readAgain(layer, byLayer.get(position) ?? [], context, end),
    );
    for (const [layer, { records, problems: ofLayer }] of answers.entries()) {
      for (const [{ track, request }, record] of records) file(track, request, record);
      for (const problem of ofLayer) problems.push({ layer, problem });
    }
  }
  return problems;
}

/**
 * Leaves out looks into files that a package of the distribution owns, for those who leave such files to it: `libz.so.1`, a link to
 * `libz.so.1.2.13`, is in most images, and nothing that is said of it would count. As long as a database of packages may itself lie behind a
 * link, or be corrected by what lies beside it, nothing is left out: it may say otherwise.
 */
async function withoutOwned(
  asks: readonly Ask[],
  tracks: readonly Track[],
  view: MergedView,
  { limits }: ScanContext,
): Promise<readonly Ask[]> {
  const yields = ({ request: { planned, directory } }: Ask): boolean =>
    !directory && planned.analyzer.yieldsTo?.owner === true;
  const paths = asks.filter(yields).map(({ request }) => request.storePath);
  if (paths.length === 0 || asks.some(({ request }) => request.planned.ecosystem?.class === "os")) return asks;
  if (tracks.some((track) => mayCorrect(track, tracks))) return asks;
  const isOwned = await ownedPaths(paths, tracks, view, limits);
  // By the last version: where that counts, the ones before it tell since when its package is there.
  return asks.filter((ask) => {
    const { storePath, storeLayer } = ask.request;
    return !yields(ask) || !isOwned(storePath, view.fileVersions(storePath)[0] ?? storeLayer);
  });
}

/** Whether it has files by which it may correct at the end what a database says, as a write-ahead log does. */
function mayCorrect({ planned: { analyzer }, layers }: Track, tracks: readonly Track[]): boolean {
  return (
    analyzer.kind === "tree" &&
    layers.some(({ files }) => files.size > 0) &&
    tracks.some(({ planned }) => planned.analyzer.yieldsTo?.analyzer === analyzer.id)
  );
}

/** Whether something of what is asked for may be there at the end, when only that counts. */
function mayCount({ directory, storeLayer, storePath }: LookRequest, end: MergedView | undefined): boolean {
  return end === undefined || directory || end.fileVersions(storePath)[0] === storeLayer;
}

/**
 * Reads a layer again for these requests only.
 * @param end of directories only what is there then is taken; absent: all.
 */
async function readAgain(
  layer: Layer,
  asks: readonly Ask[],
  context: ScanContext,
  end: MergedView | undefined,
): Promise<Answers> {
  const cache = layer.cacheable ? context.cache : undefined;
  const stored = await Promise.all(
    asks.map(async ({ request }) =>
      cache === undefined ? undefined : loadLook(cache, layer.diffId, nameOf(request), request.planned),
    ),
  );
  const records = new Map<Ask, AnalyzerRecord>();
  const open: Ask[] = [];
  for (const [at, ask] of asks.entries()) {
    const record = stored[at];
    if (record === undefined) open.push(ask);
    else records.set(ask, withinRetention(chosen(record, choiceOf(ask.request, end)), context.retention));
  }
  if (open.length === 0) return { records, problems: [] };
  const wishes = open.map(({ request }) => wishOf(request, end));
  const { records: read, diagnostics: problems } = await readOnceMore(layer, wishes, context);
  const isWhole = problems.every(({ effect }) => effect === "none");
  await Promise.all(
    open.map(async (ask, at) => {
      const record = read[at] ?? emptyRecord;
      records.set(ask, record);
      if (cache !== undefined && end === undefined && isWhole)
        await storeLook(cache, layer.diffId, nameOf(ask.request), record);
    }),
  );
  return { records, problems };
}

/** All that an answer depends on beside the layer's bytes. */
function nameOf({ planned, path, directory, as }: LookRequest): string {
  return JSON.stringify([planned.cacheKey, path, directory, as]);
}

/** Which files of a directory are there at the end, when only they count. */
function choiceOf(
  { directory, layer }: LookRequest,
  end: MergedView | undefined,
): ((path: string) => boolean) | undefined {
  return directory && end !== undefined ? (path) => end.at(path)?.layer === layer : undefined;
}

function chosen(record: AnalyzerRecord, isOfUse: ((path: string) => boolean) | undefined): AnalyzerRecord {
  return isOfUse === undefined ? record : { ...record, files: record.files.filter(({ path }) => isOfUse(path)) };
}

function wishOf(request: LookRequest, end: MergedView | undefined): Wish {
  const { planned, path, directory, as } = request;
  return {
    planned,
    stands: choiceOf(request, end),
    matches: directory ? matchersOf(planned, as).map((matcher) => ({ ...matcher, directory: path })) : [{ path }],
    rename: (seen) => (directory ? as + seen.slice(path.length) : as),
  };
}

/** What an analyzer wants of a directory. */
function matchersOf({ matches }: LookRequest["planned"], directory: string): readonly FileMatcher[] {
  return matches.filter((matcher) => "directory" in matcher && matcher.directory === directory);
}

function isNew(known: Set<string>, request: LookRequest): boolean {
  const { planned, layer, path, directory, as, storeLayer, storePath } = request;
  const key = JSON.stringify([planned.id, layer, path, directory, directory ? as : "", storeLayer, storePath]);
  if (known.has(key)) return false;
  known.add(key);
  return true;
}

/** Notes an answer where it belongs; what was known of a file stays. */
function file({ layers }: Track, request: LookRequest, { files, links }: AnalyzerRecord): void {
  const place = layers[request.storeLayer];
  if (place === undefined) return;
  const storeAt = (path: string): string => (request.directory ? path : request.storePath);
  for (const record of files) {
    const path = storeAt(record.path);
    if (!place.files.has(path)) place.files.set(path, { ...record, path });
  }
  for (const link of links) {
    const path = storeAt(link.path);
    place.links.set(path, { ...link, path });
  }
}
