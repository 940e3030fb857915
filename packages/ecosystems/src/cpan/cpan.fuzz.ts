import { fuzzAnalyzers } from "@plimsoll/testkit";
import { cpan } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  ".meta/any/MYMETA.json",
  "META.json",
  "META.yml",
  "cpanfile",
  "cpanfile.snapshot",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(cpan.analyzers, input, paths);
}
