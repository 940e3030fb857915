/** Arrays. */

import { isArray, type Value } from "../values/value.ts";
import { builtin, type Builtin } from "./builtin.ts";
import { arrayAt, countAt } from "./operands.ts";

export const arrayBuiltins: readonly Builtin[] = [
  builtin("array.concat", "(array[any], array[any]) => array[any]", (args, context) => {
    const [left, right] = [arrayAt(args, 0), arrayAt(args, 1)];
    context.charge(16 * (left.length + right.length));
    return [...left, ...right];
  }),
  builtin("array.flatten", "(array[any]) => array[any]", (args, context) => {
    const flat: Value[] = [];
    for (const item of arrayAt(args, 0)) {
      context.step();
      if (isArray(item)) for (const inner of item) flat.push(inner);
      else flat.push(item);
    }
    context.charge(16 * flat.length);
    return flat;
  }),
  builtin("array.reverse", "(array[any]) => array[any]", (args, context) => {
    const items = arrayAt(args, 0);
    context.charge(16 * items.length);
    return [...items].reverse();
  }),
  builtin("array.slice", "(array[any], number, number) => array[any]", (args, context) => {
    const items = arrayAt(args, 0);
    const from = Math.max(countAt(args, 1), 0);
    const to = Math.min(countAt(args, 2), items.length);
    if (to <= from) return [];
    context.charge(16 * (to - from));
    return items.slice(from, to);
  }),
];
