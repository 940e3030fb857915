import { fuzzAnalyzers } from "@plimsoll/testkit";
import { jdk } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["opt/java/openjdk/release"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(jdk.analyzers, input, paths);
}
