import { fuzzAnalyzers } from "@plimsoll/testkit";
import { conan } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["conan.lock", "conanfile.txt", "conaninfo.txt"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(conan.analyzers, input, paths);
}
