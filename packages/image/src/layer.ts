import { optionIs } from "@plimsoll/model";
import type { Diagnostic, Digest, EntriesOptions, Layer, LayerEntry, LayerRef, OptionChecks } from "@plimsoll/model";
import type { Blob } from "./blobs.ts";
import { readLayer } from "./read-layer.ts";
import type { LayerJob, LayerReader, LayerReading } from "./read-layer.ts";

/** How the layers of an image are read. */
export interface LayerOptions extends LayerReading {
  /**
   * Whether layers are hashed and compared with their diff IDs. Absent: they are where `createHasher` is given. The results of layers that
   * are not verified are not kept in a cache.
   */
  readonly verify?: boolean | undefined;
  /** Reads a layer, for example in a worker thread. Absent: layers are read in this thread. */
  readonly readLayer?: LayerReader | undefined;
}

/** The checks of {@link LayerOptions}. */
export const layerChecks: OptionChecks<LayerOptions> = {
  verify: optionIs.flag,
  readLayer: optionIs.call,
  decompressors: optionIs.object,
  createHasher: optionIs.call,
};

/** What the manifest and the configuration of an image say about a layer. */
export interface LayerFacts {
  readonly index: number;
  readonly digest: Digest;
  /** Digest of the plain tar. Undefined where the configuration names none: the digest of the stored bytes is used in its place. */
  readonly diffId: Digest | undefined;
  readonly size: number;
  readonly blob: Blob | undefined;
  readonly createdBy: string | undefined;
}

/** Makes a layer of the blob that its tar is stored in. */
export function blobLayer(facts: LayerFacts, budget: ByteBudget, options: LayerOptions): Layer {
  const { index, digest, createdBy } = facts;
  const ref: LayerRef = { index, diffId: facts.diffId ?? digest };
  const verify = facts.diffId !== undefined && options.createHasher !== undefined && options.verify !== false;
  return {
    index,
    digest,
    diffId: ref.diffId,
    size: facts.size,
    ...(createdBy === undefined ? {} : { createdBy }),
    // A diff ID that nobody checks could name any content: a cache would carry it over into honest images.
    cacheable: verify,
    entries: (entriesOptions) =>
      facts.blob === undefined
        ? missing(ref)
        : read({ ref, blob: facts.blob, verify }, budget, entriesOptions, options),
  };
}

async function* missing(layer: LayerRef): AsyncGenerator<Diagnostic> {
  const message = `layer ${layer.index} is not part of the image's files`;
  yield { kind: "diagnostic", code: "malformed-layer", effect: "incomplete", message, location: { path: "", layer } };
}

async function* read(
  job: Pick<LayerJob, "ref" | "blob" | "verify">,
  budget: ByteBudget,
  options: EntriesOptions,
  layerOptions: LayerOptions,
): AsyncGenerator<LayerEntry | Diagnostic> {
  const { index } = job.ref;
  const counted: LayerJob = {
    ...job,
    allowance: budget.left(index),
    onBytes: (bytes) => budget.spend(index, bytes),
  };
  const reader: LayerReader = layerOptions.readLayer ?? ((own, ownOptions) => readLayer(own, ownOptions, layerOptions));
  yield* reader(counted, options);
}

/** Counts how many plain bytes the layers of one image may produce together. A layer that is read again is counted once. */
export class ByteBudget {
  private readonly limit: number;
  private readonly spent = new Map<number, number>();
  private total = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many plain bytes this layer may produce. */
  left(layer: number): number {
    return Math.max(0, this.limit - (this.total - (this.spent.get(layer) ?? 0)));
  }

  /** Notes that a layer produced `bytes` so far. */
  spend(layer: number, bytes: number): void {
    const before = this.spent.get(layer) ?? 0;
    if (bytes <= before) return;
    this.spent.set(layer, bytes);
    this.total += bytes - before;
  }
}
