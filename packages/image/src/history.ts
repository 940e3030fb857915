import type { ImageHistoryEntry, LayerRef } from "@plimsoll/model";
import type { HistoryEntry } from "./image-config.ts";

/** Matches a `CMD` instruction as Docker's builders write it into a history. */
const command = /^(?:\/bin\/sh -c #\(nop\)\s+)?CMD\b/;

/**
 * How many of `count` layers came with a base image: those up to the last `CMD` below the uppermost layer. A Dockerfile ends
 * with its `CMD`, so one further down is that of the image it was built on. Undefined when there is none, or when the
 * history is not that of these layers.
 */
export function inheritedLayers(history: readonly HistoryEntry[], count: number): number | undefined {
  if (history.filter((entry) => !entry.empty).length !== count) return undefined;
  const top = history.findLastIndex((entry) => !entry.empty);
  const last = history
    .slice(0, Math.max(0, top))
    .findLastIndex((entry) => entry.empty && command.test(entry.createdBy ?? ""));
  const layers = history.slice(0, last + 1).filter((entry) => !entry.empty).length;
  return layers === 0 ? undefined : layers;
}

/**
 * The instruction behind each of `count` layers. Entries that made no layer are passed over (OCI image-spec config.md,
 * "history"). A history that does not fit is aligned at its end, where builders append; layers before it get none.
 */
export function instructionsOf(history: readonly HistoryEntry[], count: number): (string | undefined)[] {
  const made = history.filter((entry) => !entry.empty).map((entry) => entry.createdBy);
  const missing = count - made.length;
  return missing >= 0 ? [...new Array<undefined>(missing).fill(undefined), ...made] : made.slice(-missing);
}

/** Every step of a history with the layer that it made; none is named where their numbers do not fit. */
export function stepsOf(history: readonly HistoryEntry[], layers: readonly LayerRef[]): readonly ImageHistoryEntry[] {
  const fits = history.filter((entry) => !entry.empty).length === layers.length;
  let made = 0;
  return history.map(({ createdBy, empty }) => {
    const layer = fits && !empty ? layers[made++] : undefined;
    return {
      ...(createdBy === undefined ? {} : { createdBy }),
      ...(layer === undefined ? {} : { layer: { index: layer.index, diffId: layer.diffId } }),
    };
  });
}
