/** Tests of types, and casts of old. */

import { isArray, isNumber, isObject, RegoSet, typeName, type Value } from "../values/value.ts";
import { builtin, deprecated, operandError, type Builtin } from "./builtin.ts";
import { valueAt } from "./operands.ts";

function isType(name: string, test: (value: Value) => boolean): Builtin {
  return builtin(name, "(any) => boolean", (args) => test(valueAt(args, 0)));
}

function cast(
  name: string,
  result: string,
  wanted: readonly string[],
  convert: (value: Value) => Value | undefined,
): Builtin {
  return deprecated(name, `(any) => ${result}`, (args) => {
    const value = valueAt(args, 0);
    const converted = convert(value);
    if (converted === undefined) throw operandError(1, value, ...wanted);
    return converted;
  });
}

export const typeBuiltins: readonly Builtin[] = [
  isType("is_array", isArray),
  isType("is_boolean", (value) => typeof value === "boolean"),
  isType("is_null", (value) => value === null),
  isType("is_number", isNumber),
  isType("is_object", isObject),
  isType("is_set", (value) => value instanceof RegoSet),
  isType("is_string", (value) => typeof value === "string"),
  builtin("type_name", "(any) => string", (args) => typeName(valueAt(args, 0))),
  cast("cast_array", "array[any]", ["array", "set"], (value) =>
    isArray(value) ? value : value instanceof RegoSet ? value.sorted() : undefined,
  ),
  cast("cast_set", "set[any]", ["array", "set"], (value) =>
    value instanceof RegoSet ? value : isArray(value) ? RegoSet.of(value) : undefined,
  ),
  cast("cast_string", "string", ["string"], (value) => (typeof value === "string" ? value : undefined)),
  cast("cast_boolean", "boolean", ["boolean"], (value) => (typeof value === "boolean" ? value : undefined)),
  cast("cast_null", "null", ["null"], (value) => (value === null ? null : undefined)),
  cast("cast_object", "object<>[any: any]", ["object"], (value) => (isObject(value) ? value : undefined)),
];
