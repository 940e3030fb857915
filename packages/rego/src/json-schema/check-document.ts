/** Holds a document against a schema; failures come in OPA's order and words. */

import { compareNumbers, decimalOf, isInteger, type NumberValue } from "../values/number.ts";
import { isArray, isNumber, isObject, objectEntries, objectGet, objectKeys, objectSize, type ObjectValue, type Value } from "../values/value.ts"; // prettier-ignore
import { hasFormat } from "./formats.ts";
import { floatJson } from "./read-schema.ts";
import type { Schema, SchemaFailure, SchemaWork } from "./schema.ts";

const root = "(Root)";

/** All violations of a schema by a document. */
export function checkDocument(schema: Schema, document: Value, work: SchemaWork): readonly SchemaFailure[] {
  return new DocumentCheck(work).check(schema, document, root).failures;
}

/** What became of one schema; of alternatives that all fail, the failures of the one that fits best are told. */
class Outcome {
  readonly failures: SchemaFailure[] = [];
  score = 0;

  get holds(): boolean {
    return this.failures.length === 0;
  }

  take(other: Outcome): void {
    for (const failure of other.failures) this.failures.push(failure);
    this.score += other.score;
  }
}

function better(best: Outcome | undefined, other: Outcome): Outcome {
  return best === undefined || other.score > best.score ? other : best;
}

class DocumentCheck {
  readonly #work: SchemaWork;

  constructor(work: SchemaWork) {
    this.#work = work;
  }

  check(schema: Schema, value: Value, place: string): Outcome {
    const outcome = new Outcome();
    this.#check(schema, value, place, outcome);
    return outcome;
  }

