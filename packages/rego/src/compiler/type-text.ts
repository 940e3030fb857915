/** Static types as OPA writes them: in messages, shortened where they would be too long, and in JSON. */

import { compareValues, type Value } from "../values/value.ts";
import { jsonText } from "../values/text.ts";
import type { ArrayType, FunctionType, ObjectType, Type } from "./static-types.ts";

/** A type with the name of an argument. */
export interface NamedType {
  readonly name: string | undefined;
  readonly type: Type | undefined;
}

/** A line wider than this is written again with parts left out. */
const widestLine = 80;
/** A type that is not what differs is written whole up to this length. */
const widestPart = 32;
const deepestDifference = 8;
const left = "...";

/**
 * Types have parts in common, so that one may be as long as 2^40 parts when it is written out: no text is of more parts than
 * these.
 */
const mostParts = 2000;

/** How many parts may still be written. */
interface Room {
  left: number;
}

/** A type as text; `???` for what is not known. */
export function typeText(type: Type | undefined): string {
  return shortened(type, Infinity);
}

function named({ name, type }: NamedType, text: (type: Type | undefined) => string): string {
  return name === undefined ? text(type) : `${name}: ${text(type)}`;
}

function arrayText(items: readonly string[], rest: string | undefined): string {
  return `array${items.length === 0 ? "" : `<${items.join(", ")}>`}${rest === undefined ? "" : `[${rest}]`}`;
}

function objectText(fields: readonly string[], rest: string | undefined): string {
  return `object${fields.length === 0 ? "" : `<${fields.join(", ")}>`}${rest === undefined ? "" : `[${rest}]`}`;
}

function anyText(members: readonly string[]): string {
  return members.length === 0 ? "any" : `any<${members.join(", ")}>`;
}

function keyText(key: Value): string {
  return typeof key === "string" ? key : jsonText(key);
}

/** A type with what is nested deeper than so many levels left out. */
function shortened(type: Type | undefined, depth: number, room: Room = { left: mostParts }): string {
  if (room.left-- <= 0) return left;
  const inner = (each: Type | undefined): string => shortened(each, depth - 1, room);
  const isCut = depth === 0;
  if (type === undefined) return "???";
  switch (type.kind) {
    case "unknown":
      return "???";
    case "recursive":
      return `recursive(${type.name})`;
    case "set":
      if (type.of === undefined) return "set";
      return `set[${isCut ? left : inner(type.of)}]`;
    case "array":
      return arrayText(
        isCut && type.items.length > 0 ? [left] : type.items.map(inner),
        type.rest === undefined ? undefined : isCut ? left : inner(type.rest),
      );
    case "object":
      return objectText(
        isCut && type.fields.length > 0
          ? [left]
          : sorted(type).map(([key, field]) => `${keyText(key)}: ${inner(field)}`),
        type.rest === undefined ? undefined : isCut ? left : `${inner(type.rest.key)}: ${inner(type.rest.value)}`,
      );
    case "any":
      return anyText(isCut && type.of.length > 0 ? [left] : type.of.map(inner));
    case "function": {
      const args = [...type.args.map(inner), ...(type.variadic === undefined ? [] : [`${inner(type.variadic)}...`])];
      if (!isCut) return `(${args.join(", ")}) => ${inner(type.result)}`;
      return `(${args.length > 0 ? left : ""}) => ${type.result === undefined ? "???" : left}`;
    }
    default:
      return type.kind;
  }
}

function sorted(type: ObjectType): (readonly [Value, Type])[] {
  return [...type.fields].sort(([a], [b]) => compareValues(a, b));
}

/** A type whole where it is short, else what it is only. */
function part(type: Type | undefined): string {
  const text = typeText(type);
  return [...text].length <= widestPart ? text : shortened(type, 0);
}

