import { FormatError } from "../format-error.ts";
import { jsonEntries } from "./json-entries.ts";
import { parseJsonDocument } from "./json.ts";

/** Any bytes as text: a value or a format error. */
export function fuzz(input: Uint8Array): void {
  for (const read of [
    () => parseJsonDocument(new TextDecoder().decode(input)),
    () => [...jsonEntries(input, (path) => path.length < 2)],
  ])
    try {
      read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
}
