/** Types of documents that JSON Schemas give: by option for `input`, by METADATA blocks for the documents that they name. */

import { compile } from "@plimsoll/re2";
import { readSchema } from "../json-schema/read-schema.ts";
import { SchemaError, type Schema, type SchemaWork } from "../json-schema/schema.ts";
import type { Annotation, Module, Rule } from "../syntax/ast.ts";
import { printPath } from "../syntax/print.ts";
import type { Value } from "../values/value.ts";
import { visit } from "../values/work.ts";
import { groundPath } from "./rule-tree.ts";
import { anything, booleanType, numberType, select, stringType, union, unrolled, type ObjectType, type RecursiveType, type Type } from "./static-types.ts"; // prettier-ignore

/** JSON Schemas by the references that annotations use: `schema` is that of `input`, `schema.a` one with a name. */
export type Schemas = ReadonlyMap<string, unknown>;

/** The reference of the schema of `input`. */
export const inputSchema = "schema";

/** The reference by which annotations name a schema that lies under some names, such as the directories that lead to its file. */
export function schemaName(names: readonly string[]): string {
  return printPath([inputSchema, ...names]);
}

/** A schema that a METADATA block assigns to a document, by reference or inline. */
export interface SchemaAnnotation {
  /** The document, from `input` or `data`. */
  readonly path: readonly string[];
  /** `schema`, `schema.a` … */
  readonly schema?: readonly string[];
  readonly definition?: Readonly<Record<string, unknown>>;
}

const schemaWork: SchemaWork = {
  step: (count = 1) => visit(16 * count),
  charge: () => {},
  pattern: (source) => {
    try {
      return compile(source);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return undefined;
    }
  },
};

/** The type that a schema gives; throws a SchemaError. */
export function typeOfSchema(raw: unknown): Type {
  let schema: Schema;
  try {
    schema = readSchema(raw as Value, schemaWork); // as: it looks at everything before it takes it
  } catch (error) {
    throw error instanceof SchemaError ? new SchemaError(`unable to compile the schema: ${error.message}`) : error;
  }
  try {
    return new SchemaTypes().of(schema);
  } catch (error) {
    throw error instanceof SchemaError ? new SchemaError(`type checking: ${error.message}`) : error;
  }
}

/** One schema that others refer to. */
interface Definition {
  type: Type | undefined;
  /** Made when a part of it refers to the whole. */
  recursive: RecursiveType | undefined;
}

class SchemaTypes {
  readonly #definitions: Map<Schema, Definition> = new Map();

  of(schema: Schema): Type {
    visit(1);
    if (schema.reference !== undefined) return this.#referred(schema.reference, schema.address ?? "");
    if (schema.anyOf.length > 0) return this.#anyOf(schema);
    if (schema.allOf.length > 0) return this.#allOf(schema);
    const types = new Set(schema.types);
    if (types.has("boolean")) return booleanType;
    if (types.has("string")) return stringType;
    if (types.has("integer") || types.has("number")) return numberType;
    if (types.has("object")) return this.#object(schema);
    if (types.has("array")) return this.#array(schema);
    if (types.size === 0 && propertiesOf(schema).length > 0) return this.#object(schema);
    return types.size === 0 && itemsOf(schema).length > 0 ? this.#array(schema) : anything;
  }

