import { ScanError, workDone } from "@plimsoll/model";
import type {
  Diagnostic,
  TreeAnalyzer,
  Layer,
  LayerEntry,
  LayerFile,
  Limits,
  NestedBudget,
  FileEngine,
  ScratchSpace,
  ScanEvent,
} from "@plimsoll/model";
import { compileDispatcher } from "./dispatch.ts";
import type { Dispatcher, Interest } from "./dispatch.ts";
import { FileContent, openFile, SpareMemory } from "./file-content.ts";
import { joinTarget } from "./image-path.ts";
import { Marks, MarkSearch } from "./mark-search.ts";
import { emptyRecord, fileRecord } from "./layer-result.ts";
import type { AnalyzerRecord, FileRecord, LinkRecord, RetainedFile } from "./layer-result.ts";
import { observeFile } from "./observe-file.ts";
import { affords, affordsName, giveBack, giveBackName } from "./find-budget.ts";
import type { FindBudgets } from "./find-budget.ts";
import { present } from "./path-index.ts";
import type { PathIndex, Present } from "./path-index.ts";
import { seesEveryLayer } from "./plan.ts";
import type { PlannedAnalyzer } from "./plan.ts";

/** An analyzer's wish for files of one layer. */
export interface Wish extends Interest {
  readonly planned: PlannedAnalyzer;
  /** Under which path the analyzer is to see a file; absent: its own. */
  readonly rename?: (path: string) => string;
  /** Which files and links alone are of use, by their true paths; absent: all. */
  readonly stands?: ((path: string) => boolean) | undefined;
}

/** What reading a layer needs besides the layer. */
export interface ReadContext {
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** Bytes that may still be kept for tree analyzers, over all layers. */
  readonly retention: { bytes: number };
  /** What archives among the files of all layers may still yield. */
  readonly nested: NestedBudget;
  /** How much may still be found in this reading. */
  readonly budgets: FindBudgets;
  /** Where files go that are too large for memory. Absent: nowhere. */
  readonly scratch: (() => ScratchSpace) | undefined;
  /** What the platform does faster. Absent: nothing. */
  readonly engine: FileEngine | undefined;
  emit(event: ScanEvent): void;
  /** Told the uncompressed bytes of this layer so far; false ends the reading, whose result will not be used. Absent: nothing ends it. */
  readonly progress?: (bytes: number) => boolean;
}

/** What reading a layer brought. */
export interface Reading {
  /** One per wish, in the same order. */
  readonly records: readonly AnalyzerRecord[];
  /** Problems of the layer as a whole. */
  readonly diagnostics: readonly Diagnostic[];
  readonly entries: number;
  /** Uncompressed bytes of its files. */
  readonly bytes: number;
}

/** Entries and bytes between two reports of progress. */
const entriesPerReport = 8_192;
const bytesPerReport = 16 * 1024 * 1024;
/** Taking an entry takes about as long as looking at so many bytes. */
const bytesPerEntry = 2_048;
/** Problems told one by one for a layer; the rest are counted. */
const maxDiagnostics = 100;

/**
 * Reads a layer once, from its first entry to its last: shows the wanted files to those who want them, and notes every
 * path in `index`. Without an index, files are known by the names that the layer has for them. Nothing is held longer
 * than its entry except observations, the index, and files for tree analyzers.
 * @throws the signal's reason when aborted; what the layer throws when it cannot be read at all.
 */
export async function observeLayer(
  layer: Layer,
  wishes: readonly Wish[],
  context: ReadContext,
  index?: PathIndex,
): Promise<Reading> {
  const reading = new LayerReading(layer, wishes, context, index);
  const { limits, signal } = context;
  for await (const entry of layer.entries({ limits, signal, matches: reading.dispatcher.matches, recycle: true })) {
    signal.throwIfAborted();
    if (!(await reading.take(entry))) break;
  }
  signal.throwIfAborted();
  return reading.finish();
}

