import { field, isRecord, parseJson, record } from "@plimsoll/formats";
import { compareText } from "@plimsoll/model";
import { matcherFor } from "../../../judge/pattern.ts";
import { UnsupportedAudit } from "../../unsupported.ts";
import type { Filter } from "./filter.ts";

/** An error of a jq program, which `?` catches. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

type Variables = ReadonlyMap<string, unknown>;

/** Evaluates filters over JSON values; `spend` counts the work and throws when the limit is passed. */
export class FilterRun {
  readonly #spend: (steps: number) => void;

  constructor(spend: (steps: number) => void) {
    this.#spend = spend;
  }

  /** Every result of a filter, in order. @throws FilterError */
  results(filter: Filter, input: unknown, variables: Variables = new Map()): unknown[] {
    this.#spend(1);
    switch (filter.kind) {
      case "identity":
        return [input];
      case "literal":
        return [filter.value];
      case "text":
        return this.#text(filter.parts, input, variables);
      case "variable":
        if (!variables.has(filter.name)) throw new UnsupportedAudit("jq variable", filter.name);
        return [variables.get(filter.name)];
      case "index":
        return this.#product(filter.key, filter.of, input, variables, (key, of) => indexed(of, key));
      case "slice":
        return this.#slice(filter, input, variables);
      case "iterate": {
        const found: unknown[] = [];
        for (const of of this.results(filter.of, input, variables)) {
          const members = iterated(of);
          this.#spend(members.length);
          for (const member of members) found.push(member);
        }
        return found;
      }
      case "recurse": {
        const found: unknown[] = [];
        this.#descend(input, found);
        return found;
      }
      case "try":
        try {
          return this.results(filter.body, input, variables);
        } catch (error) {
          if (!(error instanceof FilterError)) throw error;
          return [];
        }
      case "pipe":
        return this.#each(filter.left, filter.right, input, variables);
      case "comma":
        return [...this.results(filter.left, input, variables), ...this.results(filter.right, input, variables)];
      case "binary":
        return this.#binary(filter, input, variables);
      case "negate":
        return this.results(filter.body, input, variables).map((value) => -asNumber(value));
      case "array":
        return [filter.body === undefined ? [] : this.results(filter.body, input, variables)];
      case "object":
        return this.#object(filter.entries, input, variables);
      case "if": {
        const found: unknown[] = [];
        for (const value of this.results(filter.when, input, variables))
          for (const result of this.results(isTrue(value) ? filter.body : filter.otherwise, input, variables))
            found.push(result);
        return found;
      }
      case "bind": {
        const found: unknown[] = [];
        for (const value of this.results(filter.source, input, variables))
          for (const result of this.results(filter.body, input, new Map(variables).set(filter.name, value)))
            found.push(result);
        return found;
      }
      case "reduce": {
        let state = this.results(filter.start, input, variables).at(-1) ?? null;
        for (const value of this.results(filter.source, input, variables))
          state = this.results(filter.update, state, new Map(variables).set(filter.name, value)).at(-1) ?? null;
        return [state];
      }
      case "call":
        return this.#call(filter.name, filter.args, input, variables);
    }
  }

