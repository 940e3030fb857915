import type {
  Cache,
  Diagnostic,
  Digest,
  Layer,
  Limits,
  ScanEvent,
  ScratchSpace,
  NestedBudget,
  FileEngine,
} from "@plimsoll/model";
import { loadLayers, storeLayer } from "./layer-cache.ts";
import type { KnownLayer } from "./layer-cache.ts";
import { emptyRecord } from "./layer-result.ts";
import type { AnalyzerRecord, LayerResult } from "./layer-result.ts";
import { affords, budgetsOfReading } from "./find-budget.ts";
import type { FindBudgets } from "./find-budget.ts";
import { PathIndex } from "./path-index.ts";
import type { PlannedAnalyzer } from "./plan.ts";
import { announcePackages, observeLayer } from "./observe-layer.ts";
import type { ReadContext, Wish } from "./observe-layer.ts";
import { inParallel } from "./scan-scope.ts";
import type { ScanScope } from "./scan-scope.ts";

/** What all layers of one scan share. */
export interface ScanContext {
  readonly limits: Limits;
  readonly scope: ScanScope;
  readonly cache: Cache | undefined;
  /** Layers read at once. */
  readonly concurrency: number;
  readonly retention: { bytes: number };
  /** What archives among the files of all layers may still yield. */
  readonly nested: NestedBudget;
  /** How much is taken of what is found. */
  readonly budgets: FindBudgets;
  /** Where files go that are too large for memory. Absent: nowhere. */
  readonly scratch: (() => ScratchSpace) | undefined;
  /** What the platform does faster. Absent: nothing. */
  readonly engine: FileEngine | undefined;
  emit(event: ScanEvent): void;
}

/** Reads all layers, or takes from the cache what is known of them. Results are in the order of the layers. */
export async function takeLayers(
  layers: readonly Layer[],
  plan: readonly PlannedAnalyzer[],
  context: ScanContext,
): Promise<readonly LayerResult[]> {
  const budget = new ByteBudget(layers.length, context.limits.maxTotalBytes);
  const knownOf = await lookUp(layers, plan, context);
  const readings = new Map<Digest, Promise<KnownLayer | undefined>>();
  const results = await inParallel(layers, context.concurrency, context.scope, async (layer, position) => {
    const before = await knownOf(layer);
    // An image may list one layer a thousand times: it is read once.
    const reading = layer.cacheable ? readings.get(layer.diffId) : undefined;
    // Nothing is waited for between the look and the note that this layer is being read.
    const known = reading === undefined ? before : ((await reading) ?? before);
    const taking = takeLayer(layer, plan, { ...context, known }, (bytes) => budget.spend(position, bytes));
    if (layer.cacheable && reading === undefined)
      readings.set(
        layer.diffId,
        taking.then(knownFrom, () => undefined),
      );
    const { result } = await taking;
    budget.spend(position, result.bytes);
    return result;
  });
  const within = budget.layersWithin();
  return results.map((result, position) => (position < within ? result : tooMuch(result, context.limits)));
}

/** What a layer is known by that was read to its end, without anything that another reading might do better. */
function knownFrom({ result, whole }: TakenLayer): KnownLayer | undefined {
  const isCertain = [...result.records.values()].every(({ uncertain }) => uncertain !== true);
  return whole && isCertain ? { ...result, silent: new Set() } : undefined;
}

/** Says what the cache knows of a layer: a cache that is far away is asked for all layers at once, any other when it is a layer's turn. */
async function lookUp(
  layers: readonly Layer[],
  plan: readonly PlannedAnalyzer[],
  { cache, scope: { signal } }: ScanContext,
): Promise<(layer: Layer) => Promise<KnownLayer | undefined>> {
  if (cache === undefined) return () => Promise.resolve(undefined);
  if (cache.getMany === undefined)
    return async ({ diffId, cacheable }) =>
      cacheable ? (await loadLayers(cache, [diffId], plan, { signal }))[0] : undefined;
  const cacheable = [...new Set(layers.filter((layer) => layer.cacheable).map(({ diffId }) => diffId))];
  const known = await loadLayers(cache, cacheable, plan, { signal });
  const byLayer = new Map(cacheable.map((diffId, at) => [diffId, known[at]]));
  return (layer) => Promise.resolve(layer.cacheable ? byLayer.get(layer.diffId) : undefined);
}

/** What was taken of a layer; `whole`: to its end, and without a mistake. */
interface TakenLayer {
  readonly result: LayerResult;
  readonly whole: boolean;
}

async function takeLayer(
  layer: Layer,
  plan: readonly PlannedAnalyzer[],
  context: ScanContext & { readonly known: KnownLayer | undefined },
  progress: (bytes: number) => boolean,
): Promise<TakenLayer> {
  const { known } = context;
  const cache = layer.cacheable ? context.cache : undefined;
  context.scope.signal.throwIfAborted();
  const missing = plan.filter(({ id }) => known?.records.has(id) !== true);
  if (known !== undefined && missing.length === 0)
    return { result: fromCache(layer, known, plan, context), whole: true };
  const present = known === undefined ? [] : plan.filter((planned) => !missing.includes(planned));
  const knownRecords = known === undefined ? undefined : affordable(known, present, context);
  const { result, whole } = await readFor(missing, layer, context, progress, knownRecords);
  if (cache !== undefined && whole) await storeLayer(cache, layer.diffId, result, missing, known);
  return { result, whole };
}

