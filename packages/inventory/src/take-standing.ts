import { workDone } from "@plimsoll/model";
import type { Diagnostic, Layer } from "@plimsoll/model";
import { affords, affordsName, findBudgets } from "./find-budget.ts";
import { loadLayers } from "./layer-cache.ts";
import { emptyRecord } from "./layer-result.ts";
import type { AnalyzerRecord, LayerResult } from "./layer-result.ts";
import type { MergedView } from "./merged-view.ts";
import { PathIndex } from "./path-index.ts";
import { seesEveryLayer } from "./plan.ts";
import type { PlannedAnalyzer } from "./plan.ts";
import { readOnceMore } from "./read-again.ts";
import type { LayerProblem } from "./read-again.ts";
import { inParallel } from "./scan-scope.ts";
import { contentSources, trackOf } from "./second-look.ts";
import type { Track } from "./second-look.ts";
import { affordable } from "./take-layers.ts";
import type { ScanContext } from "./take-layers.ts";

/** Counting something that was found takes about as long, for each layer, as looking at so many bytes. */
const bytesPerFind = 512;

/**
 * Whether something was left out for the sake of what is not there at the end. When as much as may be was taken of what is there, another
 * reading brings no more.
 */
export async function isWorthAgain(
  tracks: readonly Track[],
  results: readonly LayerResult[],
  view: MergedView,
  { budgets, limits }: ScanContext,
): Promise<boolean> {
  const spent = (["packages", "detected", "kept"] as const).filter((kind) => budgets[kind].isSpent);
  if (spent.length === 0) {
    // Nothing but the memory for contents was too small.
    const isCut = results.some(({ records }) => [...records.values()].some(({ cut }) => cut === true));
    return isCut && tracks.some((track) => isForWhatIsGone(track, view));
  }
  const found = findBudgets(limits);
  const names = findBudgets(limits);
  const shared = new Set<string>();
  for (const { planned, layers } of tracks)
    for (const [layer, { files, links }] of layers.entries()) {
      const there = ({ path }: { readonly path: string }): boolean => stands(view, planned, path, layer);
      for (const file of files.values()) if (there(file)) affords(planned, file.observations, found);
      for (const link of links.values()) {
        // One name of a content is taken for all who know it by its first bytes.
        const name = `${planned.part === undefined} ${link.path}`;
        if (!there(link) || (link.kind === "content" && shared.has(name))) continue;
        if (link.kind === "content") shared.add(name);
        affordsName(planned, names);
      }
      await workDone(bytesPerFind * layers.length * (files.size + links.size));
    }
  return !spent.every((kind) => found[kind].isSpent || names[kind].isUsedUp);
}

/** Whether contents were kept, or would have been, of files that are not there at the end: in whatever order layers were read. */
function isForWhatIsGone({ planned, layers }: Track, view: MergedView): boolean {
  return layers.some(({ files }, layer) =>
    [...files.values()].some(({ path, retained }) => retained !== undefined && !stands(view, planned, path, layer)),
  );
}

/** Which files of a layer are of use to an analyzer. */
type Choice = (planned: PlannedAnalyzer, path: string) => boolean;

/**
 * The results of layers with what is there at the end alone, and what shares its content: for images whose layers hold more than the budgets
 * allow of what later layers write anew or remove. What was left out is read again. Since which layer a package is there is not known then.
 * Of a layer that can't be read any more stays what the first reading took of it.
 * @param results of the first reading, which knows the paths of all layers.
 */
