import { fuzzAnalyzers } from "@plimsoll/testkit";
import { aiModel } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = ["models/any.gguf", "models/any.safetensors"];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(aiModel.analyzers, input, paths);
}
