import { fuzzAnalyzers } from "@plimsoll/testkit";
import { vscodeExtension } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["root/.vscode-server/extensions/extensions.json"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(vscodeExtension.analyzers, input, paths);
}
