/** Reads a JSON Schema with the complaints of OPA: the order of keywords is the order in which faults are found. */

import { compareNumbers, numberText, type NumberValue } from "../values/number.ts";
import { goQuote } from "../values/text.ts";
import {
  isArray,
  isNumber,
  isObject,
  objectEntries,
  objectGet,
  type ObjectValue,
  type Value,
} from "../values/value.ts";
import { References } from "./references.ts";
import { SchemaError, type Schema, type SchemaWork } from "./schema.ts";

/** All drafts at once is what a schema gets that does not say which it is written in. */
type Draft = 4 | 6 | 7 | "any";

const drafts: ReadonlyMap<string, Draft> = new Map<string, Draft>([
  ["http://json-schema.org/draft-04/schema", 4],
  ["http://json-schema.org/draft-06/schema", 6],
  ["http://json-schema.org/draft-07/schema", 7],
]);

const typeNames = ["array", "boolean", "integer", "number", "null", "object", "string"];

const wrongType = (expected: string, given: string): SchemaError =>
  new SchemaError(`Invalid type. Expected: ${expected}, given: ${given}`);

/** Reads a schema; throws a SchemaError that says what is wrong. */
export function readSchema(root: Value, work: SchemaWork): Schema {
  const draft = draftOf(root);
  return new SchemaReader(draft, new References(root, work), work).read(root);
}

