import { jsonIn } from "@plimsoll/formats";
import { UsageError } from "./command-line.ts";

/** Parses the JSON text of a file that a flag names. @throws UsageError naming the flag. */
export function readJson(flag: string, path: string, text: string): unknown {
  const value = jsonIn(text);
  if (value === undefined) throw new UsageError(`${flag}: ${path} is not JSON`);
  return value;
}
