import type { Diagnostic, Layer } from "@plimsoll/model";
import { loadLook, storeLook } from "./layer-cache.ts";
import { emptyRecord } from "./layer-result.ts";
import type { AnalyzerRecord } from "./layer-result.ts";
import type { MergedView } from "./merged-view.ts";
import { observeLayer } from "./observe-layer.ts";
import type { Reading, Wish } from "./observe-layer.ts";
import { inParallel } from "./scan-scope.ts";
import { findLookRequests } from "./second-look.ts";
import type { LookRequest, Track } from "./second-look.ts";
import { readContext } from "./take-layers.ts";
import type { ScanContext } from "./take-layers.ts";

/** A look may reveal another link. Archives do not chain hard links, so more rounds would only serve hostile ones. */
const maxRounds = 4;

/**
 * Shows analyzers the files that they missed because of links, and adds their observations to the layers where these belong.
 * @param atTheEnd shows only what is there at the end, not what was there before.
 */
export async function lookAgain(
  tracks: readonly Track[],
  view: MergedView,
  layers: readonly Layer[],
  context: ScanContext,
  atTheEnd = false,
): Promise<readonly Diagnostic[]> {
  const asked = new Set<string>();
  for (let round = 0; round < maxRounds; round++) {
    const requests = tracks.flatMap((track) =>
      findLookRequests(track, view).flatMap((request) =>
        (!atTheEnd || isAtTheEnd(request, view)) && isNew(asked, request) ? [{ request, track }] : [],
      ),
    );
    if (requests.length === 0) return [];
    const byLayer = new Map<number, typeof requests>();
    for (const asked of requests) {
      const same = byLayer.get(asked.request.layer);
      if (same === undefined) byLayer.set(asked.request.layer, [asked]);
      else same.push(asked);
    }
    const positions = [...byLayer.keys()].sort((a, b) => a - b);
    const answers = await inParallel(positions, context.concurrency, context.scope, async (position) => {
      const layer = layers[position];
      const asks = byLayer.get(position) ?? [];
      return layer === undefined
        ? []
        : readAgain(
            layer,
            asks.map(({ request }) => request),
            context,
            atTheEnd ? view : undefined,
          );
    });
    positions.forEach((position, at) =>
      (byLayer.get(position) ?? []).forEach(({ request, track }, number) => {
        const answer = answers[at]?.[number];
        if (answer !== undefined) file(track, request, answer);
      }),
    );
  }
  return [];
}

/** Whether something of what is asked for may be there at the end. */
function isAtTheEnd({ directory, storeLayer, storePath }: LookRequest, view: MergedView): boolean {
  return directory || view.at(storePath)?.layer === storeLayer;
}

/**
 * Reads a layer again for these requests only; one answer each.
 * @param end of directories only what is there then is taken; absent: all.
 */
async function readAgain(
  layer: Layer,
  requests: readonly LookRequest[],
  context: ScanContext,
  end: MergedView | undefined,
): Promise<readonly AnalyzerRecord[]> {
  const chosen = ({ files, ...record }: AnalyzerRecord, request: LookRequest | undefined): AnalyzerRecord => {
    const isOfUse = request === undefined ? undefined : choiceOf(request, end);
    return isOfUse === undefined
      ? { files, ...record }
      : { ...record, files: files.filter(({ path }) => isOfUse(path)) };
  };
  const cache = layer.cacheable ? context.cache : undefined;
  const answers = await Promise.all(
    requests.map(async (request) =>
      cache === undefined ? undefined : loadLook(cache, layer.diffId, nameOf(request), request.planned),
    ),
  );
  const open = requests.filter((_, at) => answers[at] === undefined);
  const { records, diagnostics } =
    open.length === 0
      ? nothingRead
      : await observeLayer(
          layer,
          open.map((request) => wishOf(request, end)),
          readContext(context, () => true),
        );
  const whole = diagnostics.every(({ effect }) => effect === "none");
  if (cache !== undefined && whole && end === undefined)
    await Promise.all(
      open.map((request, at) => storeLook(cache, layer.diffId, nameOf(request), records[at] ?? emptyRecord)),
    );
  let next = 0;
  return answers.map((answer, at) => chosen(answer ?? records[next++] ?? emptyRecord, requests[at]));
}

/** All that an answer depends on beside the layer's bytes. */
function nameOf({ planned, path, directory, as }: LookRequest): string {
  return JSON.stringify([planned.cacheKey, path, directory, as]);
}

const nothingRead: Pick<Reading, "records" | "diagnostics"> = { records: [], diagnostics: [] };

/** Which files of a directory are there at the end, when only they count. */
function choiceOf(
  { directory, layer }: LookRequest,
  end: MergedView | undefined,
): ((path: string) => boolean) | undefined {
  return directory && end !== undefined ? (path) => end.at(path)?.layer === layer : undefined;
}

function wishOf(request: LookRequest, end: MergedView | undefined): Wish {
  const { planned, path, directory, as } = request;
  return {
    planned,
    stands: choiceOf(request, end),
    matches: [directory ? { directory: path } : { path }],
    rename: (seen) => (directory ? as + seen.slice(path.length) : as),
  };
}

function isNew(asked: Set<string>, { planned, layer, path, directory, storeLayer, storePath }: LookRequest): boolean {
  const key = JSON.stringify([planned.id, layer, path, directory, storeLayer, storePath]);
  if (asked.has(key)) return false;
  asked.add(key);
  return true;
}

function file({ layers }: Track, request: LookRequest, { files, links }: AnalyzerRecord): void {
  const place = layers[request.storeLayer];
  if (place === undefined) return;
  const storeAt = (path: string): string => (request.directory ? path : request.storePath);
  for (const record of files) {
    const path = storeAt(record.path);
    if (!place.files.has(path))
      place.files.set(path, { ...record, path, ...(request.as === path ? {} : { as: record.as ?? request.as }) });
  }
  for (const link of links) place.links.set(storeAt(link.path), { ...link, path: storeAt(link.path) });
}
