import { tests as suite } from "@bufbuild/cel-spec/testdata/conformance.js";
import { describe, expect, test } from "vitest";
import { compile, type CelProgram } from "./compile.ts";
import { equal } from "./equality.ts";
import { method, overload } from "./functions/define.ts";
import { formatType, parseType } from "./type-terms.ts";
import {
  CelDouble,
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isList,
  isMap,
  ValueList,
  ValueMap,
  type CelValue,
} from "./values.ts";

// The published conformance tests (cel-expr/cel-spec, as @bufbuild/cel-spec ships them).

interface Case {
  readonly name: string;
  readonly expr: string;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
  readonly disableMacros?: boolean;
  readonly typeEnv?: readonly {
    readonly name: string;
    readonly ident?: { readonly type?: unknown };
    readonly function?: { readonly overloads?: readonly DeclaredOverload[] };
  }[];
  readonly bindings?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly value?: unknown;
  readonly typedResult?: { readonly result?: unknown; readonly deducedType?: unknown };
  readonly evalError?: unknown;
}

interface DeclaredOverload {
  readonly params?: readonly unknown[];
  readonly resultType?: unknown;
  readonly isInstanceFunction?: boolean;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Case }[];
}

/** Protobuf messages other than the well-known scalars are refused: no Kubernetes object is one. */
const refusedSections: ReadonlyMap<string, string> = new Map(
  [
    ["proto2", "protobuf messages"],
    ["proto2_ext", "protobuf extensions"],
    ["proto3", "protobuf messages"],
    ["enums", "protobuf enums"],
    ["dynamic", "protobuf wrappers and Any as message fields"],
    ["wrappers", "protobuf wrappers"],
    ["comparisons/eq_wrapper", "protobuf wrappers"],
    ["type_deductions/wrappers", "protobuf wrappers"],
    ["type_deductions/legacy_nullable_types", "protobuf messages"],
  ].map(([section = "", reason = ""]) => [section, reason]),
);

