/** `json.match_schema` and `json.verify_schema`. */

import { checkDocument } from "../json-schema/check-document.ts";
import { readSchema } from "../json-schema/read-schema.ts";
import { SchemaError, type Schema, type SchemaWork } from "../json-schema/schema.ts";
import { jsonText } from "../values/text.ts";
import { hashKey, isArray, isObject, RegoObject, type Value } from "../values/value.ts";
import { builtin, BuiltinError, type Builtin, type BuiltinContext } from "./builtin.ts";
import { readJson } from "./json-reader.ts";
import { patternOf } from "./regex.ts";

function workOf(context: BuiltinContext): SchemaWork {
  return {
    step: (count) => context.step(count),
    charge: (bytes) => context.charge(bytes),
    pattern: (source) => {
      try {
        return patternOf(source, context);
      } catch (error) {
        if (!(error instanceof BuiltinError)) throw error;
        return undefined;
      }
    },
  };
}

/** Documents and schemas come as JSON text or as values; sets are arrays then. */
function documentOf(value: Value, context: BuiltinContext): Value {
  if (typeof value === "string") {
    context.step(1 + (value.length >> 4));
    try {
      return readJson(value);
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      throw new SchemaError("invalid JSON string");
    }
  }
  if (!isObject(value) && !isArray(value)) throw new SchemaError("wrong type, expected string or object");
  const text = jsonText(value);
  context.step(1 + (text.length >> 4));
  return readJson(text);
}

function schemaOf(value: Value, context: BuiltinContext): Schema {
  return context.remember(`json schema ${String(hashKey(value))}`, () =>
    readSchema(documentOf(value, context), workOf(context)),
  );
}

function verify(args: readonly Value[], context: BuiltinContext): Value {
  try {
    schemaOf(args[0] ?? null, context);
    return [true, null];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return [false, `jsonschema: ${error.message}`];
  }
}

function match(args: readonly Value[], context: BuiltinContext): Value {
  try {
    const document = documentOf(args[0] ?? null, context);
    const failures = checkDocument(schemaOf(args[1] ?? null, context), document, workOf(context));
    return [
      failures.length === 0,
      failures.map(({ type, field, description }) =>
        RegoObject.of([
          ["error", `${field}: ${description}`],
          ["type", type],
          ["field", field],
          ["desc", description],
        ]),
      ),
    ];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new BuiltinError(error.message);
  }
}

const document = "any<string, object<>[any: any]>";

export const jsonSchemaBuiltins: readonly Builtin[] = [
  builtin(
    "json.match_schema",
    `(${document}, ${document}) => array<boolean, array[object<"desc": string, "error": string, "field": string, "type": string>]>`,
    match,
  ),
  builtin("json.verify_schema", `(${document}) => array<boolean, any<null, string>>`, verify),
];
