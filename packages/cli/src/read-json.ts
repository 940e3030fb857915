import { jsonIn } from "@plimsoll/formats";
import { UsageError } from "./command-line.ts";

/** The JSON in the text of a file that somebody named. @throws UsageError that says which flag named it. */
export function readJson(flag: string, path: string, text: string): unknown {
  const value = jsonIn(text);
  if (value === undefined) throw new UsageError(`${flag}: ${path} is not JSON`);
  return value;
}
