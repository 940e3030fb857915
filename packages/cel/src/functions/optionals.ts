import { CelEvaluationError } from "../cel-error.ts";
import {
  CelDouble,
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelUint,
  ValueList,
  isList,
  isMap,
  type CelValue,
} from "../values.ts";
import { method, overload, type CelFunction } from "./define.ts";

/** Whether a value is its type's zero: false, 0, "", empty, null. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === "") return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDouble) return value.value === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelDuration || value instanceof CelTimestamp) return value.nanoseconds === 0n;
  if (value instanceof CelOptional) return value.value === undefined;
  return typeof value === "object" && (isList(value) || isMap(value)) && value.size === 0;
}

/** Optional values (cel-go's `optional` library). */
export const optionalFunctions: readonly CelFunction[] = [
  overload("optional.of", ["A"], "optional(A)", (_, value: CelValue) => new CelOptional(value)),
  overload("optional.ofNonZeroValue", ["A"], "optional(A)", (_, value: CelValue) =>
    isZero(value) ? CelOptional.none : new CelOptional(value),
  ),
  overload("optional.none", [], "optional(A)", () => CelOptional.none),
  method("hasValue", ["optional(A)"], "bool", (_, { value }) => value !== undefined),
  method("value", ["optional(A)"], "A", (_, { value }) => {
    if (value === undefined) throw new CelEvaluationError("optional.none() dereference");
    return value;
  }),
  method("or", ["optional(A)", "optional(A)"], "optional(A)", (_, held, other) =>
    held.value === undefined ? other : held,
  ),
  method("orValue", ["optional(A)", "A"], "A", (_, { value }, other: CelValue) =>
    value === undefined ? other : value,
  ),
  overload("optional.unwrap", ["list(optional(A))"], "list(A)", (call, list) => {
    call.spend(list.size);
    return new ValueList(unwrap(list.values()));
  }),
  method("unwrapOpt", ["list(optional(A))"], "list(A)", (call, list) => {
    call.spend(list.size);
    return new ValueList(unwrap(list.values()));
  }),
];

function unwrap(items: Iterable<CelValue>): readonly CelValue[] {
  return [...items].flatMap((item) => (item instanceof CelOptional && item.value !== undefined ? [item.value] : []));
}