/** Two types with what is the same in both left out. */
function difference(a: Type | undefined, b: Type | undefined, depth = 0): [string, string] {
  if (depth >= deepestDifference || a === undefined || b === undefined || typeText(a) === typeText(b))
    return [part(a), part(b)];
  if (a.kind === "set" && b.kind === "set" && a.of !== undefined && b.of !== undefined) {
    const [x, y] = difference(a.of, b.of, depth + 1);
    return [`set[${x}]`, `set[${y}]`];
  }
  if (a.kind === "array" && b.kind === "array") return arrayDifference(a, b, depth);
  if (a.kind === "object" && b.kind === "object") return objectDifference(a, b, depth);
  if (a.kind === "any" && b.kind === "any") {
    const inB = new Set(b.of.map(typeText));
    const inA = new Set(a.of.map(typeText));
    const onlyA = a.of.filter((each) => !inB.has(typeText(each)));
    const onlyB = b.of.filter((each) => !inA.has(typeText(each)));
    const cut = onlyA.length < a.of.length ? [left] : [];
    return [anyText([...onlyA.map(part), ...cut]), anyText([...onlyB.map(part), ...cut])];
  }
  if (a.kind === "function" && b.kind === "function" && a.args.length === b.args.length)
    return functionDifference(a, b, depth);
  return [part(a), part(b)];
}

function functionDifference(a: FunctionType, b: FunctionType, depth: number): [string, string] {
  const args = a.args.map((arg, index) => difference(arg, b.args[index], depth + 1));
  const [x, y] = difference(a.result, b.result, depth + 1);
  return [`(${args.map(([one]) => one).join(", ")}) => ${x}`, `(${args.map(([, two]) => two).join(", ")}) => ${y}`];
}

function arrayDifference(a: ArrayType, b: ArrayType, depth: number): [string, string] {
  if (a.items.length !== b.items.length || (a.rest === undefined) !== (b.rest === undefined))
    return [shortened(a, 1), shortened(b, 1)];
  const items = a.items.map((item, index) => difference(item, b.items[index], depth + 1));
  const rest = a.rest === undefined ? undefined : difference(a.rest, b.rest, depth + 1);
  return [
    arrayText(
      items.map(([one]) => one),
      rest?.[0],
    ),
    arrayText(
      items.map(([, two]) => two),
      rest?.[1],
    ),
  ];
}

function objectDifference(a: ObjectType, b: ObjectType, depth: number): [string, string] {
  const one: string[] = [];
  const two: string[] = [];
  let cut = false;
  const [fieldsA, fieldsB] = [fieldsByKey(a), fieldsByKey(b)];
  for (const [name, key] of sorted({ ...a, fields: [...a.fields, ...b.fields] }).map(
    ([each]) => [jsonText(each), each] as const,
  )) {
    const [inA, inB] = [fieldsA.get(name), fieldsB.get(name)];
    fieldsA.delete(name);
    fieldsB.delete(name);
    if (inA !== undefined && inB !== undefined && typeText(inA) === typeText(inB)) cut = true;
    else if (inA !== undefined && inB !== undefined) {
      const [x, y] = difference(inA, inB, depth + 1);
      one.push(`${keyText(key)}: ${x}`);
      two.push(`${keyText(key)}: ${y}`);
    } else if (inA !== undefined) one.push(`${keyText(key)}: ${part(inA)}`);
    else if (inB !== undefined) two.push(`${keyText(key)}: ${part(inB)}`);
  }
  if (cut) {
    one.push(left);
    two.push(left);
  }
  if (a.rest === undefined || b.rest === undefined) return [objectText(one, restText(a)), objectText(two, restText(b))];
  const [keyA, keyB] = difference(a.rest.key, b.rest.key, depth + 1);
  const [valueA, valueB] = difference(a.rest.value, b.rest.value, depth + 1);
  return [objectText(one, `${keyA}: ${valueA}`), objectText(two, `${keyB}: ${valueB}`)];
}

function fieldsByKey(type: ObjectType): Map<string, Type> {
  return new Map(type.fields.map(([key, field]) => [jsonText(key), field]));
}

function restText({ rest }: ObjectType): string | undefined {
  return rest === undefined ? undefined : `${part(rest.key)}: ${part(rest.value)}`;
}

function isTooWide(...lines: readonly string[]): boolean {
  return lines.some((line) => [...line].length > widestLine);
}

