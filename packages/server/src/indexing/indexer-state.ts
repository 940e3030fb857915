import { everyEcosystem } from "@plimsoll/ecosystems";
import type { ScannerId } from "@plimsoll/model";
import { everyScanner, tool } from "plimsoll";
import { contentHash } from "../catalog/content-hash.ts";

/** Names what an index would be made with: while it stays, indexing a manifest again gives what is there. */
export function indexerState(scanners: readonly ScannerId[]): string {
  const detectors = everyScanner
    .filter(({ id }) => scanners.includes(id))
    .flatMap((scanner) => scanner.detectors ?? []);
  const analyzers = [...everyEcosystem, ...detectors].flatMap((detector) =>
    detector.analyzers.map(({ id, revision }) => `${id}@${revision}`),
  );
  return contentHash([tool.version, ...scanners, ...analyzers.sort()].join("\n"));
}