function draftOf(root: Value): Draft {
  if (typeof root === "boolean") return "any";
  if (!isObject(root)) throw new SchemaError("schema is invalid");
  const written = objectGet(root, "$schema");
  if (written === undefined) return "any";
  if (typeof written !== "string") throw new SchemaError("$schema must be of type string");
  return drafts.get(written.replace(/#$/, "")) ?? "any";
}

class SchemaReader {
  readonly #draft: Draft;
  readonly #references: References;
  readonly #work: SchemaWork;
  readonly #referred = new Map<string, Schema>();

  constructor(draft: Draft, references: References, work: SchemaWork) {
    this.#draft = draft;
    this.#references = references;
    this.#work = work;
  }

  read(value: Value, schema: Schema = { types: [], required: [], oneOf: [], anyOf: [], allOf: [] }): Schema {
    this.#work.step();
    if (typeof value === "boolean" && this.#since(6)) {
      schema.verdict = value;
      return schema;
    }
    if (!isObject(value)) throw new SchemaError("Expected: Valid Schema, given: Invalid JSON");
    const id = this.#draft === 4 || (this.#draft === "any" && objectGet(value, "id") !== undefined) ? "id" : "$id";
    textAt(value, id);
    this.#definitions(objectGet(value, "definitions"));
    textAt(value, "title");
    textAt(value, "description");
    const reference = textAt(value, "$ref");
    if (reference !== undefined) {
      schema.address = this.#references.addressOf(value, reference);
      schema.reference = this.#referTo(schema.address);
      return schema;
    }
    this.#types(objectGet(value, "type"), schema);
    this.#members(value, schema);
    this.#itemSchemas(value, schema);
    this.#numbers(value, schema);
    this.#texts(value, schema);
    this.#counts(value, schema);
    this.#values(value, schema);
    this.#combinations(value, schema);
    return schema;
  }

  #since(draft: 6 | 7): boolean {
    return this.#draft === "any" || this.#draft >= draft;
  }

  #referTo(address: string): Schema {
    const known = this.#referred.get(address);
    if (known !== undefined) return known;
    const schema: Schema = { types: [], required: [], oneOf: [], anyOf: [], allOf: [] };
    // Known before it is read: a schema may refer to what it is part of.
    this.#referred.set(address, schema);
    const target = this.#references.at(address);
    if (!isSchema(target)) throw new SchemaError("Valid Schema must be of type object");
    return this.read(target, schema);
  }

  #definitions(value: Value | undefined): void {
    if (value === undefined) return;
    const wrong = wrongType("Array Of Schemas", "definitions");
    if (!isObject(value)) throw wrong;
    for (const [, definition] of objectEntries(value)) {
      if (!isSchema(definition)) throw wrong;
      this.read(definition);
    }
  }

  #types(value: Value | undefined, schema: Schema): void {
    if (value === undefined) return;
    const wrong = wrongType("type", "string/Array Of Strings");
    if (typeof value !== "string" && !isArray(value)) throw wrong;
    for (const type of isArray(value) ? value : [value]) {
      if (typeof type !== "string") throw wrong;
      if (!typeNames.includes(type)) {
        throw new SchemaError(
          `has a primitive type that is NOT VALID -- given: /${type}/ Expected valid values are:[${typeNames.join(" ")}]`,
        );
      }
      if (schema.types.includes(type)) throw new SchemaError(`${type} type is duplicated`);
      schema.types.push(type);
    }
  }

  #members(value: ObjectValue, schema: Schema): void {
    const properties = objectGet(value, "properties");
    if (properties !== undefined) {
      if (!isObject(properties)) throw new SchemaError("Properties must be of type object");
      const read = new Map<string, Schema>();
      for (const [name, each] of entriesOf(properties)) read.set(name, this.read(each));
      schema.properties = read;
    }
    const additional = objectGet(value, "additionalProperties");
    if (additional !== undefined) {
      if (!isSchema(additional)) throw wrongType("boolean/Valid Schema", "additionalProperties");
      schema.additionalProperties = typeof additional === "boolean" ? additional : this.read(additional);
    }
    const patterns = objectGet(value, "patternProperties");
    if (patterns !== undefined) {
      if (!isObject(patterns)) throw wrongType("Valid Schema", "patternProperties");
      schema.patternProperties = entriesOf(patterns).map(([source, each]) => {
        const pattern = this.#work.pattern(source);
        if (pattern === undefined) throw new SchemaError(`Invalid regex pattern '${source}'`);
        return { pattern, schema: this.read(each) };
      });
    }
    const names = objectGet(value, "propertyNames");
    if (names !== undefined && this.#since(6)) {
      if (!isSchema(names)) throw wrongType("Valid Schema", "patternProperties");
      schema.propertyNames = this.read(names);
    }
    const dependencies = objectGet(value, "dependencies");
    if (dependencies !== undefined) this.#dependencies(dependencies, schema);
  }

  #dependencies(value: Value, schema: Schema): void {
    if (!isObject(value)) throw new SchemaError("dependencies must be of type object");
    const read = new Map<string, readonly string[] | Schema>();
    const wrong = new SchemaError("Dependency must be of type Schema Or Array Of Strings");
    for (const [name, each] of entriesOf(value)) {
      if (isSchema(each)) read.set(name, this.read(each));
      else if (isArray(each) && each.every((one) => typeof one === "string")) read.set(name, each);
      else throw wrong;
    }
    schema.dependencies = read;
  }

  #itemSchemas(value: ObjectValue, schema: Schema): void {
    const items = objectGet(value, "items");
    if (items !== undefined) {
      const wrong = wrongType("Valid Schema/Array Of Schemas", "items");
      if (isArray(items)) {
        schema.items = items.map((each) => {
          if (!isSchema(each)) throw wrong;
          return this.read(each);
        });
      } else if (isSchema(items)) schema.items = this.read(items);
      else throw wrong;
    }
    const additional = objectGet(value, "additionalItems");
    if (additional === undefined) return;
    if (!isSchema(additional)) throw wrongType("boolean/Valid Schema", "additionalItems");
    schema.additionalItems = typeof additional === "boolean" ? additional : this.read(additional);
  }

  #numbers(value: ObjectValue, schema: Schema): void {
    const multiple = objectGet(value, "multipleOf");
    if (multiple !== undefined) {
      if (!isNumber(multiple)) throw wrongType("Number", "multipleOf");
      if (compareNumbers(multiple, 0) <= 0) throw new SchemaError("multipleOf must be strictly greater than 0");
      schema.multipleOf = multiple;
    }
    this.#bound(value, schema, "minimum", "exclusiveMinimum");
    this.#bound(value, schema, "maximum", "exclusiveMaximum");
  }

  /** Draft 4 says by a boolean that the bound itself does not count, later ones name an own bound. */
  #bound(
    value: ObjectValue,
    schema: Schema,
    name: "minimum" | "maximum",
    strict: "exclusiveMinimum" | "exclusiveMaximum",
  ): void {
    // prettier-ignore
    const bound = objectGet(value, name);
    if (bound !== undefined) {
      if (!isNumber(bound)) throw new SchemaError(`${name} must be of a Number`);
      schema[name] = bound;
    }
    const exclusive = objectGet(value, strict);
    if (exclusive === undefined) return;
    if (typeof exclusive === "boolean" && !(this.#draft === 6 || this.#draft === 7)) {
      if (schema[name] === undefined) throw new SchemaError(`${strict} cannot be used without ${name}`);
      if (!exclusive) return;
      schema[strict] = schema[name];
      delete schema[name];
    } else if (isNumber(exclusive) && this.#draft !== 4) schema[strict] = exclusive;
    else throw wrongType({ 4: "boolean", 6: "number", 7: "number", any: "boolean/number" }[this.#draft], strict);
  }

  #texts(value: ObjectValue, schema: Schema): void {
    this.#range(value, schema, "minLength", "maxLength", "minLength cannot be greater than maxLength");
    const source = textAt(value, "pattern");
    if (source !== undefined) {
      const expression = this.#work.pattern(source);
      if (expression === undefined) throw new SchemaError("pattern must be a valid regex");
      schema.pattern = { source, expression };
    }
    const format = textAt(value, "format");
    if (format !== undefined) schema.format = format;
  }

  #counts(value: ObjectValue, schema: Schema): void {
    this.#range(value, schema, "minProperties", "maxProperties", "minProperties cannot be greater than maxProperties");
    for (const name of listAt(value, "required") ?? []) {
      if (typeof name !== "string") throw wrongType("string", "required");
      schema.required.push(name);
    }
    if (new Set(schema.required).size < schema.required.length) throw new SchemaError("required items must be unique");
    this.#range(value, schema, "minItems", "maxItems");
    const unique = objectGet(value, "uniqueItems");
    if (unique !== undefined) {
      if (typeof unique !== "boolean") throw new SchemaError("uniqueItems must be of a boolean");
      schema.uniqueItems = unique;
    }
    const contains = objectGet(value, "contains");
    if (contains !== undefined && this.#since(6)) schema.contains = this.read(contains);
  }

  #range(value: ObjectValue, schema: Schema, least: Count, most: Count, disorder?: string): void {
    for (const name of [least, most]) {
      const count = objectGet(value, name);
      if (count === undefined) continue;
      const read = countOf(count);
      if (read === undefined) throw new SchemaError(`${name} must be of an integer`);
      if (read < 0) throw new SchemaError(`${name} must be greater than or equal to 0`);
      schema[name] = read;
    }
    if (disorder !== undefined && (schema[least] ?? 0) > (schema[most] ?? Infinity)) throw new SchemaError(disorder);
  }

  #values(value: ObjectValue, schema: Schema): void {
    const constant = objectGet(value, "const");
    if (constant !== undefined && this.#since(6)) schema.constant = floatJson(constant);
    const listed = listAt(value, "enum");
    if (listed === undefined) return;
    schema.enumeration = listed.map(floatJson);
    if (new Set(schema.enumeration).size < listed.length) throw new SchemaError("enum items must be unique");
  }

  #combinations(value: ObjectValue, schema: Schema): void {
    for (const name of ["oneOf", "anyOf", "allOf"] as const) {
      for (const each of listAt(value, name) ?? []) schema[name].push(this.read(each));
    }
    const conditions = this.#since(7) ? (["not", "if", "then", "else"] as const) : (["not"] as const);
    for (const name of conditions) {
      const each = objectGet(value, name);
      if (each === undefined) continue;
      if (!isSchema(each)) throw new SchemaError(`${name} must be of an object`);
      schema[name] = this.read(each);
    }
  }
}