  #fail(outcome: Outcome, place: string, type: string, description: string): void {
    const field = place.startsWith(`${root}.`) ? place.slice(root.length + 1) : place;
    this.#work.charge(64 + 2 * (field.length + description.length));
    outcome.failures.push({ type, field, description });
    outcome.score -= 2;
  }

  #check(schema: Schema, value: Value, place: string, outcome: Outcome): void {
    this.#work.step(1 + (place.length >> 6));
    if (schema.verdict !== undefined) {
      if (!schema.verdict) this.#fail(outcome, place, "false", "False always fails validation");
      return;
    }
    if (schema.reference !== undefined) {
      this.#check(schema.reference, value, place, outcome);
      return;
    }
    const given = typeOf(value);
    const { types } = schema;
    if (types.length > 0 && !types.includes(given) && !(given === "integer" && types.includes("number"))) {
      const expected = types.length > 1 ? `[${types.join(",")}]` : types[0];
      this.#fail(outcome, place, "invalid_type", `Invalid type. Expected: ${expected}, given: ${given}`);
      return;
    }
    this.#combinations(schema, value, place, outcome);
    if (isNumber(value)) this.#number(schema, value, place, outcome);
    if (isArray(value)) this.#array(schema, value, place, outcome);
    else if (isObject(value)) this.#object(schema, value, place, outcome);
    this.#common(schema, value, place, outcome);
    if (typeof value === "string") this.#text(schema, value, place, outcome);
    if (isObject(value)) {
      for (const [name, property] of schema.properties ?? []) {
        const member = objectGet(value, name);
        if (member !== undefined) this.#check(property, member, `${place}.${name}`, outcome);
      }
    }
    outcome.score++;
  }

  #combinations(schema: Schema, value: Value, place: string, outcome: Outcome): void {
    if (schema.anyOf.length > 0) this.#anyOf(schema.anyOf, value, place, outcome);
    if (schema.oneOf.length > 0) this.#oneOf(schema.oneOf, value, place, outcome);
    if (schema.allOf.length > 0) {
      const each = schema.allOf.map((one) => this.check(one, value, place));
      for (const one of each) outcome.take(one);
      if (!each.every((one) => one.holds))
        this.#fail(outcome, place, "number_all_of", "Must validate all the schemas (allOf)");
    }
    if (schema.not !== undefined && this.check(schema.not, value, place).holds)
      this.#fail(outcome, place, "number_not", "Must not validate the schema (not)");
    if (schema.dependencies !== undefined && isObject(value)) this.#dependencies(schema, value, place, outcome);
    if (schema.if !== undefined) this.#condition(schema, schema.if, value, place, outcome);
    outcome.score++;
  }

  #anyOf(schemas: readonly Schema[], value: Value, place: string, outcome: Outcome): void {
    let best: Outcome | undefined;
    for (const each of schemas) {
      const one = this.check(each, value, place);
      if (one.holds) return;
      best = better(best, one);
    }
    this.#fail(outcome, place, "number_any_of", "Must validate at least one schema (anyOf)");
    if (best !== undefined) outcome.take(best);
  }

  #oneOf(schemas: readonly Schema[], value: Value, place: string, outcome: Outcome): void {
    let holding = 0;
    let best: Outcome | undefined;
    for (const each of schemas) {
      const one = this.check(each, value, place);
      if (one.holds) holding++;
      else if (holding === 0) best = better(best, one);
    }
    if (holding === 1) return;
    this.#fail(outcome, place, "number_one_of", "Must validate one and only one schema (oneOf)");
    if (holding === 0 && best !== undefined) outcome.take(best);
  }

  #dependencies(schema: Schema, value: ObjectValue, place: string, outcome: Outcome): void {
    for (const key of objectKeys(value)) {
      const dependency = schema.dependencies?.get(String(key));
      if (dependency === undefined) continue;
      if (!isNameList(dependency)) {
        this.#check(dependency, value, place, outcome);
        continue;
      }
      for (const name of dependency) {
        if (objectGet(value, name) === undefined)
          this.#fail(outcome, place, "missing_dependency", `Has a dependency on ${name}`);
      }
    }
  }

  #condition(schema: Schema, condition: Schema, value: Value, place: string, outcome: Outcome): void {
    const holds = this.check(condition, value, place).holds;
    const consequence = holds ? schema.then : schema.else;
    if (consequence === undefined) return;
    const result = this.check(consequence, value, place);
    if (result.holds) return;
    if (holds) this.#fail(outcome, place, "condition_then", `Must validate "then" as "if" was valid`);
    else this.#fail(outcome, place, "condition_else", `Must validate "else" as "if" was not valid`);
    outcome.take(result);
  }

  #common(schema: Schema, value: Value, place: string, outcome: Outcome): void {
    const field = place.startsWith(`${root}.`) ? place.slice(root.length + 1) : place;
    if (schema.constant !== undefined && this.#json(value) !== schema.constant)
      this.#fail(outcome, place, "const", `${field} does not match: ${schema.constant}`);
    if (schema.enumeration !== undefined && !schema.enumeration.includes(this.#json(value))) {
      const allowed = schema.enumeration.join(", ");
      this.#fail(outcome, place, "enum", `${field} must be one of the following: ${allowed}`);
    }
    if (schema.format !== undefined && typeof value === "string") {
      this.#work.step(1 + (value.length >> 5));
      if (!hasFormat(schema.format, value, this.#work))
        this.#fail(outcome, place, "format", `Does not match format '${schema.format}'`);
    }
    outcome.score++;
  }

  #json(value: Value): string {
    const text = floatJson(value);
    this.#work.step(1 + (text.length >> 5));
    return text;
  }

  #array(schema: Schema, value: readonly Value[], place: string, outcome: Outcome): void {
    const { items } = schema;
    if (items !== undefined && !isSchemaList(items)) {
      for (const [index, item] of value.entries()) outcome.take(this.check(items, item, `${place}.${index}`));
    } else if (items !== undefined && items.length > 0) {
      for (const [index, schemaOfItem] of items.slice(0, value.length).entries())
        outcome.take(this.check(schemaOfItem, value[index] ?? null, `${place}.${index}`));
      this.#furtherItems(schema, items.length, value, place, outcome);
    }
    if (schema.minItems !== undefined && value.length < schema.minItems)
      this.#fail(outcome, place, "array_min_items", `Array must have at least ${schema.minItems} items`);
    if (schema.maxItems !== undefined && value.length > schema.maxItems)
      this.#fail(outcome, place, "array_max_items", `Array must have at most ${schema.maxItems} items`);
    if (schema.uniqueItems === true) this.#unique(value, place, outcome);
    if (schema.contains !== undefined) this.#contains(schema.contains, value, place, outcome);
    outcome.score++;
  }

  #furtherItems(schema: Schema, from: number, value: readonly Value[], place: string, outcome: Outcome): void {
    const { additionalItems } = schema;
    if (from >= value.length || additionalItems === undefined || additionalItems === true) return;
    if (additionalItems === false) {
      this.#fail(outcome, place, "array_no_additional_items", "No additional items allowed on array");
      return;
    }
    for (const [index, item] of value.entries())
      if (index >= from) outcome.take(this.check(additionalItems, item, `${place}.${index}`));
  }

  #unique(value: readonly Value[], place: string, outcome: Outcome): void {
    const seen = new Map<string, number>();
    for (const [index, item] of value.entries()) {
      const text = this.#json(item);
      const before = seen.get(text);
      if (before !== undefined) this.#fail(outcome, place, "unique", `array items[${before},${index}] must be unique`);
      seen.set(text, index);
    }
  }

  #contains(schema: Schema, value: readonly Value[], place: string, outcome: Outcome): void {
    let best: Outcome | undefined;
    for (const [index, item] of value.entries()) {
      const one = this.check(schema, item, `${place}.${index}`);
      if (one.holds) return;
      best = better(best, one);
    }
    this.#fail(outcome, place, "contains", "At least one of the items must match");
    if (best !== undefined) outcome.take(best);
  }

  #object(schema: Schema, value: ObjectValue, place: string, outcome: Outcome): void {
    const { minProperties, maxProperties } = schema;
    const size = objectSize(value);
    if (minProperties !== undefined && size < minProperties)
      this.#fail(outcome, place, "array_min_properties", `Must have at least ${minProperties} properties`);
    if (maxProperties !== undefined && size > maxProperties)
      this.#fail(outcome, place, "array_max_properties", `Must have at most ${maxProperties} properties`);
    for (const name of schema.required) {
      if (objectGet(value, name) === undefined) this.#fail(outcome, place, "required", `${name} is required`);
      else outcome.score++;
    }
    for (const [name, member] of objectEntries(value)) this.#member(schema, String(name), member, place, outcome);
    if (schema.propertyNames !== undefined) {
      for (const name of objectKeys(value).map(String)) {
        const result = this.check(schema.propertyNames, name, place);
        if (result.holds) continue;
        this.#fail(outcome, place, "invalid_property_name", `Property name of "${name}" does not match`);
        outcome.take(result);
      }
    }
    outcome.score++;
  }

  /** A member that neither its name nor a pattern describes is an additional one. */
  #member(schema: Schema, name: string, value: Value, place: string, outcome: Outcome): void {
    const matching = (schema.patternProperties ?? []).filter(({ pattern }) => {
      this.#work.step(1 + (name.length >> 5));
      return pattern.test(name);
    });
    for (const each of matching) outcome.take(this.check(each.schema, value, `${place}.${name}`));
    if (matching.length > 0) outcome.score++;
    const { additionalProperties } = schema;
    if (matching.length > 0 || schema.properties?.has(name) === true || additionalProperties === undefined) return;
    if (typeof additionalProperties !== "boolean")
      outcome.take(this.check(additionalProperties, value, `${place}.${name}`));
    else if (!additionalProperties)
      this.#fail(outcome, place, "additional_property_not_allowed", `Additional property ${name} is not allowed`);
  }

  #text(schema: Schema, value: string, place: string, outcome: Outcome): void {
    const { minLength, maxLength, pattern } = schema;
    if (minLength !== undefined || maxLength !== undefined) {
      this.#work.step(1 + (value.length >> 5));
      let length = 0;
      for (const _ of value) length++;
      if (minLength !== undefined && length < minLength)
        this.#fail(outcome, place, "string_gte", `String length must be greater than or equal to ${minLength}`);
      if (maxLength !== undefined && length > maxLength)
        this.#fail(outcome, place, "string_lte", `String length must be less than or equal to ${maxLength}`);
    }
    if (pattern !== undefined) {
      this.#work.step(1 + (value.length >> 5));
      if (!pattern.expression.test(value))
        this.#fail(outcome, place, "pattern", `Does not match pattern '${pattern.source}'`);
    }
    outcome.score++;
  }

  #number(schema: Schema, value: NumberValue, place: string, outcome: Outcome): void {
    const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema;
    if (multipleOf !== undefined && !isMultiple(value, multipleOf))
      this.#fail(outcome, place, "multiple_of", `Must be a multiple of ${bigFloatText(multipleOf)}`);
    if (maximum !== undefined && compareNumbers(value, maximum) > 0)
      this.#fail(outcome, place, "number_lte", `Must be less than or equal to ${bigFloatText(maximum)}`);
    if (exclusiveMaximum !== undefined && compareNumbers(value, exclusiveMaximum) >= 0)
      this.#fail(outcome, place, "number_lt", `Must be less than ${bigFloatText(exclusiveMaximum)}`);
    if (minimum !== undefined && compareNumbers(value, minimum) < 0)
      this.#fail(outcome, place, "number_gte", `Must be greater than or equal to ${bigFloatText(minimum)}`);
    if (exclusiveMinimum !== undefined && compareNumbers(value, exclusiveMinimum) <= 0)
      this.#fail(outcome, place, "number_gt", `Must be greater than ${bigFloatText(exclusiveMinimum)}`);
    outcome.score++;
  }
}