/** Single cases outside of those sections that make or read a protobuf message. */
function refusal(section: string, { expr, typeEnv, bindings, container, disableCheck }: Case): string | undefined {
  for (const [refused, reason] of refusedSections)
    if (section === refused || section.startsWith(`${refused}/`)) return reason;
  const text = `${expr} ${JSON.stringify(typeEnv ?? "")} ${JSON.stringify(bindings ?? "")} ${container ?? ""}`;
  if (/\btuple\(|\bsort\(/.test(expr)) return "types of a library that take parameters";
  if (disableCheck === true && /"[\w.]+\.\w+":/.test(JSON.stringify(bindings ?? "")))
    return "dotted names of variables that are not declared";
  return /TestAllTypes|NestedTestAllTypes|google\.protobuf\.(?!Timestamp\b|Duration\b)|google\.protobuf\.\w+\s*\{/.test(
    text,
  )
    ? "protobuf messages"
    : undefined;
}

function* cases(at: Suite, path: string): Iterable<readonly [string, Case]> {
  for (const { original } of at.tests ?? []) yield [path, original];
  for (const inner of at.suites ?? []) yield* cases(inner, path === "" ? inner.name : `${path}/${inner.name}`);
}

type Json = Readonly<Record<string, never>>;

function typeOf(json: unknown): string {
  const type = json as Record<string, never> | undefined;
  if (type === undefined || "dyn" in type) return "dyn";
  if ("primitive" in type)
    return String(type["primitive"]).toLowerCase().replace("int64", "int").replace("uuint", "uint");
  if ("wrapper" in type) return `wrapper(${typeOf({ primitive: type["wrapper"] })})`;
  if ("null" in type) return "null";
  if ("wellKnown" in type) return String(type["wellKnown"]) === "ANY" ? "dyn" : String(type["wellKnown"]).toLowerCase();
  if ("messageType" in type && /\.(Timestamp|Duration)$/.test(String(type["messageType"])))
    return String(type["messageType"]).endsWith("Timestamp") ? "timestamp" : "duration";
  if ("listType" in type) return `list(${typeOf((type["listType"] as Json)["elemType"])})`;
  if ("mapType" in type) {
    const map = type["mapType"] as Json;
    return `map(${typeOf(map["keyType"])}, ${typeOf(map["valueType"])})`;
  }
  if ("type" in type) return `type(${typeOf(type["type"])})`;
  if ("typeParam" in type) return "dyn";
  if ("abstractType" in type) {
    const named = type["abstractType"] as { readonly name: string; readonly parameterTypes?: readonly unknown[] };
    if (named.name === "optional_type") return `optional(${typeOf(named.parameterTypes?.[0])})`;
  }
  throw new Error(`no type: ${JSON.stringify(json)}`);
}

function valueOf(json: unknown): CelValue {
  const [[kind, value] = ["", undefined]] = Object.entries(json as Record<string, unknown>);
  switch (kind) {
    case "nullValue":
      return null;
    case "boolValue":
      return value as boolean;
    case "stringValue":
      return value as string;
    case "int64Value":
      return BigInt(value as string);
    case "uint64Value":
      return new CelUint(BigInt(value as string));
    case "doubleValue":
      return new CelDouble(Number(value));
    case "bytesValue":
      return Uint8Array.from(atob(value as string), (character) => character.charCodeAt(0));
    case "typeValue":
      return new CelTypeValue(value as string);
    case "listValue":
      return new ValueList(((value as { values?: readonly unknown[] }).values ?? []).map(valueOf));
    case "mapValue":
      return new ValueMap(
        ((value as { entries?: readonly { key: unknown; value: unknown }[] }).entries ?? []).map((entry) => [
          valueOf(entry.key),
          valueOf(entry.value),
        ]),
      );
    case "objectValue":
      return messageOf(value as Readonly<Record<string, unknown>>);
    default:
      throw new Error(`no value: ${JSON.stringify(json)}`);
  }
}

function messageOf(message: Readonly<Record<string, unknown>>): CelValue {
  const type = String(message["@type"]).replace("type.googleapis.com/", "");
  if (type === "google.protobuf.Timestamp" || type === "google.protobuf.Duration") {
    const made = compile(type.endsWith("Timestamp") ? "timestamp(text)" : "duration(text)");
    return made.run({ text: message["value"] }).value;
  }
  throw new Error(`no value: ${JSON.stringify(message)}`);
}

/** NaN equals itself here, and numbers of different types differ. */
function same(left: CelValue, right: CelValue): boolean {
  if (left instanceof CelDouble || right instanceof CelDouble)
    return (
      left instanceof CelDouble &&
      right instanceof CelDouble &&
      (left.value === right.value || (Number.isNaN(left.value) && Number.isNaN(right.value)))
    );
  if (left instanceof CelUint !== right instanceof CelUint) return false;
  if (typeof left === "object" && left !== null && typeof right === "object" && right !== null) {
    if (isList(left))
      return (
        isList(right) &&
        left.size === right.size &&
        Array.from(left.values()).every((item, index) => same(item, right.at(index)))
      );
    if (isMap(left))
      return (
        isMap(right) &&
        left.size === right.size &&
        Array.from(left.keys()).every((key) => same(left.get(key) ?? null, right.get(key) ?? "absent"))
      );
    if (left instanceof CelOptional) return right instanceof CelOptional && left.value === right.value;
    if (left instanceof CelTimestamp || left instanceof CelDuration) return equal(left, right, { spend: () => {} });
  }
  return equal(left, right, { spend: () => {} });
}

function program({ expr, typeEnv = [], container, disableCheck = false }: Case): CelProgram {
  const variables = Object.fromEntries(
    typeEnv.filter(({ ident }) => ident !== undefined).map(({ name, ident }) => [name, typeOf(ident?.type)]),
  );
  const functions = typeEnv.flatMap(({ name, function: declared }) =>
    (declared?.overloads ?? []).map(({ params = [], resultType, isInstanceFunction = false }) =>
      (isInstanceFunction ? method : overload)(name, params.map(typeOf), typeOf(resultType), () => null),
    ),
  );
  return compile(expr, { ...(disableCheck ? {} : { variables }), functions, container, typeCheck: !disableCheck });
}

function judge(given: Case): void {
  if (given.evalError !== undefined) {
    expect(() => program(given).run(bindingsOf(given))).toThrow();
    return;
  }
  const made = program(given);
  const deduced = given.typedResult?.deducedType;
  if (deduced !== undefined) expect(made.resultType).toBe(formatType(parseType(typeOf(deduced))));
  if (given.checkOnly === true) return;
  const { value } = made.run(bindingsOf(given));
  const wanted = given.value ?? given.typedResult?.result ?? { boolValue: true };
  expect(same(value, valueOf(wanted)) ? wanted : value).toEqual(wanted);
}

function bindingsOf({ bindings = {} }: Case): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(bindings).map(([name, { value }]) => [name, valueOf(value)]));
}

const all = [...cases(suite as unknown as Suite, "")].map(([section, given]) => ({
  section,
  given,
  reason: refusal(section, given),
}));

describe.each([...new Set(all.filter(({ reason }) => reason === undefined).map(({ section }) => section))])(
  "%s",
  (section) => {
    const here = all.filter((each) => each.section === section && each.reason === undefined);
    test.each(here.map(({ given }) => [`${given.name}: ${given.expr}`, given] as const))("%s", (_, given) =>
      judge(given),
    );
  },
);

test("little beside protobuf is refused", () => {
  const refused = all.filter(({ reason }) => reason !== undefined);

  expect(refused.filter(({ reason }) => reason?.startsWith("protobuf") !== true).length).toBeLessThan(10);
  expect(all.length - refused.length).toBeGreaterThan(1600);
});
