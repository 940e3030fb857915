/** JSON Schema of drafts 4, 6 and 7, read once and then held against documents. */

import type { Re2 } from "@plimsoll/re2";
import type { NumberValue } from "../values/number.ts";

/** The part of an evaluation that reading and checking schemas uses. */
export interface SchemaWork {
  /** Counts steps; throws when the limit is passed. */
  step(count?: number): void;
  /** Counts bytes of a result; throws when the limit is passed. */
  charge(bytes: number): void;
  /** Compiles a pattern in RE2 syntax; undefined for one that is none. */
  pattern(source: string): Re2 | undefined;
}

/** A schema's constraints by keyword; an absent one constrains nothing. */
export interface Schema {
  /** The schemas `true` and `false`. */
  verdict?: boolean;
  /** The schema that `$ref` refers to; keywords beside `$ref` are ignored. */
  reference?: Schema;
  /** The absolute address that `$ref` names. */
  address?: string;
  types: string[];
  properties?: ReadonlyMap<string, Schema>;
  additionalProperties?: boolean | Schema;
  patternProperties?: readonly { readonly pattern: Re2; readonly schema: Schema }[];
  propertyNames?: Schema;
  dependencies?: ReadonlyMap<string, readonly string[] | Schema>;
  required: string[];
  minProperties?: number;
  maxProperties?: number;
  /** One schema for all items, or one for each position. */
  items?: Schema | readonly Schema[];
  additionalItems?: boolean | Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  contains?: Schema;
  multipleOf?: NumberValue;
  minimum?: NumberValue;
  exclusiveMinimum?: NumberValue;
  maximum?: NumberValue;
  exclusiveMaximum?: NumberValue;
  minLength?: number;
  maxLength?: number;
  pattern?: { readonly source: string; readonly expression: Re2 };
  format?: string;
  /** JSON texts of the values that are allowed, numbers as 64-bit floats. */
  constant?: string;
  enumeration?: readonly string[];
  oneOf: Schema[];
  anyOf: Schema[];
  allOf: Schema[];
  not?: Schema;
  if?: Schema;
  then?: Schema;
  else?: Schema;
}

/** A violation of a schema, worded like OPA's. */
export interface SchemaFailure {
  readonly type: string;
  /** The place, members separated by points; `(root)` for the whole document. */
  readonly field: string;
  readonly description: string;
}

/** A schema that cannot be read. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}
