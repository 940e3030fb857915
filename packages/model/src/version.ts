/** What the author of a version scheme writes. */
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
}

/** What everyone else sees of a version scheme. */
export interface VersionScheme {
  readonly id: string;
  isValid(text: string): boolean;
  /**
   * Negative, zero or positive; undefined when either side is not a version of this scheme: "unknown" is neither "equal" nor "less".
   * Some schemes sort texts that are no versions behind those that are, for lists; whoever judges by an order asks `isValid` first.
   */
  compare(a: string, b: string): number | undefined;
  /** Whether `version` lies in `range`; undefined when either is unreadable. */
  satisfies(version: string, range: string): boolean | undefined;
}

/** Most texts seen in one scan repeat; parsing them once is most of the speed of matching. */
const maxMemoized = 4096;

/** Turns a typed grammar into the erased scheme that registries and matchers hold. Parsing is memoized. */
export function defineVersionScheme<V>(grammar: VersionGrammar<V>): VersionScheme {
  const parsed = new Map<string, V | undefined>();
  function parse(text: string): V | undefined {
    if (parsed.has(text)) return parsed.get(text);
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
    return right === undefined ? undefined : grammar.compare(left, right);
  }
  function isValid(text: string): boolean {
    const value = parse(text);
    return value !== undefined && grammar.isForeign?.(value) !== true;
  }
  return {
    id: grammar.id,
    isValid,
    compare,
    satisfies: (version, range) =>
      grammar.satisfies === undefined
        ? satisfiesOperators((a, b) => (isValid(a) && isValid(b) ? compare(a, b) : undefined), version, range)
        : grammar.satisfies(version, range),
  };
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
  // An operator may stand apart from its version: "< 1.2" is one condition.
  const parts = conditions
    .replace(/([<>=!])\s+/g, "$1")
    .split(/[\s,]+/)
    .filter((part) => part !== "");
  for (const part of parts) {
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
