import { fuzzAnalyzers } from "@plimsoll/testkit";
import { nimble } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["any.nimble", "nimble.lock", `pkgs2/a-1.0-${"0".repeat(40)}/nimblemeta.json`];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(nimble.analyzers, input, paths);
}
