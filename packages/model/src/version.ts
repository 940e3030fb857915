import { parseVers, versContains } from "./vers.ts";

/** A version scheme as its author writes it, with parsed versions of type `V`; see {@link defineVersionScheme}. */
export interface VersionGrammar<V> {
  readonly id: string;
  /** Undefined: not a version of this scheme. Never throws, never guesses, linear in the text. */
  parse(text: string): V | undefined;
  /** Negative, zero or positive. A total preorder over everything `parse` returns. */
  compare(a: V, b: V): number;
  /**
   * Whether a text is only ordered and no version, such as `<end-of-life>`: OSV sorts such texts behind all versions, but nothing
   * can be judged by them. Absent: none is.
   */
  isForeign?(value: V): boolean;
  /**
   * Whether a version lies in a range of the scheme's native grammar; undefined when either is unreadable.
   * Absent: ranges are operator lists (`>=1.0, <2.0 || =3.0`).
   */
  satisfies?(version: string, range: string): boolean | undefined;
  /** The text `0` is before everything, as in OSV, even before versions that the scheme itself sorts below zero (`0.0.0-alpha`). */
  readonly zeroIsFirst?: true;
  /** A range of the native grammar as alternatives of comparisons that all hold; undefined when it is unreadable. Absent: an operator list. */
  bounds?(range: string): readonly (readonly RangeBound[])[] | undefined;
  /** See {@link VersionScheme.withoutLocal}. */
  withoutLocal?(version: string): string;
}

/** One comparison of a range. */
export interface RangeBound {
  readonly comparator: "=" | "!=" | "<" | "<=" | ">" | ">=" | "*";
  /** Empty for `*`. */
  readonly version: string;
}

/** A version scheme as its callers use it: versions and ranges are text. */
export interface VersionScheme {
  readonly id: string;
  isValid(text: string): boolean;
  /**
   * Negative, zero or positive; undefined when either side is not a version of this scheme: "unknown" is neither "equal" nor "less".
   * Some schemes sort texts that are no versions behind those that are, for lists; code that judges by the order asks `isValid` first.
   */
  compare(a: string, b: string): number | undefined;
  /** Whether `version` lies in `range`, which is native or in VERS notation (`vers:npm/>=1|<2`); undefined when either is unreadable. */
  satisfies(version: string, range: string): boolean | undefined;
  /** A native range as alternatives of comparisons that all hold; undefined when it is unreadable. Absent: the scheme cannot tell. */
  bounds?(range: string): readonly (readonly RangeBound[])[] | undefined;
  /** The version without a build label that says nothing of its content: `1.0` for `1.0+cu118`. Absent: the scheme has no such labels. */
  withoutLocal?(version: string): string;
}

/** Most texts seen in one scan repeat; parsing them once is most of the speed of matching. */
const maxMemoized = 4096;

/** The text that advisories write for "before all versions" (OSV schema, `introduced`). */
const first = "0";

/** Makes a scheme over text from a grammar. Parsed versions are memoized. */
export function defineVersionScheme<V>(grammar: VersionGrammar<V>): VersionScheme {
  const parsed = new Map<string, V | undefined>();
  // One version is held against bound after bound, and asked for several times over each.
  let lastText: string | undefined;
  let lastValue: V | undefined;
  let beforeText: string | undefined;
  let beforeValue: V | undefined;
  function parse(text: string): V | undefined {
    if (text === lastText) return lastValue;
    const value = text === beforeText ? beforeValue : remembered(text);
    beforeText = lastText;
    beforeValue = lastValue;
    lastText = text;
    lastValue = value;
    return value;
  }
  function remembered(text: string): V | undefined {
    const known = parsed.get(text);
    if (known !== undefined || parsed.has(text)) return known;
    const value = grammar.parse(text);
    if (text.length <= 256) {
      if (parsed.size >= maxMemoized) parsed.clear();
      parsed.set(text, value);
    }
    return value;
  }
  function compare(a: string, b: string): number | undefined {
    const left = parse(a);
    if (left === undefined) return undefined;
    const right = parse(b);
    if (right === undefined) return undefined;
    if (grammar.zeroIsFirst === true && a !== b && (a === first || b === first)) return a === first ? -1 : 1;
    return grammar.compare(left, right);
  }
  function isValid(text: string): boolean {
    const value = parse(text);
    return value !== undefined && grammar.isForeign?.(value) !== true;
  }
  const compareOwn = (a: string, b: string): number | undefined =>
    isValid(a) && isValid(b) ? compare(a, b) : undefined;
  const bounds = grammar.bounds ?? operatorBounds;
  const scheme: VersionScheme = {
    id: grammar.id,
    isValid,
    compare,
    bounds,
    ...(grammar.withoutLocal === undefined ? {} : { withoutLocal: grammar.withoutLocal }),
    satisfies(version, range) {
      if (range.startsWith("vers:")) {
        const notation = parseVers(range, scheme);
        return notation === undefined ? undefined : versContains(notation, version, scheme);
      }
      if (grammar.satisfies !== undefined) return grammar.satisfies(version, range);
      return grammar.bounds === undefined
        ? satisfiesOperators(compareOwn, version, range)
        : satisfiesBounds(compareOwn, version, bounds(range));
    },
  };
  return scheme;
}

