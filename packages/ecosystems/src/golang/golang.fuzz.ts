import { fuzzAnalyzers } from "@plimsoll/testkit";
import { golang } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["bin/any", "go.mod", "go.sum", "go.work", "vendor/modules.txt", "Gopkg.lock"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(golang.analyzers, input, paths);
}
