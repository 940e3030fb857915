// The parts of an inventory that are no packages: what their detectors found, and where.
import { compareText } from "@plimsoll/model";
import type { DetectedData, Diagnostic, Image, InventoryParts, LayerRef, PartDetector } from "@plimsoll/model";
import { single } from "./data-fields.ts";
import type { MergedView } from "./merged-view.ts";
import { problemOf } from "./observe-file.ts";
import { seesEveryLayer } from "./plan.ts";
import type { Track } from "./second-look.ts";
import type { Statement } from "./survivors.ts";

/** What was found, by detector. */
export type FoundParts = ReadonlyMap<PartDetector, readonly DetectedData[]>;

/**
 * Gives what detectors found its location. For detectors of final files: from `statements`, about files that are there at the end. For
 * those that see every layer: every version of every file, with the layer that removed it.
 */
export function placeDetected(
  tracks: readonly Track[],
  view: MergedView,
  image: Image,
  statements: readonly Statement[],
): { readonly found: FoundParts; readonly diagnostics: readonly Diagnostic[] } {
  const found = new Map<PartDetector, DetectedData[]>();
  const diagnostics: Diagnostic[] = [];
  const refOf = layerRefs(image);
  const add = (part: PartDetector, data: DetectedData): void => {
    const list = found.get(part);
    if (list === undefined) found.set(part, [data]);
    else list.push(data);
  };
  for (const { planned, path, observation, layer } of statements)
    if (planned.part !== undefined && observation.kind === "detected")
      add(planned.part, { data: observation.data, path, analyzer: planned.id, ...single("layer", refOf(layer)) });
  for (const { planned, layers } of tracks) {
    const { part } = planned;
    if (part === undefined || !seesEveryLayer(planned)) continue;
    const paths = new Set(layers.flatMap(({ files }) => [...files.keys()]));
    for (const path of [...paths].sort(compareText))
      for (const [layer, { files }] of layers.entries())
        for (const observation of files.get(path)?.observations ?? []) {
          const place = single("layer", refOf(layer));
          if (observation.kind === "diagnostic")
            diagnostics.push({
              ...observation,
              location: { ...place, path, ...observation.location },
              analyzer: planned.id,
            });
          if (observation.kind !== "detected") continue;
          const removedIn = refOf(removal(path, layer, layers.length, view));
          add(part, {
            data: observation.data,
            path,
            analyzer: planned.id,
            ...place,
            ...single("removedIn", removedIn),
          });
        }
  }
  return { found, diagnostics };
}

/** The first layer above that removes or replaces the file of this layer; -1 when the file is there at the end. */
function removal(path: string, layer: number, count: number, view: MergedView): number {
  for (let above = layer + 1; above < count; above++) if (view.at(path, above)?.layer !== layer) return above;
  return -1;
}

function layerRefs(image: Image): (layer: number) => (LayerRef & { readonly createdBy?: string }) | undefined {
  const refs = image.layers.map(({ index, diffId, createdBy }) => ({
    index,
    diffId,
    ...single("createdBy", createdBy),
  }));
  return (layer) => (image.kind === "container-image" ? refs[layer] : undefined);
}

/**
 * Every detector's part of the inventory. The part of a detector that found nothing is empty, not absent. The part of a detector that
 * throws is left out, with a diagnostic.
 */
export function collectParts(
  detectors: readonly PartDetector[],
  found: FoundParts,
  { configuration }: Pick<Image, "configuration">,
): { readonly parts: InventoryParts; readonly diagnostics: readonly Diagnostic[] } {
  let parts: InventoryParts = {};
  const diagnostics: Diagnostic[] = [];
  for (const detector of detectors.toSorted((a, b) => compareText(a.id, b.id))) {
    try {
      const inspected = configuration === undefined ? [] : (detector.inspect?.(configuration) ?? []);
      const { diagnostics: told = [], ...part } = detector.collect([...(found.get(detector) ?? []), ...inspected]);
      parts = { ...parts, ...part };
      for (const diagnostic of told) diagnostics.push({ ...diagnostic, analyzer: detector.id });
    } catch (error) {
      diagnostics.push(problemOf(error, detector.id, "what it found"));
    }
  }
  return { parts, diagnostics };
}
