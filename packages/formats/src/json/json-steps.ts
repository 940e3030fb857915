import { FormatError } from "../format-error.ts";
import type { Steps } from "../shared/steps.ts";
import { jsonEntries } from "./json-entries.ts";
import { parseJson } from "./json.ts";

/** To make a value of a text takes about as long as looking at its bytes so many times. */
const timesToParse = 4;

/**
 * The value of a JSON text, as {@link parseJson} reads it, in portions. What is otherwise than expected is parsed as a whole.
 * @param isEntered whether the members of an object or list that stands there are read one by one; of a text that may have many, of the
 * whole and of its long lists
 * @throws FormatError as that does
 */
export function* jsonSteps(text: string, isEntered: (path: readonly (string | number)[]) => boolean): Steps<unknown> {
  /** What is entered, from the document inwards. */
  const open: (unknown[] | Record<string, unknown>)[] = [];
  const bytes = new TextEncoder().encode(text);
  yield bytes.length;
  let at = 0;
  try {
    for (const { path, kind, value, end } of jsonEntries(bytes, isEntered)) {
      const name = path.at(-1);
      open.length = Math.min(open.length, path.length);
      const outer = open.at(-1);
      const placed = kind === "list" ? [] : kind === "object" ? {} : value;
      if (Array.isArray(outer)) outer.push(placed);
      else if (outer !== undefined && typeof name === "string" && name !== "__proto__") outer[name] = placed;
      else if (name !== undefined || kind !== "object") return parseJson(text);
      if (kind !== "value") open.push(placed as (typeof open)[number]); // as: it was made above
      yield (end - at) * timesToParse;
      at = end;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return parseJson(text);
  }
  return open[0];
}
