import { asList, asObject, member, sameJson, type JsonObject } from "@plimsoll/kubernetes";
import { compile } from "@plimsoll/re2";

/** How deep a schema and a value are followed; schemas that recurse do not exist without `$ref`, which is refused. */
const maxDepth = 64;
/** More problems of one value are not listed. */
const maxProblems = 50;

/**
 * Validates a value by the structural OpenAPI v3 schema of a template: one line for each problem, with its path. Unknown fields are problems, too,
 * unless the schema preserves them.
 */
export function schemaProblems(schema: unknown, value: unknown, path: string): readonly string[] {
  const problems: string[] = [];
  check(asObject(schema) ?? {}, value, path, problems, 0);
  return problems.slice(0, maxProblems);
}

function check(schema: JsonObject, value: unknown, path: string, problems: string[], depth: number): void {
  if (depth > maxDepth || problems.length > maxProblems) {
    problems.push(`${path}: nests too deep`);
    return;
  }
  if (value === null && schema["nullable"] === true) return;
  const type = checkType(schema, value, path, problems);
  if (type === undefined) return;
  if (typeof value === "string") checkText(schema, value, path, problems);
  if (typeof value === "number") checkNumber(schema, value, path, problems);
  if (Array.isArray(value)) checkList(schema, value, path, problems, depth);
  const object = asObject(value);
  if (object !== undefined) checkObject(schema, object, path, problems, depth);
  checkChoices(schema, value, path, problems, depth);
}

/** Whether the value may be looked at further. */
function checkType(schema: JsonObject, value: unknown, path: string, problems: string[]): true | undefined {
  const found = typeOf(value);
  const wanted = schema["type"];
  if (schema["x-kubernetes-int-or-string"] === true) {
    if (found === "integer" || found === "string") return true;
  } else if (
    typeof wanted !== "string" ||
    wanted === "" ||
    wanted === found ||
    (wanted === "number" && found === "integer")
  )
    return true;
  problems.push(`${path}: must be of type ${typeof wanted === "string" ? wanted : "integer or string"}: "${found}"`);
  return undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function checkText(schema: JsonObject, value: string, path: string, problems: string[]): void {
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  if (typeof minLength === "number" && length < minLength)
    problems.push(`${path}: should be at least ${minLength} chars long`);
  if (typeof maxLength === "number" && length > maxLength)
    problems.push(`${path}: may not be more than ${maxLength} chars long`);
  if (typeof pattern === "string" && matchesPattern(pattern, value) !== true)
    problems.push(`${path}: should match '${pattern}'`);
}

function matchesPattern(pattern: string, value: string): boolean | undefined {
  try {
    return compile(pattern).test(value);
  } catch {
    return undefined;
  }
}

function checkNumber(schema: JsonObject, value: number, path: string, problems: string[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === "number" && (value < minimum || (exclusiveMinimum === true && value === minimum)))
    problems.push(`${path}: should be greater than ${exclusiveMinimum === true ? "" : "or equal to "}${minimum}`);
  if (typeof maximum === "number" && (value > maximum || (exclusiveMaximum === true && value === maximum)))
    problems.push(`${path}: should be less than ${exclusiveMaximum === true ? "" : "or equal to "}${maximum}`);
  if (typeof multipleOf === "number" && multipleOf > 0 && value % multipleOf !== 0)
    problems.push(`${path}: should be a multiple of ${multipleOf}`);
}

function checkList(
  schema: JsonObject,
  value: readonly unknown[],
  path: string,
  problems: string[],
  depth: number,
): void {
  const { minItems, maxItems, uniqueItems } = schema;
  if (typeof minItems === "number" && value.length < minItems)
    problems.push(`${path}: should have at least ${minItems} items`);
  if (typeof maxItems === "number" && value.length > maxItems)
    problems.push(`${path}: must have at most ${maxItems} items`);
  if (uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size < value.length)
    problems.push(`${path}: shouldn't contain duplicates`);
  const items = asObject(schema["items"]);
  if (items === undefined) return;
  for (const [index, item] of value.entries()) check(items, item, `${path}[${index}]`, problems, depth + 1);
}

function checkObject(schema: JsonObject, value: JsonObject, path: string, problems: string[], depth: number): void {
  for (const name of asList(schema["required"]))
    if (typeof name === "string" && !Object.hasOwn(value, name)) problems.push(`${path}.${name}: Required value`);
  const properties = asObject(schema["properties"]) ?? {};
  const others = schema["additionalProperties"];
  for (const [name, item] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : others === true ? {} : others;
    const inner = asObject(known);
    if (inner !== undefined) check(inner, item, `${path}.${name}`, problems, depth + 1);
    else if (!keepsUnknown(schema)) problems.push(`${path}.${name}: unknown field`);
  }
}

function keepsUnknown(schema: JsonObject): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true || schema["x-kubernetes-embedded-resource"] === true;
}

function checkChoices(schema: JsonObject, value: unknown, path: string, problems: string[], depth: number): void {
  const allowed = schema["enum"];
  if (Array.isArray(allowed) && !allowed.some((item) => sameJson(item, value)))
    problems.push(
      `${path}: Unsupported value: supported values: ${allowed.map((item) => JSON.stringify(item)).join(", ")}`,
    );
  const holds = (inner: unknown): boolean => {
    const found: string[] = [];
    // Branches only restrict: which fields are known is said outside of them.
    check({ ...asObject(inner), "x-kubernetes-preserve-unknown-fields": true }, value, path, found, depth + 1);
    return found.length === 0;
  };
  const { anyOf, oneOf, allOf, not } = schema;
  if (Array.isArray(anyOf) && !anyOf.some(holds)) problems.push(`${path}: must validate at least one schema (anyOf)`);
  if (Array.isArray(oneOf) && oneOf.filter(holds).length !== 1)
    problems.push(`${path}: must validate one and only one schema (oneOf)`);
  if (Array.isArray(allOf) && !allOf.every(holds)) problems.push(`${path}: must validate all the schemas (allOf)`);
  if (asObject(not) !== undefined && holds(not)) problems.push(`${path}: must not validate the schema (not)`);
}

/** The value with the schema's defaults for missing members. The given value itself is not changed. */
export function withDefaults(schema: unknown, value: unknown, depth = 0): unknown {
  const shape = asObject(schema);
  if (shape === undefined || depth > maxDepth) return value;
  if (Array.isArray(value)) return value.map((item) => withDefaults(shape["items"], item, depth + 1));
  const object = asObject(value);
  if (object === undefined) return value;
  const properties = asObject(shape["properties"]) ?? {};
  const filled = new Map(Object.entries(object));
  for (const [name, property] of Object.entries(properties)) {
    const fallback = member(property, "default");
    const present = filled.has(name) && !(filled.get(name) === null && member(property, "nullable") !== true);
    const given = present ? filled.get(name) : structuredClone(fallback);
    if (given !== undefined) filled.set(name, withDefaults(property, given, depth + 1));
  }
  const others = asObject(shape["additionalProperties"]);
  if (others !== undefined)
    for (const [name, item] of filled)
      if (!Object.hasOwn(properties, name)) filled.set(name, withDefaults(others, item, depth + 1));
  return Object.fromEntries(filled);
}
