import {
  checkOptions,
  compareBy,
  compareText,
  defaultLimits,
  emitEvent,
  optionIs,
  sortedInTurns,
} from "@plimsoll/model";
import type {
  CallOptions,
  Cache,
  Diagnostic,
  Digest,
  Ecosystem,
  EntriesOptions,
  Evidence,
  Image,
  ImageSource,
  Inventory,
  LayerRef,
  Limits,
  PartDetector,
  Platform,
  ScanListener,
  FileEngine,
  ScratchSpace,
} from "@plimsoll/model";
import { describeArtifact, isBuiltOn } from "./artifact.ts";
import { mergeDistro } from "./distro.ts";
import { evidenceFile, namePackages } from "./found-packages.ts";
import type { LayerResult } from "./layer-result.ts";
import { lookAgain } from "./look-again.ts";
import { mergePackages } from "./merge-packages.ts";
import { MergedView } from "./merged-view.ts";
import { observeTree } from "./observe-tree.ts";
import { budgetsAtTheEnd, findBudgets } from "./find-budget.ts";
import { findOwners } from "./ownership.ts";
import { collectParts, placeDetected } from "./parts.ts";
import { planAnalyzers, seesEveryLayer } from "./plan.ts";
import type { PlannedAnalyzer } from "./plan.ts";
import { relatePackages } from "./relate-packages.ts";
import { problemsOf } from "./read-again.ts";
import type { LayerProblem } from "./read-again.ts";
import { openScope } from "./scan-scope.ts";
import { nameSharedContent, trackOf } from "./second-look.ts";
import type { Track } from "./second-look.ts";
import { survivorsOf, withoutReplaced } from "./survivors.ts";
import type { Survivors } from "./survivors.ts";
import { takeLayers } from "./take-layers.ts";
import { isWorthAgain, takeStanding } from "./take-standing.ts";
import type { ScanContext } from "./take-layers.ts";

/** How to take an inventory. Only `ecosystems` is needed. */
export interface InventoryOptions extends CallOptions {
  /** The ecosystems to look for. Their order does not matter. */
  readonly ecosystems: readonly Ecosystem[];
  /** What else to look for: each fills a part of the inventory, in the same pass. Their order does not matter. */
  readonly detectors?: readonly PartDetector[] | undefined;
  /** Which image of a multi-platform index. */
  readonly platform?: Platform | undefined;
  /** Keeps what analyzers said about a layer, so that no layer is read twice for the same analyzer. Absent: no cache. */
  readonly cache?: Cache | undefined;
  /** Ceilings other than {@link defaultLimits}. */
  readonly limits?: Partial<Limits> | undefined;
  /** Told what happens, while it happens. Errors it throws are ignored: listeners cannot change a result. */
  readonly onEvent?: ScanListener | undefined;
  /** Opens space for one file that is too large for memory, such as a program of hundreds of megabytes. Absent: memory takes what `limits` allow. */
  readonly scratch?: (() => ScratchSpace) | undefined;
  /** What the platform does faster than JavaScript. Absent: nothing. */
  readonly engine?: FileEngine | undefined;
  /** How many layers are read at once. Default 2. */
  readonly concurrency?: number | undefined;
  /** Which analyzers run. Absent: those of installed packages, and for source trees those of declared ones too. */
  readonly evidence?: readonly Evidence[] | undefined;
  /**
   * The base image, or the diff IDs of its layers, base first: tells its layers from the others. Absent: the history does, as
   * far as it can. Of a source, the image for the same platform is opened, and no layer is read.
   */
  readonly baseImage?: ImageSource | readonly Digest[] | undefined;
  /** Replaces secrets in the instructions that made layers, which may hold them. Absent: instructions are told as they are. */
  readonly maskText?: ((text: string) => string | Promise<string>) | undefined;
}

/**
 * Takes the inventory of an image: reads each layer once, puts the layers on top of each other, and tells what is
 * installed, where, and since which layer. The result depends on nothing but the image, the ecosystems and the limits.
 * @throws ScanError when the image cannot be opened or read, or the scan takes longer than `limits.maxMilliseconds`;
 * the signal's reason when aborted. Everything else that goes wrong is a diagnostic of the inventory, also a layer that can't be read again
 * where that is needed.
 */
export async function takeInventory(source: ImageSource, options: InventoryOptions): Promise<Inventory> {
  checkOptions("takeInventory", options, {
    ecosystems: optionIs.listOf(optionIs.having("advisoryKeys")),
    detectors: optionIs.listOf(optionIs.object),
    platform: optionIs.platform,
    cache: optionIs.having("get", "set"),
    limits: optionIs.limits,
    onEvent: optionIs.call,
    scratch: optionIs.call,
    engine: optionIs.having("inflateRaw", "sha1"),
    concurrency: optionIs.count,
    evidence: optionIs.listOf(optionIs.oneOf(["installed", "declared", "requested"])),
    maskText: optionIs.call,
    baseImage: optionIs.either(optionIs.listOf(optionIs.text), optionIs.having("open")),
    signal: optionIs.signal,
  });
  const limits = withDefaults(options.limits);
  const scope = openScope(options.signal, limits.maxMilliseconds);
  try {
    scope.signal.throwIfAborted();
    const image = await source.open({ platform: options.platform, limits, signal: scope.signal });
    try {
      scope.signal.throwIfAborted();
      return await inventoryOf(image, options, {
        limits,
        scope,
        cache: options.cache,
        concurrency: options.concurrency ?? 2,
        retention: { bytes: limits.maxRetainedBytes },
        nested: { bytes: limits.maxNestedBytes, entries: limits.maxNestedEntries, isSpent: false },
        budgets: findBudgets(limits),
        scratch: options.scratch,
        engine: options.engine,
        emit: (event) => emitEvent(options.onEvent, event),
      });
    } finally {
      await image.close?.();
    }
  } finally {
    scope.end();
  }
}