/** The lines for arguments that do not fit; `fits` tells which do. */
export function argumentLines(
  have: readonly (Type | undefined)[],
  want: readonly NamedType[],
  variadic: Type | undefined,
  fits: (have: Type, want: Type) => boolean,
): string[] {
  const line = (texts: readonly string[]): string => `(${texts.join(", ")})`;
  const more = variadic === undefined ? [] : [`${typeText(variadic)}...`];
  const haveLine = `have: ${line(have.map(typeText))}`;
  const wantLine = `want: ${line([...want.map((each) => named(each, typeText)), ...more])}`;
  if (!isTooWide(haveLine, wantLine)) return [haveLine, wantLine];
  const haves = have.map(part);
  const wants = want.map((each) => (isShort(each) ? named(each, typeText) : named(each, (type) => shortened(type, 0))));
  for (let index = 0; index < Math.min(have.length, want.length); index++) {
    const [a, b] = [have[index], want[index] as NamedType]; // as: below both lengths
    if (a !== undefined && b.type !== undefined && fits(a, b.type)) continue;
    const [x, y] = difference(a, b.type);
    haves[index] = x;
    wants[index] = named(b, () => y);
  }
  return [
    `have: ${line(haves)}`,
    `want: ${line([...wants, ...(variadic === undefined ? [] : [`${part(variadic)}...`])])}`,
  ];
}

function isShort(each: NamedType): boolean {
  return [...named(each, typeText)].length <= widestPart;
}

const matchErrors = "https://www.openpolicyagent.org/docs/errors/rego-type-error/match-error";
const pluralKinds: Readonly<Record<string, string>> = { object: "objects", array: "arrays", set: "sets" };

/** The lines for two types that cannot be equal. */
export function mismatchLines(a: Type | undefined, b: Type | undefined): string[] {
  let lines = [`left  : ${typeText(a)}`, `right : ${typeText(b)}`];
  if (isTooWide(...lines)) {
    const [x, y] = difference(a, b);
    lines = [`left  : ${x}`, `right : ${y}`];
  }
  const kinds =
    a !== undefined && a.kind === b?.kind && Object.hasOwn(pluralKinds, a.kind) ? pluralKinds[a.kind] : undefined;
  if (kinds !== undefined)
    lines.push(
      `hint  : both sides are ${kinds} but their types differ, so they can never be equal (see ${matchErrors})`,
    );
  return lines;
}

/** A type in JSON as OPA writes it: names in alphabetical order; null for what is not known. */
export function typeJson(type: Type | undefined, room: Room = { left: mostParts }): unknown {
  if (type === undefined || room.left-- <= 0) return null;
  const inner = (each: Type | undefined): unknown => typeJson(each, room);
  switch (type.kind) {
    case "unknown":
      return null;
    case "recursive":
      return { name: type.name };
    case "array":
      return {
        ...(type.rest === undefined ? {} : { dynamic: inner(type.rest) }),
        ...(type.items.length === 0 ? {} : { static: type.items.map(inner) }),
        type: "array",
      };
    case "object":
      return {
        ...(type.rest === undefined ? {} : { dynamic: { key: inner(type.rest.key), value: inner(type.rest.value) } }),
        ...(type.fields.length === 0
          ? {}
          : {
              static: sorted(type).map(([key, field]) => ({
                // Written by jsonText.
                key: JSON.parse(jsonText(key)) as unknown,
                value: inner(field),
              })),
            }),
        type: "object",
      };
    case "set":
      return { ...(type.of === undefined ? {} : { of: inner(type.of) }), type: "set" };
    case "any":
      return { ...(type.of.length === 0 ? {} : { of: type.of.map(inner) }), type: "any" };
    case "function":
      return {
        ...(type.args.length === 0 ? {} : { args: type.args.map(inner) }),
        ...(type.result === undefined ? {} : { result: inner(type.result) }),
        type: "function",
        ...(type.variadic === undefined ? {} : { variadic: inner(type.variadic) }),
      };
    default:
      return { type: type.kind };
  }
}

/** A named argument in JSON. */
export function namedTypeJson({ name, type }: NamedType): unknown {
  const json = typeJson(type);
  if (name === undefined || typeof json !== "object" || json === null) return json;
  const fields = Object.entries({ ...json, name });
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
