import { fuzzAnalyzers, oddJson } from "@plimsoll/testkit";
import type { Random } from "@plimsoll/testkit";
import { conan } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["conan.lock", "conanfile.txt", "conaninfo.txt"];

/** The words of its files with values of any type. */
export function make(random: Random): Uint8Array {
  return oddJson(random, ["graph_lock", "nodes", "ref", "requires", "build_requires", "version", "python_requires"]);
}

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(conan.analyzers, input, paths);
}
