import type { RangeBound } from "@plimsoll/model";

const interval = /^([[(])([^,[\]()]*)(?:(,)([^,[\]()]*))?([\])])/;

/** Whether a range is written in intervals, as Maven and NuGet do: `[1.0,2.0)`. */
export function isIntervalRange(range: string): boolean {
  return /^\s*[[(]/.test(range);
}

/**
 * The comparisons of a list of intervals, one alternative each: `[1.0,2.0)`, `(,1.0],[1.2,)`, `[1.5]`. Undefined when a part is none. Linear:
 * each interval is taken from the front.
 */
export function intervalBounds(range: string): readonly (readonly RangeBound[])[] | undefined {
  const alternatives: RangeBound[][] = [];
  let rest = range.trim();
  while (rest !== "") {
    const [whole, open, low = "", comma, high = "", close] = interval.exec(rest) ?? [];
    if (whole === undefined) return undefined;
    const [from, to] = [low.trim(), high.trim()];
    if (comma === undefined) {
      if (open !== "[" || close !== "]" || from === "") return undefined;
      alternatives.push([{ comparator: "=", version: from }]);
    } else if (from === "" && to === "") alternatives.push([{ comparator: "*", version: "" }]);
    else
      alternatives.push([
        ...(from === "" ? [] : [{ comparator: open === "[" ? ">=" : ">", version: from } as const]),
        ...(to === "" ? [] : [{ comparator: close === "]" ? "<=" : "<", version: to } as const]),
      ]);
    rest = rest.slice(whole.length).trim();
    if (rest === "") break;
    if (!rest.startsWith(",")) return undefined;
    rest = rest.slice(1).trim();
    if (rest === "") return undefined;
  }
  return alternatives.length === 0 ? undefined : alternatives;
}
