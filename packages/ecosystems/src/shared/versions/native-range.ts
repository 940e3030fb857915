import type { RangeBound } from "@plimsoll/model";

/** How an ecosystem writes ranges, as far as they differ. */
export interface RangeDialect {
  /** How many numbers a bound must have: a shorter one gets zeros. Absent: none are added. */
  readonly numbers?: number;
  /** What is appended to the upper bound of `^` and `~`, such as `-0`, so that pre-releases of that bound are out of the range as well. */
  readonly upper?: string;
  /** In `~1.2` the last number that is written may change (`<2`). Absent: only numbers behind the second may (`<1.3`). */
  readonly tildeFreesLast?: true;
  /** A version without an operator means it and the compatible ones above it, as with `^`. Absent: it means that version alone. */
  readonly bareIsCaret?: true;
}

const condition = /^(<=|>=|=>|=<|==|!=|<>|~>|<|>|=|\^|~)?(\S+)$/;

/**
 * Alternatives (`||`, `|`) of conditions (joined by commas or spaces): operators, `^1.2`, `~1.2`, `~>1.2`, `1.2.x`, `1.2.*`,
 * `1.0 - 2.0`, `*`. Undefined when a part is none of these.
 */
export function parseNativeRange(range: string, dialect: RangeDialect): readonly (readonly RangeBound[])[] | undefined {
  if (range.length > 65_536) return undefined;
  const alternatives: RangeBound[][] = [];
  for (const text of range.split(/\|\|?/)) {
    const alternative: RangeBound[] = [];
    for (const part of conditionsOf(text)) {
      const bounds = boundsOf(part, dialect);
      if (bounds === undefined) return undefined;
      alternative.push(...bounds);
    }
    alternatives.push(alternative);
  }
  return alternatives;
}

/** Splits an alternative into its conditions: `a - b` becomes two, and an operator with blanks before its version stays one. */
function conditionsOf(text: string): readonly string[] {
  const words = text
    .replaceAll(/([<>=!^~])\s+/g, "$1")
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  return words.flatMap((word, at) => {
    if (word === "-") return [];
    if (words[at + 1] === "-") return [`>=${word}`];
    return [at > 1 && words[at - 1] === "-" ? `<=${word}` : word];
  });
}

function boundsOf(part: string, dialect: RangeDialect): readonly RangeBound[] | undefined {
  const [, written, text = ""] = condition.exec(part) ?? [];
  const operator = written ?? (dialect.bareIsCaret === true ? "^" : "=");
  const version = text.replace(/^[vV](?=\d)/, "");
  if (/^[xX*]$/.test(version)) return [{ comparator: "*", version: "" }];
  if (!/^[0-9A-Za-z]/.test(version)) return undefined;
  const [, prefix] = /^(\d+(?:\.\d+)*)(?:\.[xX*])+$/.exec(version) ?? [];
  const numbers = (prefix ?? /^\d+(?:\.\d+)*/.exec(version)?.[0] ?? "").split(".");
  if (prefix !== undefined && (operator === "=" || operator === "==" || written === undefined))
    return span(prefix, numbers, numbers.length, dialect);
  const plain = prefix ?? version;
  if (operator === "^") {
    const first = numbers.findIndex((number) => !/^0+$/.test(number));
    return span(plain, numbers, first === -1 ? numbers.length : first + 1, dialect);
  }
  if (operator === "~>") return span(plain, numbers, Math.max(1, numbers.length - 1), dialect);
  if (operator === "~") {
    const kept = dialect.tildeFreesLast === true ? Math.max(1, numbers.length - 1) : Math.min(2, numbers.length);
    return span(plain, numbers, kept, dialect);
  }
  return [{ comparator: comparators[operator] ?? "=", version: filled(plain, dialect) }];
}

const comparators: Readonly<Record<string, RangeBound["comparator"]>> = {
  "<": "<",
  "<=": "<=",
  "=<": "<=",
  ">": ">",
  ">=": ">=",
  "=>": ">=",
  "!=": "!=",
  "<>": "!=",
};

/** The two conditions of a range from a version up to where its first `kept` numbers would change. */
function span(
  version: string,
  numbers: readonly string[],
  kept: number,
  dialect: RangeDialect,
): readonly RangeBound[] | undefined {
  const last = numbers[kept - 1];
  if (last === undefined || !/^\d{1,64}$/.test(last)) return undefined;
  const next = [...numbers.slice(0, kept - 1), String(BigInt(last) + 1n)].join(".");
  return [
    { comparator: ">=", version: filled(version, dialect) },
    { comparator: "<", version: `${filled(next, dialect)}${dialect.upper ?? ""}` },
  ];
}

/** `1.2-rc` with as many numbers as the dialect has: `1.2.0-rc`. A hyphen with nothing behind it goes. */
function filled(version: string, { numbers = 0 }: RangeDialect): string {
  const [release = ""] = /^\d+(?:\.\d+)*/.exec(version) ?? [];
  const missing = release === "" ? 0 : Math.max(0, numbers - release.split(".").length);
  return (release + ".0".repeat(missing) + version.slice(release.length)).replace(/-$/, "");
}