function fromCache(
  layer: Layer,
  known: KnownLayer,
  plan: readonly PlannedAnalyzer[],
  context: ScanContext,
): LayerResult {
  context.emit({ kind: "layer-cached", layer: layer.diffId, index: layer.index, size: layer.size });
  for (const planned of plan)
    for (const { path, observations } of known.records.get(planned.id)?.files ?? [])
      announcePackages(context, layer.index, planned, path, observations);
  return { ...known, records: affordable(known, plan, context), diagnostics: [] };
}

/** The records of a layer that is known from before, as far as the budgets and memory allow, as when the layer is read. */
export function affordable(
  { records }: Pick<KnownLayer, "records">,
  plan: readonly PlannedAnalyzer[],
  context: ScanContext,
): Map<string, AnalyzerRecord> {
  const budgets = budgetsOfReading(context.budgets);
  return new Map(
    plan.map((planned) => {
      const record = withinRetention(records.get(planned.id) ?? emptyRecord, context.retention);
      const files = record.files.filter(({ observations }) => {
        // The file with which a budget ends is kept whole: what is there at the end is counted once more.
        const isTaken = affords(planned, [], budgets);
        affords(planned, observations, budgets);
        return isTaken;
      });
      return [planned.id, files.length === record.files.length ? record : { ...record, files, cut: true }];
    }),
  );
}

/** Content that memory does not allow to keep is let go, as it is when a layer is read. */
export function withinRetention(record: AnalyzerRecord, retention: { bytes: number }): AnalyzerRecord {
  if (record.files.every(({ retained }) => retained?.content === undefined)) return record;
  let cut = record.cut === true;
  const files = record.files.map((file) => {
    if (file.retained?.content === undefined) return file;
    const { content, ...retained } = file.retained;
    if (content.length > retention.bytes) {
      cut = true;
      return { ...file, retained };
    }
    retention.bytes -= content.length;
    return file;
  });
  return { ...record, files, ...(cut ? { cut } : {}) };
}

/** Reads a layer for some analyzers and adds what is known of the others. */
async function readFor(
  wanted: readonly PlannedAnalyzer[],
  layer: Layer,
  context: ScanContext,
  progress: (bytes: number) => boolean,
  known: ReadonlyMap<string, AnalyzerRecord> | undefined,
): Promise<TakenLayer> {
  const { index: position, diffId } = layer;
  context.emit({ kind: "layer-started", layer: diffId, index: position, size: layer.size });
  let stopped = false;
  const goOn = (bytes: number): boolean => {
    stopped ||= !progress(bytes);
    return !stopped;
  };
  const index = new PathIndex();
  const reading = await observeLayer(layer, wanted.map(wishOf), { ...readContext(context), progress: goOn }, index);
  const records = new Map(known);
  wanted.forEach(({ id }, at) => records.set(id, reading.records[at] ?? emptyRecord));
  const { diagnostics, entries, bytes } = reading;
  const result: LayerResult = { index, records, diagnostics, entries, bytes };
  context.emit({ kind: "layer-read", layer: diffId, index: position, entries, packages: countPackages(result) });
  // What a damaged or mistaken layer says must not be taken for what its diff ID stands for.
  return { result, whole: !stopped && diagnostics.every(({ effect }) => effect === "none") };
}

/** The context of one reading. */
export function readContext(context: ScanContext): ReadContext {
  const { limits, scope, retention, nested, budgets, scratch, engine } = context;
  return {
    limits,
    signal: scope.signal,
    retention,
    nested,
    budgets: budgetsOfReading(budgets),
    scratch,
    engine,
    emit: context.emit,
  };
}

function wishOf(planned: PlannedAnalyzer): Wish {
  return { planned, matches: planned.matches, outside: planned.outside };
}

function countPackages({ records }: LayerResult): number {
  let count = 0;
  for (const { files } of records.values())
    for (const { observations } of files) for (const { kind } of observations) if (kind === "package") count++;
  return count;
}

/**
 * Uncompressed bytes of all layers together. Whether a layer is within the limit depends only on the layers below it,
 * so that the answer is the same in whatever order they are read.
 */
class ByteBudget {
  readonly #spent: number[];
  readonly #limit: number;

  constructor(layers: number, limit: number) {
    this.#spent = Array.from({ length: layers }, () => 0);
    this.#limit = limit;
  }

  /** False when the layer is beyond the limit already. */
  spend(position: number, bytes: number): boolean {
    this.#spent[position] = bytes;
    let total = 0;
    for (let layer = 0; layer <= position; layer++) total += this.#spent[layer] ?? 0;
    return total <= this.#limit;
  }

  /** How many layers, from the base, are within the limit. */
  layersWithin(): number {
    let total = 0;
    const beyond = this.#spent.findIndex((bytes) => (total += bytes) > this.#limit);
    return beyond < 0 ? this.#spent.length : beyond;
  }
}

/** Nothing of a layer that was not read to its end may be used. */
function tooMuch(result: LayerResult, { maxTotalBytes }: Limits): LayerResult {
  const problem: Diagnostic = {
    kind: "diagnostic",
    code: "limit-exceeded",
    effect: "incomplete",
    message: `The layers up to this one are larger than the limit of ${maxTotalBytes} bytes; this layer was left out`,
  };
  return { ...result, index: new PathIndex(), records: new Map(), diagnostics: [problem] };
}
