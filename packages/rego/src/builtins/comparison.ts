/** Comparisons, membership, and what templates are made of. */

import { compareValues, equalValues, isArray, isObject, objectEntries, RegoSet, type Value } from "../values/value.ts";
import { termText } from "../values/text.ts";
import { lookup } from "../values/lookup.ts";
import { builtin, BuiltinError, type Builtin, type BuiltinContext } from "./builtin.ts";
import { arrayAt, valueAt } from "./operands.ts";

const pair = "(any, any) => boolean";

function compare(name: string, holds: (left: Value, right: Value) => boolean): Builtin {
  return builtin(name, pair, (args) => holds(valueAt(args, 0), valueAt(args, 1)));
}

function contains(collection: Value, member: Value, context: BuiltinContext): boolean {
  if (collection instanceof RegoSet) return collection.has(member);
  if (isArray(collection)) {
    context.step(1 + (collection.length >> 4));
    return collection.some((each) => equalValues(each, member));
  }
  if (!isObject(collection)) return false;
  return objectEntries(collection).some(([, value]) => equalValues(value, member));
}

/** The text of one part of a template. */
function partText(part: Value): string {
  if (!(part instanceof RegoSet)) return typeof part === "string" ? part : termText(part);
  if (part.size > 1) throw new BuiltinError("template-strings must not produce multiple outputs", "eval_type_error");
  const [value] = part.sorted();
  if (value === undefined) return "<undefined>";
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
  builtin("internal.member_2", pair, (args, context) => contains(valueAt(args, 1), valueAt(args, 0), context)),
  builtin("internal.member_3", "(any, any, any) => boolean", (args) => {
    const key = valueAt(args, 0);
    const member = valueAt(args, 1);
    const collection = valueAt(args, 2);
    if (collection instanceof RegoSet) return equalValues(key, member) && collection.has(member);
    const found = lookup(collection, key);
    return found !== undefined && equalValues(found, member);
  }),
  builtin("internal.template_string", "(array[any]) => string", (args, context) => {
    let text = "";
    for (const part of arrayAt(args, 0)) {
      const piece = partText(part);
      context.charge(piece.length);
      text += piece;
    }
    return text;
  }),
  builtin("internal.print", "(array[set[any]]) => void", (args, context) => {
    const texts = arrayAt(args, 0).map(partText);
    context.environment.print?.(texts.join(" "));
    return true;
  }),
  builtin("internal.test_case", "(array[any]) => void", (args, context) => {
    context.onTestCase?.(arrayAt(args, 0));
    return true;
  }),
  builtin("print", "(...any) => void", () => true),
  // Both are replaced by what the annotations say before anything runs.
  builtin("rego.metadata.chain", "() => array[any]", () => undefined),
  builtin("rego.metadata.rule", "() => any", () => undefined),
  builtin("trace", "(string) => boolean", () => true),
];
