import { fuzzAnalyzers } from "@plimsoll/testkit";
import { luarocks } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["any.rockspec"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(luarocks.analyzers, input, paths);
}
