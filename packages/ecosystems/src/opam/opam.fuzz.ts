import { fuzzAnalyzers } from "@plimsoll/testkit";
import { opam } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "root/.opam/default/.opam-switch/switch-state",
  "root/.opam/default/.opam-switch/packages/a.1/opam",
  "root/.opam/default/.opam-switch/install/a.install",
  "repo/packages/a/a.1/opam",
  "app/a.opam",
  "app/a.opam.locked",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(opam.analyzers, input, paths);
}
