import { fuzzAnalyzers } from "@plimsoll/testkit";
import { macapps } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["Applications/A.app/Contents/Info.plist"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(macapps.analyzers, input, paths);
}
