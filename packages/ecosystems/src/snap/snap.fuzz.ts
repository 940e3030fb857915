import { fuzzAnalyzers } from "@plimsoll/testkit";
import { snap } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["snap/core/1/meta/snap.yaml", "var/lib/snapd/snaps/core22_1.snap"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(snap.analyzers, input, paths);
}