export async function takeStanding(
  layers: readonly Layer[],
  plan: readonly PlannedAnalyzer[],
  results: readonly LayerResult[],
  view: MergedView,
  context: ScanContext,
): Promise<{ readonly standing: readonly LayerResult[]; readonly problems: readonly LayerProblem[] }> {
  const problems: LayerProblem[] = [];
  const note = (layer: number, found: readonly Diagnostic[]): void =>
    void problems.push(...found.map((problem) => ({ layer, problem })));
  const taken = await inParallel(layers, context.concurrency, context.scope, async (layer, position) => {
    const choice: Choice = (planned, path) => stands(view, planned, path, position);
    const { result, problems: found } = await retake(layer, results[position], plan, choice, context);
    note(position, found);
    return result;
  });
  // The first name of a content may be gone, and another be there.
  const sources = new Map<number, Map<PlannedAnalyzer, Set<string>>>();
  for (const planned of plan)
    for (const { layer, path } of seesEveryLayer(planned) ? [] : contentSources(trackOf(planned, taken), view)) {
      if (stands(view, planned, path, layer)) continue;
      const ofLayer = sources.get(layer) ?? new Map<PlannedAnalyzer, Set<string>>();
      sources.set(layer, ofLayer.set(planned, (ofLayer.get(planned) ?? new Set()).add(path)));
    }
  const standing = await inParallel(layers, context.concurrency, context.scope, async (layer, position) => {
    const result = taken[position] ?? emptyResult();
    const wanted = sources.get(position);
    if (wanted === undefined) return result;
    const choice: Choice = (planned, path) => wanted.get(planned)?.has(path) === true;
    const more = await retake(layer, results[position], [...wanted.keys()], choice, context);
    note(position, more.problems);
    return { ...result, records: joined(result.records, more.result.records) };
  });
  return { standing, problems };
}

/** Whether what an analyzer sees at a path of a layer counts at the end. */
function stands(view: MergedView, planned: PlannedAnalyzer, path: string, layer: number): boolean {
  return seesEveryLayer(planned) || view.at(path)?.layer === layer;
}

/** What a layer is taken for that could not be read. */
function emptyResult(): LayerResult {
  return { index: new PathIndex(), records: new Map(), diagnostics: [], entries: 0, bytes: 0 };
}

/** The records of some analyzers of a layer for the files of a choice: of those of which something was left out, from the cache or anew. */
async function retake(
  layer: Layer,
  result: LayerResult = emptyResult(),
  plan: readonly PlannedAnalyzer[],
  choice: Choice,
  context: ScanContext,
): Promise<{ readonly result: LayerResult; readonly problems: readonly Diagnostic[] }> {
  const known = new Map<string, AnalyzerRecord>();
  const cut = plan.filter(({ id }) => result.records.get(id)?.cut === true);
  const stored =
    cut.length === 0 || context.cache === undefined || !layer.cacheable
      ? undefined
      : (await loadLayers(context.cache, [layer.diffId], cut, { signal: context.scope.signal }))[0];
  const missing = cut.filter(({ id }) => stored?.records.has(id) !== true);
  for (const planned of plan) {
    if (missing.includes(planned)) continue;
    const record = (cut.includes(planned) ? stored : result)?.records.get(planned.id) ?? emptyRecord;
    known.set(planned.id, chosen(record, planned, choice));
  }
  const records = affordable(
    { records: known },
    plan.filter(({ id }) => known.has(id)),
    context,
  );
  if (missing.length === 0) return { result: { ...result, records }, problems: [] };
  const wishes = missing.map((planned) => ({
    planned,
    matches: planned.matches,
    outside: planned.outside,
    stands: (path: string) => choice(planned, path),
  }));
  const reading = await readOnceMore(layer, wishes, context, new PathIndex());
  const before = missing.map((planned): [string, AnalyzerRecord] => [
    planned.id,
    chosen(result.records.get(planned.id) ?? emptyRecord, planned, choice),
  ]);
  const held = reading.records.length > 0 ? undefined : affordable({ records: new Map(before) }, missing, context);
  missing.forEach(({ id }, at) => records.set(id, reading.records[at] ?? held?.get(id) ?? emptyRecord));
  return { result: { ...result, records }, problems: reading.diagnostics };
}

function chosen({ files, links, ...record }: AnalyzerRecord, planned: PlannedAnalyzer, choice: Choice): AnalyzerRecord {
  const isChosen = ({ path }: { readonly path: string }): boolean => choice(planned, path);
  return { ...record, files: files.filter(isChosen), links: links.filter(isChosen) };
}

function joined(
  records: ReadonlyMap<string, AnalyzerRecord>,
  more: ReadonlyMap<string, AnalyzerRecord>,
): ReadonlyMap<string, AnalyzerRecord> {
  const all = new Map(records);
  for (const [id, { files }] of more) {
    const record = all.get(id) ?? emptyRecord;
    all.set(id, { ...record, files: [...record.files, ...files] });
  }
  return all;
}