  #referred(target: Schema, address: string): Type {
    const known = this.#definitions.get(target);
    if (known?.type !== undefined) return known.type;
    if (known !== undefined) return (known.recursive ??= { kind: "recursive", name: address, type: undefined });
    const definition: Definition = { type: undefined, recursive: undefined };
    this.#definitions.set(target, definition);
    const type = this.of(target);
    definition.type = type;
    // One that refers to nothing but itself says nothing.
    if (definition.recursive !== undefined) definition.recursive.type = unrolled(type) ?? anything;
    return type;
  }

  #object(schema: Schema): ObjectType {
    const fields = propertiesOf(schema).map(([name, each]) => [name, this.of(each)] as const);
    return { kind: "object", fields, rest: fields.length > 0 ? undefined : { key: anything, value: anything } };
  }

  #array({ items }: Schema): Type {
    if (items === undefined) return { kind: "array", items: [], rest: anything };
    if (!isList(items)) return { kind: "array", items: [], rest: this.of(items) };
    if (items.length === 0) return { kind: "array", items: [], rest: anything };
    return { kind: "array", items: items.map((each) => this.of(each)), rest: undefined };
  }

  #anyOf(schema: Schema): Type {
    let type: Type | undefined;
    if (schema.types.length > 0) {
      const core = this.of({ ...schema, anyOf: [] });
      if (core.kind === "object" && core.fields.length > 0 && core.rest === undefined) type = core;
    }
    for (const each of schema.anyOf) type = union(this.of(each), type);
    return type ?? anything;
  }

  #allOf(schema: Schema): Type {
    const parts = schema.allOf
      .map((each) => resolved(each))
      .filter((each) => !(each.types.length === 0 && each.anyOf.length > 0 && !hasMembers(each)));
    if (parts.length === 0) return anything;
    const merged = mergedSchemas(parts);
    if (schema.types.length === 0) return this.of(merged);
    const both = (name: string): boolean => schema.types.includes(name) && merged.types.includes(name);
    if (both("object") || both("array")) return this.of(mergedSchemas([merged, { ...schema, allOf: [] }]));
    if (typesText(schema) !== typesText(merged)) throw new SchemaError("unable to merge these schemas");
    return this.of(merged);
  }
}

/** What a chain of references ends in. */
function resolved(schema: Schema): Schema {
  const seen = new Set<Schema>();
  let current = schema;
  while (current.reference !== undefined && !seen.has(current)) {
    seen.add(current);
    current = current.reference;
  }
  return current;
}

function propertiesOf({ properties }: Schema): (readonly [string, Schema])[] {
  return [...(properties ?? [])];
}

function isList(items: Schema | readonly Schema[]): items is readonly Schema[] {
  return Array.isArray(items);
}

function itemsOf({ items }: Schema): readonly Schema[] {
  return items === undefined ? [] : isList(items) ? items : [items];
}

function hasMembers(schema: Schema): boolean {
  return propertiesOf(schema).length > 0 || itemsOf(schema).length > 0;
}

function typesText({ types }: Schema): string {
  return types.length === 0 ? "Undefined" : types.length === 1 ? (types[0] ?? "") : `[${types.join(",")}]`;
}

/** One schema for what several ask at once: they must be of the same types, and members of all are asked for. */
function mergedSchemas(schemas: readonly Schema[]): Schema {
  const [first, ...others] = schemas.map(withOwnType) as [Schema, ...Schema[]]; // as: there is at least one
  let merged = first;
  for (const each of others) {
    if (typesText(merged) !== typesText(each))
      throw new SchemaError(
        `unable to merge these schemas: type mismatch: ${typesText(merged)} and ${typesText(each)}`,
      );
    const [own, more] = [propertiesOf(merged), propertiesOf(each)];
    if (merged.types.includes("object") && own.length > 0 && more.length > 0) {
      merged = { ...merged, properties: new Map([...more, ...own]) };
    } else if (merged.types.includes("array") && itemsOf(merged).length > 0 && itemsOf(each).length > 0) {
      merged = { ...merged, items: mergedItems(merged, each) };
    }
  }
  return merged;
}

function mergedItems(one: Schema, other: Schema): Schema | readonly Schema[] {
  const [own, more] = [itemsOf(one), itemsOf(other)];
  for (const [index, each] of more.entries()) {
    const known = own[index];
    if (known !== undefined && typesText(known) !== typesText(each))
      throw new SchemaError("unable to merge these schemas");
  }
  return one.items !== undefined && !isList(one.items) ? one.items : [...own, ...more.slice(own.length)];
}