  #each(left: Filter, right: Filter, input: unknown, variables: Variables): unknown[] {
    const found: unknown[] = [];
    for (const value of this.results(left, input, variables))
      for (const result of this.results(right, value, variables)) found.push(result);
    return found;
  }

  #product(
    first: Filter,
    second: Filter,
    input: unknown,
    variables: Variables,
    join: (first: unknown, second: unknown) => unknown,
  ): unknown[] {
    const found: unknown[] = [];
    const seconds = this.results(second, input, variables);
    for (const a of this.results(first, input, variables))
      for (const b of seconds) {
        this.#spend(1);
        found.push(join(a, b));
      }
    return found;
  }

  #text(parts: readonly (string | Filter)[], input: unknown, variables: Variables): unknown[] {
    let texts = [""];
    for (const part of parts) {
      const pieces = typeof part === "string" ? [part] : this.results(part, input, variables).map(asText);
      texts = texts.flatMap((text) => pieces.map((piece) => text + piece));
      this.#spend(texts.length);
    }
    return texts;
  }

  #slice(filter: Extract<Filter, { kind: "slice" }>, input: unknown, variables: Variables): unknown[] {
    const from = filter.from === undefined ? undefined : asNumber(this.results(filter.from, input, variables)[0]);
    const to = filter.to === undefined ? undefined : asNumber(this.results(filter.to, input, variables)[0]);
    return this.results(filter.of, input, variables).map((of) => {
      if (of === null) return null;
      if (typeof of !== "string" && !Array.isArray(of)) throw new FilterError("cannot be sliced");
      return of.slice(from, to);
    });
  }

  #descend(value: unknown, found: unknown[], depth = 0): void {
    if (depth > 400) throw new UnsupportedAudit("jq program", "values are nested too deeply");
    this.#spend(1);
    found.push(value);
    if (typeof value === "object" && value !== null)
      for (const member of Object.values(value)) this.#descend(member, found, depth + 1);
  }

  #binary(filter: Extract<Filter, { kind: "binary" }>, input: unknown, variables: Variables): unknown[] {
    const { operator, left, right } = filter;
    if (operator === "//") {
      let values: unknown[] = [];
      try {
        values = this.results(left, input, variables).filter(isTrue);
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
      }
      return values.length > 0 ? values : this.results(right, input, variables);
    }
    if (operator === "and" || operator === "or") {
      const found: unknown[] = [];
      for (const value of this.results(left, input, variables)) {
        if (isTrue(value) === (operator === "or")) found.push(operator === "or");
        else for (const other of this.results(right, input, variables)) found.push(isTrue(other));
      }
      return found;
    }
    return this.#product(right, left, input, variables, (b, a) => combined(operator, a, b));
  }

  #object(
    entries: readonly { readonly key: Filter; readonly value: Filter }[],
    input: unknown,
    variables: Variables,
  ): unknown[] {
    let objects: (readonly [string, unknown][])[] = [[]];
    for (const { key, value } of entries) {
      const pairs = this.#product(key, value, input, variables, (name, item) => [String(name), item] as const);
      objects = objects.flatMap((object) => pairs.map((pair) => [...object, pair as [string, unknown]])); // Made one line above.
      this.#spend(objects.length);
    }
    return objects.map((object) => Object.fromEntries(object));
  }

  #call(name: string, args: readonly Filter[], input: unknown, variables: Variables): unknown[] {
    const [first, second] = args;
    switch (`${name}/${args.length}`) {
      case "empty/0":
        return [];
      case "not/0":
        return [!isTrue(input)];
      case "length/0":
        return [lengthOf(input)];
      case "keys/0":
      case "keys_unsorted/0": {
        if (typeof input !== "object" || input === null) throw new FilterError("has no keys");
        const keys = Array.isArray(input) ? [...input.keys()] : Object.keys(input);
        return [name === "keys" && !Array.isArray(input) ? (keys as string[]).toSorted(compareText) : keys]; // Keys of an object.
      }
      case "to_entries/0":
        if (typeof input !== "object" || input === null) throw new FilterError("has no entries");
        return [Object.entries(input).map(([key, value]) => ({ key, value }))];
      case "tostring/0":
        return [asText(input)];
      case "tonumber/0":
        return [
          typeof input === "string" && input.trim() !== "" && !Number.isNaN(Number(input))
            ? Number(input)
            : asNumber(input),
        ];
      case "type/0":
        return [input === null ? "null" : Array.isArray(input) ? "array" : typeof input];
      case "fromjson/0":
      case "tojson/0":
        if (name === "tojson") return [JSON.stringify(input)];
        try {
          return [parseJson(String(input))];
        } catch {
          throw new FilterError("is no JSON");
        }
      case "add/0":
        return [
          iterated(input).reduce<unknown>((sum, value) => (sum === null ? value : combined("+", sum, value)), null),
        ];
      case "any/0":
        return [iterated(input).some(isTrue)];
      case "all/0":
        return [iterated(input).every(isTrue)];
      case "first/0":
        return [indexed(input, 0)];
      case "last/0":
        return [Array.isArray(input) ? (input.at(-1) ?? null) : null];
      case "sort/0":
        return [asList(input).toSorted(compareValues)];
      case "unique/0":
        return [distinct(asList(input))];
      case "flatten/0":
        return [asList(input).flat(20)];
      case "ascii_downcase/0":
        return [String(input).toLowerCase()];
      case "values/0":
        return input === null ? [] : [input];
      case "arrays/0":
        return Array.isArray(input) ? [input] : [];
    }
    if (first === undefined) throw new UnsupportedAudit("jq function", name);
    switch (`${name}/${args.length}`) {
      case "select/1":
        return this.results(first, input, variables).flatMap((value) => (isTrue(value) ? [input] : []));
      case "map/1":
        return [iterated(input).flatMap((value) => this.results(first, value, variables))];
      case "any/1":
      case "all/1": {
        const values = iterated(input).flatMap((value) => this.results(first, value, variables));
        return [name === "any" ? values.some(isTrue) : values.every(isTrue)];
      }
      case "has/1":
        return this.results(first, input, variables).map((key) =>
          Array.isArray(input)
            ? asNumber(key) < input.length
            : typeof input === "object" && input !== null && Object.hasOwn(input, String(key)),
        );
      case "first/1":
        return this.results(first, input, variables).slice(0, 1);
      case "join/1":
        return this.results(first, input, variables).map((separator) =>
          asList(input)
            .map((value) => (value === null ? "" : asText(value)))
            .join(String(separator)),
        );
      case "startswith/1":
      case "endswith/1":
      case "test/1":
      case "contains/1":
      case "index/1":
      case "split/1":
      case "ltrimstr/1":
      case "inside/1":
        return this.results(first, input, variables).map((value) => textFunction(name, input, value));
      case "unique_by/1":
      case "sort_by/1":
      case "group_by/1": {
        const keyed = asList(input).map((value) => ({ value, key: this.results(first, value, variables)[0] ?? null }));
        keyed.sort((a, b) => compareValues(a.key, b.key));
        if (name === "sort_by") return [keyed.map(({ value }) => value)];
        const groups: (typeof keyed)[] = [];
        for (const item of keyed) {
          const last = groups.at(-1);
          if (last !== undefined && compareValues(last[0]?.key, item.key) === 0) last.push(item);
          else groups.push([item]);
        }
        return [groups.map((group) => (name === "unique_by" ? group[0]?.value : group.map(({ value }) => value)))];
      }
    }
    if (second !== undefined && args.length === 2) {
      if (name === "any" || name === "all") {
        const values = this.#each(first, second, input, variables);
        return [name === "any" ? values.some(isTrue) : values.every(isTrue)];
      }
      if (name === "test" && this.results(second, input, variables)[0] === "i")
        return this.results(first, input, variables).map((pattern) =>
          textFunction("test", input, `(?i)${String(pattern)}`),
        );
    }
    throw new UnsupportedAudit("jq function", `${name}/${args.length}`);
  }
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false;
}