type Count = "minLength" | "maxLength" | "minProperties" | "maxProperties" | "minItems" | "maxItems";

function isSchema(value: Value): value is boolean | ObjectValue {
  return typeof value === "boolean" || isObject(value);
}

function entriesOf(object: ObjectValue): [string, Value][] {
  return objectEntries(object).map(([key, value]) => [String(key), value]);
}

function textAt(object: ObjectValue, name: string): string | undefined {
  const value = objectGet(object, name);
  if (value !== undefined && typeof value !== "string") throw wrongType("string", name);
  return value;
}

function listAt(object: ObjectValue, name: string): readonly Value[] | undefined {
  const value = objectGet(object, name);
  if (value !== undefined && !isArray(value)) throw new SchemaError(`${name} must be of an array`);
  return value;
}

function countOf(value: Value): number | undefined {
  return isNumber(value) && /^-?\d{1,19}$/.test(numberText(value)) ? Number(numberText(value)) : undefined;
}

/** JSON text by which values are compared: numbers as 64-bit floats, so that `1.0` is `1`. */
export function floatJson(value: Value): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return goQuote(value);
  if (isNumber(value)) return floatText(value);
  if (isArray(value)) return `[${value.map(floatJson).join(",")}]`;
  if (!isObject(value)) throw new TypeError("no value of JSON");
  return `{${entriesOf(value).map(([key, each]) => `${goQuote(key)}:${floatJson(each)}`).join(",")}}`; // prettier-ignore
}

function floatText(value: NumberValue): string {
  const float = Number(numberText(value));
  return Number.isFinite(float) ? String(float) : numberText(value);
}
