import { fuzzAnalyzers } from "@plimsoll/testkit";
import { cos } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["etc/cos-package-info.json", "etc/os-release"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(cos.analyzers, input, paths);
}
