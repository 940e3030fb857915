import { fuzzAnalyzers } from "@plimsoll/testkit";
import { pub } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["pubspec.lock", "pubspec.yaml"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(pub.analyzers, input, paths);
}
