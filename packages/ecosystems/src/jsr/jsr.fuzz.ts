import { fuzzAnalyzers } from "@plimsoll/testkit";
import { jsr } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["deno.lock", "deno.json"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(jsr.analyzers, input, paths);
}
