import { fuzzAnalyzers } from "@plimsoll/testkit";
import { spack } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["opt/a/.spack/spec.json"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(spack.analyzers, input, paths);
}