async function inventoryOf(opened: Image, options: InventoryOptions, context: ScanContext): Promise<Inventory> {
  const image = await maskedImage(opened, options.maskText);
  const evidence = options.evidence ?? (image.kind === "filesystem" ? ["installed", "declared"] : ["installed"]);
  const plan = planAnalyzers([...options.ecosystems, ...(options.detectors ?? [])], evidence, context.limits);
  const bytes = image.layers.reduce((total, layer) => total + layer.size, 0);
  context.emit({
    kind: "image-opened",
    name: image.name,
    ...(image.digest === undefined ? {} : { digest: image.digest }),
    layers: image.layers.length,
    bytes,
  });
  const { view, settled } = await settle(image, plan, context);
  const baseImage = await chainOf(options.baseImage, image, context);
  const { ecosystems, detectors = [] } = options;
  const inventory = await assemble(image, view, settled, { ecosystems, detectors, baseImage });
  context.emit({ kind: "inventory-taken", packages: inventory.packages });
  return inventory;
}

/** Reads the layers and tells what is there at the end. What was said of all layers is let go with the results. */
async function settle(
  image: Image,
  plan: readonly PlannedAnalyzer[],
  context: ScanContext,
): Promise<{ readonly view: MergedView; readonly settled: Settled }> {
  const results = await takeLayers(image.layers, plan, context);
  const view = new MergedView(results.map(({ index }) => index));
  return { view, settled: await surviving(image, plan, results, view, context) };
}

/** The image with the instructions of its layers masked; what detectors look at in its configuration stays. */
async function maskedImage(image: Image, mask: InventoryOptions["maskText"]): Promise<Image> {
  if (mask === undefined) return image;
  const layers = image.layers.map(async (layer) => ({
    ...layer,
    ...(layer.createdBy === undefined ? {} : { createdBy: await mask(layer.createdBy) }),
    entries: (options: EntriesOptions) => layer.entries(options),
  }));
  return { ...image, layers: await Promise.all(layers) };
}

/** Diff IDs of the base image. @throws ScanError when it cannot be opened. */
async function chainOf(
  baseImage: InventoryOptions["baseImage"],
  { platform }: Image,
  { limits, scope }: ScanContext,
): Promise<readonly Digest[] | undefined> {
  if (baseImage === undefined || !("open" in baseImage)) return baseImage;
  const base = await baseImage.open({ platform, limits, signal: scope.signal });
  await base.close?.();
  return base.layers.map(({ diffId }) => diffId);
}

/** What somebody named as the base and is not. */
function notBuiltOn(image: Image, baseImage: readonly Digest[] | undefined): readonly Diagnostic[] {
  if (baseImage === undefined || isBuiltOn(image, baseImage)) return [];
  const message = "The image does not begin with the layers of the base image that was named";
  return [{ kind: "diagnostic", code: "digest-mismatch", effect: "none", message }];
}

/** What is there at the end, and what was taken of the layers to tell it. */
interface Settled {
  readonly survivors: Survivors;
  readonly tracks: readonly Track[];
  /** What is to be said of the whole image. */
  readonly told: readonly Diagnostic[];
  /** What is to be said of layers. */
  readonly problems: readonly LayerProblem[];
}

async function surviving(
  image: Image,
  plan: readonly PlannedAnalyzer[],
  results: readonly LayerResult[],
  view: MergedView,
  context: ScanContext,
): Promise<Settled> {
  const { limits, scope } = context;
  let { budgets } = context;
  let { tracks, problems } = await tracksOf(image, plan, results, view, context, { atTheEnd: false });
  const withoutHistory = await isWorthAgain(tracks, results, view, context);
  if (withoutHistory) {
    budgets = findBudgets(limits);
    const anew = { ...context, budgets, retention: { bytes: limits.maxRetainedBytes } };
    const again = await takeStanding(image.layers, plan, results, view, anew);
    const final = await tracksOf(image, plan, again.standing, view, anew, { atTheEnd: true });
    tracks = final.tracks;
    problems = [...problems, ...again.problems, ...final.problems];
  }
  for (const track of tracks) await nameSharedContent(track, view);
  const atTheEnd = budgetsAtTheEnd(budgets);
  const said = await survivorsOf(tracks, view, atTheEnd);
  const options = { limits, budgets: atTheEnd, signal: scope.signal };
  const survivors = await withoutReplaced(await observeTree(tracks, view, said, options));
  const spent = Object.values(budgets).flatMap((budget) => (budget.isSpent ? [budget.problem()] : []));
  const told = withoutHistory && results.length > 1 ? [historyLost, ...spent] : spent;
  return { survivors, tracks: tracks.filter(hasDetected), told, problems: problemsOf(results, problems) };
}

