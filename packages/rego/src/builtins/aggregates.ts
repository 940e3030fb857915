/** Functions over all members of a collection. */

import { addFloats, floatOf, multiplyOn, numberFromFloat } from "../values/float.ts";
import { isInteger, type NumberValue } from "../values/number.ts";
import { compareValues, isArray, isObject, objectSize, RegoSet, type Value } from "../values/value.ts";
import { builtin, deprecated, operandError, type Builtin, type BuiltinContext } from "./builtin.ts";
import { membersAt, numbersAt, setAt, valueAt } from "./operands.ts";
import { addNumbers, multiplyNumbers } from "./numbers.ts";

const members = "any<array[any], set[any]>";

/** The number of code points in a string. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code < 0xdc00 && index + 1 < text.length) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next < 0xe000) count--;
    }
  }
  return count;
}

function count(args: readonly Value[]): number {
  const value = valueAt(args, 0);
  if (typeof value === "string") return codePointCount(value);
  if (isArray(value)) return value.length;
  if (value instanceof RegoSet) return value.size;
  if (isObject(value)) return objectSize(value);
  throw operandError(1, value, "array", "object", "set", "string");
}

function fold(name: string, start: number, whole: typeof addNumbers, float: typeof multiplyOn): Builtin {
  return builtin(name, "(any<array[number], set[number]>) => number", (args, context) => {
    const numbers = numbersAt(args, 0);
    context.step(numbers.length);
    if (numbers.every(isInteger)) {
      return numbers.reduce<NumberValue>((total, each) => {
        const next = whole(total, each);
        if (typeof next !== "number") context.charge(next.text.length);
        return next;
      }, start);
    }
    return numberFromFloat(numbers.map(floatOf).reduce(float, floatOf(start)));
  });
}

function extreme(name: string, wanted: number): Builtin {
  return builtin(name, `(${members}) => any`, (args, context) => {
    const values = membersAt(args, 0);
    context.step(values.length);
    let best: Value | undefined;
    // Of equal ones, which may be spelled differently, the last counts.
    for (const value of values) if (best === undefined || compareValues(value, best) * wanted >= 0) best = value;
    return best;
  });
}

function sorted(args: readonly Value[], context: BuiltinContext): Value {
  const values = membersAt(args, 0);
  context.step(values.length);
  context.charge(16 * values.length);
  return args[0] instanceof RegoSet ? values : [...values].sort(compareValues);
}

function setsOf(args: readonly Value[]): RegoSet[] {
  const outer = setAt(args, 0);
  return outer.sorted().map((each) => {
    if (!(each instanceof RegoSet)) throw operandError(1, each, "set");
    return each;
  });
}

/** The members that all sets have. */
function intersect(sets: readonly RegoSet[], context: BuiltinContext): RegoSet {
  const result = new RegoSet();
  const [first, ...rest] = sets;
  for (const member of first?.members() ?? []) {
    context.step(1 + (rest.length >> 2));
    if (rest.every((set) => set.has(member))) result.add(member);
  }
  return result;
}

function unite(sets: readonly RegoSet[], context: BuiltinContext): RegoSet {
  const result = new RegoSet();
  for (const set of sets) {
    context.step(set.size);
    for (const member of set.members()) result.add(member);
  }
  context.charge(16 * result.size);
  return result;
}

export const aggregateBuiltins: readonly Builtin[] = [
  builtin("count", "(any<string, array[any], object<>[any: any], set[any]>) => number", count),
  fold("sum", 0, addNumbers, (left, right) => addFloats(left, right)),
  fold("product", 1, multiplyNumbers, multiplyOn),
  extreme("max", 1),
  extreme("min", -1),
  builtin("sort", `(${members}) => array[any]`, sorted),
  builtin("union", "(set[set[any]]) => set[any]", (args, context) => unite(setsOf(args), context)),
  builtin("intersection", "(set[set[any]]) => set[any]", (args, context) => intersect(setsOf(args), context)),
  builtin("and", "(set[any], set[any]) => set[any]", (args, context) =>
    intersect([setAt(args, 0), setAt(args, 1)], context),
  ),
  builtin("or", "(set[any], set[any]) => set[any]", (args, context) =>
    unite([setAt(args, 0), setAt(args, 1)], context),
  ),
  deprecated("set_diff", "(set[any], set[any]) => set[any]", (args, context) => {
    const right = setAt(args, 1);
    context.step(setAt(args, 0).size);
    return RegoSet.of([...setAt(args, 0).members()].filter((member) => !right.has(member)));
  }),
  deprecated("all", `(${members}) => boolean`, (args) => membersAt(args, 0).every((member) => member === true)),
  deprecated("any", `(${members}) => boolean`, (args) => membersAt(args, 0).some((member) => member === true)),
];
