import { fuzzAnalyzers } from "@plimsoll/testkit";
import { nix } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "nix/var/nix/db/db.sqlite",
  "nix/store/0c0ca2nwyaypm8cinvr8hnhwb8ivwhqq-a-1.0/bin/a",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(nix.analyzers, input, paths);
}
