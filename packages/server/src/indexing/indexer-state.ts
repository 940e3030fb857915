import { everyEcosystem } from "@plimsoll/ecosystems";
import type { ScannerId } from "@plimsoll/model";
import { everyScanner, tool } from "plimsoll";
import { contentHash } from "../catalog/content-hash.ts";

/** A fingerprint of the indexer (its version and scanners): while it is the same, indexing a manifest again gives the same result. */
export async function indexerState(scanners: readonly ScannerId[]): Promise<string> {
  const asked = everyScanner.filter(({ id }) => scanners.includes(id));
  const detectors = await Promise.all(asked.map((scanner) => scanner.detectors?.({}) ?? []));
  const analyzers = [...everyEcosystem, ...detectors.flat()].flatMap((detector) =>
    detector.analyzers.map(({ id, revision }) => `${id}@${revision}`),
  );
  return contentHash([tool.version, ...scanners, ...analyzers.sort()].join("\n"));
}
