import { fuzzAnalyzers } from "@plimsoll/testkit";
import { conda } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "env/conda-meta/any.json",
  "environment.yml",
  "conda-lock.yml",
  "explicit.txt",
  "pixi.lock",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(conda.analyzers, input, paths);
}
