import { fuzzAnalyzers } from "@plimsoll/testkit";
import { hex } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "lib/ranch-2.1.0/ebin/ranch.app",
  "mix.lock",
  "rebar.lock",
  "manifest.toml",
  "gleam.toml",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(hex.analyzers, input, paths);
}