function isNameList(dependency: readonly string[] | Schema): dependency is readonly string[] {
  return Array.isArray(dependency);
}

function isSchemaList(items: Schema | readonly Schema[]): items is readonly Schema[] {
  return Array.isArray(items);
}

function typeOf(value: Value): string {
  if (value === null) return "null";
  if (isNumber(value)) return isInteger(value) ? "integer" : "number";
  if (isArray(value)) return "array";
  return typeof value === "object" ? "object" : typeof value;
}

/** Whether a number is another one times an integer, exactly and without ever writing out a large power of ten. */
function isMultiple(value: NumberValue, of: NumberValue): boolean {
  const [a, b] = [decimalOf(value), decimalOf(of)];
  if (a.digits === 0n) return true;
  const shift = a.exponent - b.exponent;
  if (shift >= 0) return (a.digits * powerModulo(BigInt(shift), b.digits)) % b.digits === 0n;
  // The digits end in no zero, so with the larger divisor there is a remainder.
  if (-shift > a.digits.toString().length) return false;
  return a.digits % (b.digits * 10n ** BigInt(-shift)) === 0n;
}

/** 10^exponent modulo a number. */
function powerModulo(exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let base = 10n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

/** A number as Go prints a `big.Float`: with an exponent below 10^-4 and from 10^6 on. */
function bigFloatText(value: NumberValue): string {
  const { digits, exponent } = decimalOf(value);
  const sign = digits < 0n ? "-" : "";
  const text = (digits < 0n ? -digits : digits).toString();
  const power = text.length - 1 + exponent;
  if (power < -4 || power >= 6) {
    const fraction = text.length > 1 ? `.${text.slice(1)}` : "";
    return `${sign}${text[0]}${fraction}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (exponent >= 0) return sign + text + "0".repeat(exponent);
  const whole = text.slice(0, Math.max(0, power + 1));
  const fraction = text.slice(whole.length).padStart(-exponent, "0");
  return `${sign}${whole === "" ? "0" : whole}.${fraction}`;
}