/** Whether what it says of all layers is still to be placed: the records of other tracks are not held any longer. */
function hasDetected({ planned }: Track): boolean {
  return planned.part !== undefined && seesEveryLayer(planned);
}

const historyLost: Diagnostic = {
  kind: "diagnostic",
  code: "limit-exceeded",
  effect: "none",
  message:
    "The layers of the image hold many files that later layers replace or remove; a package is reported with the layer that last wrote its file, which need not be the layer that added the package",
};

/** What analyzers said of all layers, also of what only links led them to, and what went wrong when layers were read for that. */
async function tracksOf(
  { layers }: Image,
  plan: readonly PlannedAnalyzer[],
  results: readonly LayerResult[],
  view: MergedView,
  context: ScanContext,
  options: { readonly atTheEnd: boolean },
): Promise<{ readonly tracks: readonly Track[]; readonly problems: readonly LayerProblem[] }> {
  const tracks = plan.map((planned) => trackOf(planned, results));
  const final = tracks.filter(({ planned }) => !seesEveryLayer(planned));
  return { tracks, problems: await lookAgain(final, view, layers, context, options) };
}

interface AssemblyContext {
  readonly ecosystems: readonly Ecosystem[];
  readonly detectors: readonly PartDetector[];
  readonly baseImage: readonly Digest[] | undefined;
}

async function assemble(
  image: Image,
  view: MergedView,
  { survivors: { statements, claims }, tracks, told, problems }: Settled,
  { baseImage, ecosystems, detectors }: AssemblyContext,
): Promise<Inventory> {
  const refs = image.layers.map(({ index, diffId }): LayerRef => ({ index, diffId }));
  const layerRef = (layer: number): LayerRef | undefined =>
    image.kind === "container-image" ? refs[layer] : undefined;
  const distro = mergeDistro(statements);
  const { found, diagnostics } = await namePackages(statements, distro, layerRef, { ecosystems, kind: image.kind });
  const owners = findOwners(new Set(found.map(evidenceFile)), claims, view);
  const placed = placeDetected(tracks, view, image, statements);
  const collected = collectParts(detectors, placed.found, image);
  return {
    schemaVersion: 2,
    artifact: describeArtifact(image, distro, baseImage),
    packages: await relatePackages(await mergePackages(found), owners),
    ...collected.parts,
    diagnostics: await diagnosticsInOrder([
      ...(image.diagnostics ?? []),
      ...told,
      ...notBuiltOn(image, baseImage),
      ...problems.map(({ problem, layer }) => located(problem, "", layerRef(layer))),
      ...statements.flatMap(({ observation, path, planned, layer }) =>
        observation.kind === "diagnostic"
          ? [{ ...located(observation, path, layerRef(layer)), analyzer: planned.id }]
          : [],
      ),
      ...diagnostics,
      ...placed.diagnostics,
      ...collected.diagnostics,
    ]),
  };
}

/** Says in which file and layer a problem is, as far as it does not say so itself. */
function located(problem: Diagnostic, path: string, layer: LayerRef | undefined): Diagnostic {
  const place = { ...(layer === undefined ? {} : { layer }), ...(problem.location ?? { path }) };
  return place.path === "" && layer === undefined ? problem : { ...problem, location: place };
}

/** Sorted, each once: what several analyzers say of one file in the same words, as of a program that ends early, the first of them says. */
async function diagnosticsInOrder(diagnostics: readonly Diagnostic[]): Promise<readonly Diagnostic[]> {
  const sorted = await sortedInTurns(
    diagnostics,
    compareBy(
      (a, b) => compareText(a.location?.path ?? "", b.location?.path ?? ""),
      (a, b) => (a.location?.layer?.index ?? -1) - (b.location?.layer?.index ?? -1),
      (a, b) => compareText(a.code, b.code),
      (a, b) => compareText(a.message, b.message),
      (a, b) => (a.location?.line ?? 0) - (b.location?.line ?? 0),
      (a, b) => compareText(a.effect, b.effect),
      (a, b) => compareText(a.analyzer ?? "", b.analyzer ?? ""),
    ),
  );
  return sorted.filter((each, at) => {
    const before = sorted[at - 1];
    return before === undefined || !saysTheSame(before, each);
  });
}

function saysTheSame(a: Diagnostic, b: Diagnostic): boolean {
  return (
    a.analyzer !== b.analyzer &&
    a.message === b.message &&
    a.code === b.code &&
    a.effect === b.effect &&
    a.location?.path === b.location?.path &&
    a.location?.line === b.location?.line &&
    a.location?.layer?.index === b.location?.layer?.index
  );
}

function withDefaults(limits: Partial<Limits> = {}): Limits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(given) };
}
