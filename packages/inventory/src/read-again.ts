import type { Diagnostic, Layer } from "@plimsoll/model";
import type { LayerResult } from "./layer-result.ts";
import { observeLayer } from "./observe-layer.ts";
import type { Reading, Wish } from "./observe-layer.ts";
import type { PathIndex } from "./path-index.ts";
import { readContext } from "./take-layers.ts";
import type { ScanContext } from "./take-layers.ts";

/** A problem of a layer as a whole. */
export interface LayerProblem {
  /** Position of the layer in the image. */
  readonly layer: number;
  readonly problem: Diagnostic;
}

/**
 * Reads a layer that was read before once more. Where it can't be read any more (a registry went away), it says so and brings nothing:
 * what the scan knows of the image is still true.
 * @throws the reason of the scan's signal when it is aborted.
 */
export async function readOnceMore(
  layer: Layer,
  wishes: readonly Wish[],
  context: ScanContext,
  index?: PathIndex,
): Promise<Pick<Reading, "records" | "diagnostics">> {
  try {
    return await observeLayer(layer, wishes, readContext(context), index);
  } catch (error) {
    context.scope.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return {
      records: [],
      diagnostics: [
        {
          kind: "diagnostic",
          code: "malformed-layer",
          effect: "incomplete",
          message: `The layer could not be read a second time, so a part of its files was not looked at: ${reason}`,
        },
      ],
    };
  }
}

/** The problems of layers, of those of later readings what the first has not told. */
export function problemsOf(
  results: readonly Pick<LayerResult, "diagnostics">[],
  later: readonly LayerProblem[],
): readonly LayerProblem[] {
  const problems = results.flatMap(({ diagnostics }, layer) => diagnostics.map((problem) => ({ layer, problem })));
  const known = new Set(problems.map(textOf));
  for (const each of later) {
    if (known.has(textOf(each))) continue;
    known.add(textOf(each));
    problems.push(each);
  }
  return problems;
}

function textOf({ layer, problem: { code, message, location } }: LayerProblem): string {
  return JSON.stringify([layer, code, message, location?.path]);
}
