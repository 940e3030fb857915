/** Comparisons, membership, and what templates are made of. */

import {
  compareValues,
  equalValues,
  isArray,
  isObject,
  objectGet,
  objectKeys,
  RegoSet,
  type Value,
} from "../values/value.ts";
import { termText } from "../values/text.ts";
import { lookup } from "../values/lookup.ts";
import { builtin, BuiltinError, type Builtin, type BuiltinContext } from "./builtin.ts";

const pair = "(any, any) => boolean";

function compare(name: string, holds: (left: Value, right: Value) => boolean): Builtin {
  return builtin(name, pair, ([left, right]) => holds(left as Value, right as Value));
}

function contains(collection: Value, member: Value, context: BuiltinContext): boolean {
  if (collection instanceof RegoSet) return collection.has(member);
  if (isArray(collection)) {
    context.step(1 + (collection.length >> 4));
    return collection.some((each) => equalValues(each, member));
  }
  if (!isObject(collection)) return false;
  return objectKeys(collection).some((key) => equalValues(objectGet(collection, key) as Value, member));
}

/** The text of one part of a template. */
function partText(part: Value): string {
  if (!(part instanceof RegoSet)) return typeof part === "string" ? part : termText(part);
  if (part.size === 0) return "<undefined>";
  if (part.size > 1) throw new BuiltinError("template-strings must not produce multiple outputs", "eval_type_error");
  const [value] = part.sorted() as [Value];
  return typeof value === "string" ? value : termText(value);
}

export const comparisonBuiltins: readonly Builtin[] = [
  compare("eq", equalValues),
  compare("assign", equalValues),
  compare("equal", equalValues),
  compare("neq", (left, right) => !equalValues(left, right)),
  compare("lt", (left, right) => compareValues(left, right) < 0),
  compare("lte", (left, right) => compareValues(left, right) <= 0),
  compare("gt", (left, right) => compareValues(left, right) > 0),
  compare("gte", (left, right) => compareValues(left, right) >= 0),
  builtin("internal.member_2", pair, ([member, collection], context) =>
    contains(collection as Value, member as Value, context),
  ),
  builtin("internal.member_3", "(any, any, any) => boolean", ([key, member, collection]) => {
    if (collection instanceof RegoSet)
      return equalValues(key as Value, member as Value) && collection.has(member as Value);
    const found = lookup(collection as Value, key as Value);
    return found !== undefined && equalValues(found, member as Value);
  }),
  builtin("internal.template_string", "(array[any]) => string", ([parts], context) => {
    let text = "";
    for (const part of parts as readonly Value[]) {
      // as: the compiler calls it with an array
      const piece = partText(part);
      context.charge(piece.length);
      text += piece;
    }
    return text;
  }),
  builtin("internal.print", "(array[set[any]]) => void", ([parts], context) => {
    const texts = (parts as readonly Value[]).map(partText);
    context.environment.print?.(texts.join(" "));
    return true;
  }),
  builtin("internal.test_case", "(array[any]) => void", ([path], context) => {
    context.onTestCase?.(path as readonly Value[]); // as: it is an array
    return true;
  }),
  builtin("print", "(...any) => void", () => true),
  // Both are replaced by what the annotations say before anything runs.
  builtin("rego.metadata.chain", "() => array[any]", () => undefined),
  builtin("rego.metadata.rule", "() => any", () => undefined),
  builtin("trace", "(string) => boolean", () => true),
];