class LayerReading {
  readonly dispatcher: Dispatcher<Wish>;
  readonly #layer: Layer;
  readonly #context: ReadContext;
  readonly #index: PathIndex | undefined;
  readonly #drafts: ReadonlyMap<Wish, Draft>;
  /** Those who know files by their first bytes. */
  readonly #byContent: readonly Wish[];
  /** What a file must hold for those who want no other. */
  readonly #marks = new Map<Wish, readonly Uint8Array[]>();
  readonly #compiledMarks: CompiledMarks[] = [];
  /** Files of a layer come one after the other. */
  readonly #spare = new SpareMemory();
  /** Paths that a draft has something on. */
  readonly #noted = new Set<string>();
  readonly #diagnostics: Diagnostic[] = [];
  #problems = 0;
  #entries = 0;
  #bytes = 0;
  #reportedEntries = 0;
  #reportedBytes = 0;

  constructor(layer: Layer, wishes: readonly Wish[], context: ReadContext, index: PathIndex | undefined) {
    this.#layer = layer;
    this.#context = context;
    this.#index = index;
    this.dispatcher = compileDispatcher(wishes);
    this.#byContent = wishes.filter(
      ({ matches, planned }) => !seesEveryLayer(planned) && matches.some((matcher) => "magic" in matcher),
    );
    for (const wish of this.#byContent) {
      const marks = marksOf(wish);
      if (marks !== undefined) this.#marks.set(wish, marks);
    }
    this.#drafts = new Map(
      wishes.map((wish) => [wish, { files: new Map(), links: new Map(), uncertain: false, cut: false }]),
    );
  }

  /** False when the rest of the layer is to be left. */
  async take(entry: LayerEntry | Diagnostic): Promise<boolean> {
    if (entry.kind !== "diagnostic") this.#entries++;
    switch (entry.kind) {
      case "diagnostic":
        this.#tell(entry);
        return true;
      case "whiteout":
        this.#index?.whiteout(entry.path);
        break;
      case "opaque":
        this.#index?.opaque(entry.path);
        break;
      case "file":
        await this.#takeFile(entry);
        break;
      case "symlink":
      case "hardlink":
        this.#takeLink(entry);
        break;
      default:
        this.#place(entry.path, present[entry.kind]);
    }
    // To wait for nothing takes its time, too, for each of a million entries.
    const turn = workDone(bytesPerEntry);
    if (turn !== undefined) await turn;
    return this.#withinLimits() && this.#report();
  }

  #tell(problem: Diagnostic): void {
    if (++this.#problems <= maxDiagnostics) this.#diagnostics.push(problem);
  }

  /** A file whose first bytes cannot be read costs the scan that file alone. */
  #tellUnreadable(path: string, error: unknown): void {
    this.#context.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    // The readers of layers name the file themselves.
    const message = error instanceof ScanError ? reason : `${path} could not be read: ${reason}`;
    this.#tell({ kind: "diagnostic", code: "unreadable-file", effect: "incomplete", message, location: { path } });
  }

  finish(): Reading {
    if (this.#problems > maxDiagnostics)
      this.#diagnostics.push({
        kind: "diagnostic",
        code: "malformed-layer",
        effect: "incomplete",
        message: `The layer has ${this.#problems - maxDiagnostics} more problems of this kind`,
      });
    if (this.#index?.linksLost === true)
      this.#diagnostics.push({
        kind: "diagnostic",
        code: "limit-exceeded",
        effect: "incomplete",
        message: "The layer has too many or too long symbolic links; package databases behind them may be missed",
      });
    const records = [...this.#drafts.values()].map((draft) => this.#settle(draft));
    return { records, diagnostics: this.#diagnostics, entries: this.#entries, bytes: this.#bytes };
  }

  /** Indexes an entry and forgets what was said about an earlier one of the same path: the last one wins. */
  #place(path: string, kind: Present, target = ""): string | undefined {
    const placed = this.#index === undefined ? path : this.#index.add(path, kind, target);
    if (placed !== undefined && this.#noted.delete(placed)) this.#forget(placed);
    return placed;
  }

  /** Lets go of what is noted on a path, and gives back what it took. */
  #forget(path: string): void {
    const { budgets, retention } = this.#context;
    const charged = new Set<boolean>();
    for (const [{ planned }, draft] of this.#drafts) {
      const file = draft.files.get(path);
      if (file !== undefined) giveBack(planned, file.observations, budgets);
      retention.bytes += file?.retained?.content?.length ?? 0;
      const link = draft.links.get(path);
      // One name of a content was taken for all who know it by its first bytes.
      const isPart = planned.part !== undefined;
      if (link !== undefined && (link.kind !== "content" || !charged.has(isPart))) giveBackName(planned, budgets);
      if (link?.kind === "content") charged.add(isPart);
      draft.files.delete(path);
      draft.links.delete(path);
    }
  }

  #takeLink(entry: Extract<LayerEntry, { kind: "symlink" | "hardlink" }>): void {
    const path = this.#place(entry.path, present[entry.kind], entry.target);
    if (path === undefined) return;
    // Who sees every layer sees the content where it lies.
    const byName = this.dispatcher
      .byPath(path)
      .filter((wish) => !seesEveryLayer(wish.planned) && isOfUse(wish, path) && this.#affordsName(wish, path));
    for (const wish of byName)
      this.#draft(wish, path).links.set(path, { kind: entry.kind, path, target: entry.target });
    if (entry.kind !== "hardlink" || this.#index === undefined) return;
    // Whose content is wanted is known by the file, which stands before its links in the tar, or in a lower layer.
    const target = joinTarget("", entry.target);
    const isHere = this.#holdsFile(target);
    const told = this.#byContent.filter((wish) => {
      if (!isOfUse(wish, path)) return false;
      const { files, links } = this.#draft(wish, path);
      return !byName.includes(wish) && (!isHere || files.has(target) || links.has(target));
    });
    // Nothing is read for them: what was said of the content gets one more name.
    for (const wishes of [
      told.filter(({ planned }) => planned.part === undefined),
      told.filter(({ planned }) => planned.part !== undefined),
    ]) {
      const [charged] = wishes;
      if (charged === undefined) continue;
      const affordable = this.#affordsName(charged, path);
      for (const wish of wishes) {
        const draft = this.#draft(wish, path);
        if (affordable) draft.links.set(path, { kind: "content", path, target: entry.target });
        else cut(draft);
      }
    }
  }

  /** Whether this layer has a file of its own at the path. */
  #holdsFile(path: string): boolean {
    return this.#index?.effect(path) === present.file;
  }

  async #takeFile(entry: LayerFile): Promise<void> {
    // A sparse file may claim exabytes: no more of one is ever read than this, and the layer must not pay for the rest.
    this.#bytes += Math.min(entry.size, this.#context.limits.maxEntryBytes);
    const path = this.#place(entry.path, present.file);
    if (path === undefined) return;
    let wishes: readonly Wish[] = this.dispatcher.byPath(path).filter((wish) => isOfUse(wish, path));
    if (path !== entry.path && wishes.length > 0) {
      // The layer was told which contents will be asked for, by the names it knows.
      const readable = new Set(this.dispatcher.byPath(entry.path));
      for (const wish of wishes.filter((candidate) => !readable.has(candidate)))
        this.#draft(wish, path).links.set(path, { kind: "moved", path, target: entry.path });
      wishes = wishes.filter((wish) => readable.has(wish));
    }
    const magicLength = this.dispatcher.magicLength(entry.executable);
    if (wishes.length === 0 && (magicLength === 0 || entry.size === 0)) return;
    const content = new FileContent(entry, this.#context.scratch);
    try {
      if (magicLength > 0) {
        const byMagic = this.dispatcher
          .byMagic(await content.head(magicLength), entry.executable)
          .filter((wish) => isOfUse(wish, path));
        // Those who want it by its path say so themselves.
        if (content.broken !== undefined && wishes.length === 0) this.#tellUnreadable(path, content.broken.error);
        const known = new Set([...wishes, ...byMagic]);
        if (byMagic.length > 0) wishes = await this.#withoutSilent([...known], new Set(wishes), path, content);
      }
      await this.#show(path, content, wishes);
    } finally {
      await content.close();
    }
  }

  /** Those who have something to say of a program: others are told apart by one search for all their marks. */
  async #withoutSilent(
    wishes: readonly Wish[],
    named: ReadonlySet<Wish>,
    path: string,
    content: FileContent,
  ): Promise<readonly Wish[]> {
    const marked = wishes.filter((wish) => !named.has(wish) && this.#marks.has(wish));
    if (marked.length === 0) return wishes;
    const { marks, owners } = this.#compiled(marked);
    const search = new MarkSearch(marks);
    try {
      await content.ranges(path, this.#context.limits.maxEntryBytes, { search, spare: this.#spare });
    } catch {
      this.#context.signal.throwIfAborted();
      // What cannot be read is told by those who would have read it.
      return wishes;
    }
    const speaking = new Set([...search.found].map((index) => owners[index]));
    return wishes.filter((wish) => !marked.includes(wish) || speaking.has(wish));
  }

  /** The marks of these wishes together, and whose each is; most files are wanted by the same. */
  #compiled(wishes: readonly Wish[]): CompiledMarks {
    const known = this.#compiledMarks.find(
      (each) => each.wishes.length === wishes.length && each.wishes.every((wish, at) => wish === wishes[at]),
    );
    if (known !== undefined) return known;
    const pairs = wishes.flatMap((wish) => (this.#marks.get(wish) ?? []).map((mark) => ({ mark, wish })));
    const compiled = {
      wishes,
      marks: new Marks(pairs.map(({ mark }) => mark)),
      owners: pairs.map(({ wish }) => wish),
    };
    this.#compiledMarks.push(compiled);
    return compiled;
  }

  async #show(path: string, content: FileContent, wishes: readonly Wish[]): Promise<void> {
    const { limits, nested, signal, engine } = this.#context;
    for (const [position, wish] of wishes.entries()) {
      const { analyzer } = wish.planned;
      const seenAs = wish.rename?.(path) ?? path;
      if (!this.#affords(wish, path, [])) continue;
      const { maxBytes } = wish.planned;
      const open = (last = false): OpenFile => openFile(seenAs, content, { limits, nested, engine, maxBytes, last });
      if (analyzer.kind === "tree") {
        if (!(await this.#isWanted(analyzer, open))) continue;
        const retained = await this.#retain(path, content, wish, condenserOf(analyzer, open));
        this.#draft(wish, path).files.set(path, { ...fileRecord(path, seenAs, nothingSaid), retained });
        continue;
      }
      const draft = this.#draft(wish, path);
      const file = open(position === wishes.length - 1);
      const { uncertain, ...said } = await observeFile(wish.planned, analyzer, file, { limits, signal }).finally(
        // Also where the scan ends here: what was put aside would stay open.
        file.close,
      );
      draft.uncertain ||= uncertain || nested.isSpent;
      this.#affords(wish, path, said.observations);
      // Most files have nothing to say to one who looks at all of them, and no link will lead there later.
      if (seesEveryLayer(wish.planned) && said.observations.length === 0) continue;
      draft.files.set(path, fileRecord(path, seenAs, said));
      announcePackages(this.#context, this.#layer.index, wish.planned, path, said.observations);
    }
  }

  /** Whether what was said may still be taken. */
  #affords(wish: Wish, path: string, said: FileRecord["observations"]): boolean {
    return this.#certain(wish, path, affords(wish.planned, said, this.#context.budgets));
  }

  #affordsName(wish: Wish, path: string): boolean {
    return this.#certain(wish, path, affordsName(wish.planned, this.#context.budgets));
  }

  /** Notes what was not taken. */
  #certain(wish: Wish, path: string, affordable: boolean): boolean {
    if (!affordable) cut(this.#draft(wish, path));
    return affordable;
  }

  /** A file that cannot be asked about is kept as if it were wanted: what is wrong with it is told then. */
  async #isWanted(analyzer: TreeAnalyzer, open: () => OpenFile): Promise<boolean> {
    if (analyzer.wants === undefined) return true;
    const file = open();
    try {
      return await analyzer.wants(file);
    } catch {
      this.#context.signal.throwIfAborted();
      return true;
    } finally {
      file.close();
    }
  }

  /** @param condense what is kept in place of the content; undefined: the content is. */
  async #retain(
    path: string,
    content: FileContent,
    wish: Wish,
    condense: (() => Promise<Uint8Array>) | undefined,
  ): Promise<RetainedFile> {
    const { limits, retention, signal } = this.#context;
    const { size, executable } = content;
    const limit = Math.min(limits.maxEntryBytes, wish.planned.maxBytes ?? Infinity);
    if (size > limit) return { size, executable };
    // Taken before it is read: other layers are read meanwhile.
    const taken = condense === undefined ? size : 0;
    if (!this.#certain(wish, path, taken <= retention.bytes)) return { size, executable };
    retention.bytes -= taken;
    try {
      const bytes = await (condense === undefined ? content.bytes(path, limit) : condense());
      retention.bytes += taken;
      if (!this.#certain(wish, path, bytes.length <= retention.bytes)) return { size, executable };
      retention.bytes -= bytes.length;
      return { size, executable, content: bytes };
    } catch {
      retention.bytes += taken;
      signal.throwIfAborted();
      return { size, executable };
    }
  }

  #withinLimits(): boolean {
    const { maxEntriesPerLayer } = this.#context.limits;
    if (this.#entries <= maxEntriesPerLayer) return true;
    const message = `The layer has more than ${maxEntriesPerLayer} entries; the rest was not read`;
    this.#diagnostics.push({ kind: "diagnostic", code: "limit-exceeded", effect: "incomplete", message });
    return false;
  }

  #report(): boolean {
    const entries = this.#entries;
    if (entries - this.#reportedEntries < entriesPerReport && this.#bytes - this.#reportedBytes < bytesPerReport)
      return true;
    this.#reportedEntries = entries;
    this.#reportedBytes = this.#bytes;
    const { diffId, index } = this.#layer;
    this.#context.emit({ kind: "layer-progress", layer: diffId, index, bytes: this.#bytes, entries });
    return this.#context.progress?.(this.#bytes) ?? true;
  }

  /** The draft in which something is about to be noted on a path. */
  #draft(wish: Wish, path: string): Draft {
    this.#noted.add(path);
    const draft = this.#drafts.get(wish);
    if (draft === undefined) throw new Error(`no draft for ${wish.planned.id}`);
    return draft;
  }

  /** Keeps what is still there at the end of the layer. */
  #settle(draft: Draft): AnalyzerRecord {
    if (draft.files.size === 0 && draft.links.size === 0 && !draft.uncertain) return emptyRecord;
    const index = this.#index;
    const stands = ({ path }: { readonly path: string }): boolean =>
      index === undefined || index.effect(path) > present.directory;
    return {
      files: [...draft.files.values()].filter(stands),
      links: [...draft.links.values()].filter(stands),
      ...(draft.uncertain ? { uncertain: true } : {}),
      ...(draft.cut ? { cut: true } : {}),
    };
  }
}

