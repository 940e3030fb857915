import { fuzzAnalyzers } from "@plimsoll/testkit";
import { vcpkg } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["vcpkg.json", "installed/vcpkg/status"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(vcpkg.analyzers, input, paths);
}
