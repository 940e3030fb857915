import { fuzzAnalyzers } from "@plimsoll/testkit";
import { guix } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "var/guix/db/db.sqlite",
  "gnu/store/0c0ca2nwyaypm8cinvr8hnhwb8ivwhqq-a-1.0/bin/a",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(guix.analyzers, input, paths);
}