function withOwnType(schema: Schema): Schema {
  const name = propertiesOf(schema).length > 0 ? "object" : itemsOf(schema).length > 0 ? "array" : undefined;
  return name === undefined || schema.types.includes(name) ? schema : { ...schema, types: [...schema.types, name] };
}

/** The schema annotations of all modules, by their scope. */
export class AnnotatedSchemas {
  readonly #subpackages: Map<string, SchemaAnnotation[]> = new Map();
  readonly #packages: Map<string, SchemaAnnotation[]> = new Map();
  readonly #documents: Map<string, SchemaAnnotation[]> = new Map();

  constructor(modules: readonly Module[]) {
    for (const module of modules) {
      for (const each of module.annotations) {
        if (each.scope === "subpackages") add(this.#subpackages, module.package, each);
        if (each.scope === "package") add(this.#packages, module.package, each);
      }
      const seen = new Set<Annotation>();
      for (const rule of module.rules) {
        for (const each of rule.annotations) {
          if (each.scope !== "document" || seen.has(each)) continue;
          seen.add(each);
          add(this.#documents, groundPath(rule), each);
        }
      }
    }
  }

  /** No module tells of more than itself. */
  get #isEmpty(): boolean {
    return this.#subpackages.size === 0 && this.#packages.size === 0 && this.#documents.size === 0;
  }

  /** The annotations that apply to a rule, from the enclosing packages to the rule itself. */
  for(rule: Rule): SchemaAnnotation[] {
    const { package: path, annotations } = rule.module;
    if (annotations.length === 0 && this.#isEmpty) return [];
    const around = path.flatMap((_, index) => this.#subpackages.get(keyOf(path.slice(0, index + 1))) ?? []);
    const own = rule.annotations.filter(({ scope }) => scope === "rule");
    return [
      ...around,
      ...(this.#packages.get(keyOf(path)) ?? []),
      ...(this.#documents.get(keyOf(groundPath(rule))) ?? []),
      ...own.flatMap(schemasOf),
    ];
  }
}

function keyOf(path: readonly Value[]): string {
  return JSON.stringify(path.map(String));
}

function add(to: Map<string, SchemaAnnotation[]>, path: readonly Value[], annotation: Annotation): void {
  const schemas = schemasOf(annotation);
  if (schemas.length > 0) to.set(keyOf(path), [...(to.get(keyOf(path)) ?? []), ...schemas]);
}

function schemasOf({ fields }: Annotation): SchemaAnnotation[] {
  return (fields["schemas"] ?? []) as SchemaAnnotation[]; // as: made by the reader of METADATA blocks
}

/** The text of a reference to a schema. */
export function schemaReference(annotation: SchemaAnnotation): string | undefined {
  return annotation.schema === undefined ? undefined : printPath(annotation.schema);
}

/** A type in which the document at a path has another one; the rest of it stays as it is. */
export function withTypeAt(type: Type | undefined, path: readonly string[], other: Type): Type {
  const [name, ...rest] = path;
  if (name === undefined) return other;
  const object = unrolled(type);
  if (object?.kind !== "object") return nestedType(path, other, { key: anything, value: anything });
  const known = object.fields.some(([key]) => key === name);
  if (!known) {
    const added = nestedType(path, other, object.rest);
    return { ...object, fields: [...object.fields, ...added.fields] };
  }
  const fields = object.fields.map(([key, field]) =>
    key === name ? ([key, withTypeAt(select(object, name), rest, other)] as const) : ([key, field] as const),
  );
  return { ...object, fields };
}

function nestedType(path: readonly string[], type: Type, rest: ObjectType["rest"]): ObjectType {
  const [name, ...inner] = path;
  return { kind: "object", fields: [[name ?? "", inner.length === 0 ? type : nestedType(inner, type, rest)]], rest };
}