type OpenFile = ReturnType<typeof openFile>;

/** Works out what an analyzer keeps of a file; undefined where it keeps the content. */
function condenserOf(analyzer: TreeAnalyzer, open: () => OpenFile): (() => Promise<Uint8Array>) | undefined {
  if (analyzer.condense === undefined) return undefined;
  return async () => {
    const file = open();
    try {
      return new TextEncoder().encode(await analyzer.condense?.(file));
    } finally {
      file.close();
    }
  };
}

/** Of a file that is only kept. */
const nothingSaid = { observations: [], ownership: [] };

interface CompiledMarks {
  readonly wishes: readonly Wish[];
  readonly marks: Marks;
  /** Whose each mark is. */
  readonly owners: readonly Wish[];
}

interface Draft {
  readonly files: Map<string, FileRecord>;
  readonly links: Map<string, LinkRecord>;
  uncertain: boolean;
  /** Whether a budget left something out. */
  cut: boolean;
}

/** Notes that something was left out: another scan may have more room. */
function cut(draft: Draft): void {
  draft.uncertain = true;
  draft.cut = true;
}

function isOfUse({ stands }: Wish, path: string): boolean {
  return stands?.(path) ?? true;
}

/** The marks of a wish that every one of its first bytes comes with; undefined where it is shown every file. */
function marksOf({ matches }: Wish): readonly Uint8Array[] | undefined {
  const marks: Uint8Array[] = [];
  for (const matcher of matches)
    if ("magic" in matcher) {
      if (matcher.marks === undefined) return undefined;
      marks.push(...matcher.marks);
    }
  // One mark may go with several first bytes.
  return [...new Set(marks)];
}

/** Tells listeners what was found in a file of a layer. Whether it is still there at the end, nobody knows yet. */
export function announcePackages(
  context: Pick<ReadContext, "emit">,
  index: number,
  planned: PlannedAnalyzer,
  path: string,
  observations: FileRecord["observations"],
): void {
  const { ecosystem } = planned;
  if (ecosystem === undefined) return;
  for (const observation of observations)
    if (observation.kind === "package") {
      const { name, version } = observation.package;
      context.emit({ kind: "package-found", index, ecosystem: ecosystem.id, name, version, path });
    }
}
