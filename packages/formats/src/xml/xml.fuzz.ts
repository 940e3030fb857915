import { FormatError } from "../format-error.ts";
import { parseXml } from "./xml.ts";

/** Every text gives a document or a FormatError. */
export function fuzz(input: Uint8Array): void {
  try {
    parseXml(new TextDecoder().decode(input));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