function asNumber(value: unknown): number {
  if (typeof value !== "number") throw new FilterError("is no number");
  return value;
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new FilterError("is no array");
  return value;
}

/** Text as it is, everything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function indexed(of: unknown, key: unknown): unknown {
  if (of === null || of === undefined) return null;
  if (typeof key === "string" && record(of) !== undefined) return field(of, key) ?? null;
  if (typeof key === "number" && Array.isArray(of)) return of.at(key) ?? null;
  throw new FilterError("cannot be indexed");
}

function iterated(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) throw new FilterError("cannot be iterated over");
  return Array.isArray(value) ? value : Object.values(value);
}

function lengthOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === "string") return [...value].length;
  if (typeof value === "number") return Math.abs(value);
  if (typeof value === "object") return Object.keys(value).length;
  throw new FilterError("has no length");
}

function combined(operator: string, a: unknown, b: unknown): unknown {
  switch (operator) {
    case "==":
      return compareValues(a, b) === 0;
    case "!=":
      return compareValues(a, b) !== 0;
    case "<":
      return compareValues(a, b) < 0;
    case "<=":
      return compareValues(a, b) <= 0;
    case ">":
      return compareValues(a, b) > 0;
    case ">=":
      return compareValues(a, b) >= 0;
    case "+":
      if (a === null) return b;
      if (b === null) return a;
      if (typeof a === "string" && typeof b === "string") return a + b;
      if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
      if (typeof a === "object" && typeof b === "object" && !Array.isArray(a) && !Array.isArray(b))
        return { ...a, ...b };
      return asNumber(a) + asNumber(b);
    case "-": {
      if (!Array.isArray(a) || !Array.isArray(b)) return asNumber(a) - asNumber(b);
      const removed = new Set(b.map((value) => JSON.stringify(value)));
      return a.filter((value) => !removed.has(JSON.stringify(value)));
    }
    case "*":
      return asNumber(a) * asNumber(b);
    case "/":
      return asNumber(a) / asNumber(b);
    default:
      return Math.trunc(asNumber(a)) % Math.trunc(asNumber(b));
  }
}

function textFunction(name: string, input: unknown, value: unknown): unknown {
  if (name === "contains" || name === "inside")
    return name === "contains" ? containsValue(input, value) : containsValue(value, input);
  if (name === "index" && Array.isArray(input)) {
    const at = input.findIndex((item) => compareValues(item, value) === 0);
    return at === -1 ? null : at;
  }
  if (typeof input !== "string" || typeof value !== "string") {
    if (name === "ltrimstr") return input;
    throw new FilterError("is no string");
  }
  switch (name) {
    case "startswith":
      return input.startsWith(value);
    case "endswith":
      return input.endsWith(value);
    case "test":
      return matcherFor(value).test(input);
    case "split":
      return input.split(value);
    case "ltrimstr":
      return input.startsWith(value) ? input.slice(value.length) : input;
    default: {
      const at = input.indexOf(value);
      return at === -1 ? null : at;
    }
  }
}

function containsValue(a: unknown, b: unknown, depth = 0): boolean {
  if (depth > 100) throw new FilterError("values are nested too deeply");
  if (typeof a === "string" && typeof b === "string") return a.includes(b);
  if (Array.isArray(a) && Array.isArray(b))
    return b.every((wanted) => a.some((value) => containsValue(value, wanted, depth + 1)));
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null)
    return Object.entries(b).every(
      ([key, wanted]) => Object.hasOwn(a, key) && containsValue(field(a, key), wanted, depth + 1),
    );
  return compareValues(a, b) === 0;
}

const typeOrder = ["null", "false", "true", "number", "string", "array", "object"];

function rank(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === "boolean") return value ? 2 : 1;
  return typeOrder.indexOf(Array.isArray(value) ? "array" : typeof value);
}

/** jq's order of values. */
function compareValues(a: unknown, b: unknown): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "object" && a !== null) {
    const [left, right] = [canonical(a), canonical(b)];
    return compareText(left, right);
  }
  return 0;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => compareText(a, b))) : inner,
  );
}

function distinct(values: readonly unknown[]): readonly unknown[] {
  const sorted = values.toSorted(compareValues);
  return sorted.filter((value, index) => index === 0 || compareValues(sorted[index - 1], value) !== 0);
}
