import { fuzzAnalyzers } from "@plimsoll/testkit";
import { joomla } from "./index.ts";

/** One path for every kind of file that is read here. */
export const paths: readonly string[] = [
  "administrator/components/com_any/any.xml",
  "templates/any/templateDetails.xml",
];

/** All analyzers of this folder on any bytes. */
export function fuzz(input: Uint8Array): Promise<void> {
  return fuzzAnalyzers(joomla.analyzers, input, paths);
}
