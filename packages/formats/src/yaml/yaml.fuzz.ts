import { FormatError } from "../format-error.ts";
import { parseYaml } from "./yaml.ts";

/** Any bytes as text: a value or a format error. */
export function fuzz(input: Uint8Array): void {
  try {
    parseYaml(new TextDecoder().decode(input));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