/** An operator list as alternatives of comparisons. */
function operatorBounds(range: string): readonly (readonly RangeBound[])[] | undefined {
  const alternatives: RangeBound[][] = [];
  for (const text of range.split("||")) {
    const alternative: RangeBound[] = [];
    for (const part of conditionsOf(text)) {
      const [, operator = "=", version] = comparator.exec(part) ?? [];
      if (version === undefined || /^[<>=!]/.test(version)) return undefined;
      alternative.push(
        version === "*"
          ? { comparator: "*", version: "" }
          : { comparator: (operator === "==" ? "=" : operator) as RangeBound["comparator"], version }, // as: the pattern names only these
      );
    }
    alternatives.push(alternative);
  }
  return alternatives;
}

/** Whether all comparisons of one alternative hold; undefined when none does for sure and some cannot be told. */
function satisfiesBounds(
  compare: (a: string, b: string) => number | undefined,
  version: string,
  alternatives: readonly (readonly RangeBound[])[] | undefined,
): boolean | undefined {
  if (alternatives === undefined || compare(version, version) === undefined) return undefined;
  let unknown = false;
  for (const alternative of alternatives) {
    const verdicts = alternative.map(({ comparator: operator, version: bound }) => {
      const order = operator === "*" ? 0 : compare(version, bound);
      return order === undefined ? undefined : operator === "*" || holds(operator, order);
    });
    if (verdicts.every((verdict) => verdict === true)) return true;
    if (!verdicts.includes(false)) unknown = true;
  }
  return unknown ? undefined : false;
}

/** The conditions of an operator list. An operator may stand apart from its version: "< 1.2" is one condition. */
function conditionsOf(text: string): readonly string[] {
  return text
    .replace(/([<>=!])\s+/g, "$1")
    .split(/[\s,]+/)
    .filter((part) => part !== "");
}

const comparator = /^(<=|>=|==|!=|<|>|=)?\s*(\S+)$/;

/**
 * Evaluates an operator list: `||` separates alternatives, commas or spaces join conditions, each `< <= > >= = == !=`
 * followed by a version (a bare version means equality). An empty list holds for every version.
 * Undefined when a part cannot be read or compared and the readable ones do not already decide.
 */
export function satisfiesOperators(
  compare: (a: string, b: string) => number | undefined,
  version: string,
  range: string,
): boolean | undefined {
  let unknown = false;
  for (const alternative of range.split("||")) {
    const verdict = satisfiesAll(compare, version, alternative);
    if (verdict === true) return true;
    if (verdict === undefined) unknown = true;
  }
  return unknown ? undefined : false;
}

function satisfiesAll(
  compare: (a: string, b: string) => number | undefined,
  version: string,
  conditions: string,
): boolean | undefined {
  let unknown = compare(version, version) === undefined;
  for (const part of conditionsOf(conditions)) {
    const [, operator = "=", bound = ""] = comparator.exec(part) ?? [];
    const order = bound === "" ? undefined : compare(version, bound);
    if (order === undefined) unknown = true;
    else if (!holds(operator, order)) return false;
  }
  return unknown ? undefined : true;
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "!=":
      return order !== 0;
    default:
      return order === 0;
  }
}
