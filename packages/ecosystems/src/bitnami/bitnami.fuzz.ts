import { fuzzAnalyzers } from "@plimsoll/testkit";
import { bitnami } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["opt/bitnami/any/.spdx-any.spdx", "opt/bitnami/.bitnami_components.json"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(bitnami.analyzers, input, paths);
}
