import { fuzzAnalyzers } from "@plimsoll/testkit";
import { terraform } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [".terraform.lock.hcl"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(terraform.analyzers, input, paths);
}
