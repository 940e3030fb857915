import type { CelFunction } from "./functions/define.ts";
import { dyn, parseType, type CelType } from "./type-terms.ts";
import { CelTypeValue, type CelValue } from "./values.ts";

/** The names and types that an expression may use. */
export interface CelEnvironment {
  /** Declared variables; undefined: any name may be one, of any type. */
  readonly variables: ReadonlyMap<string, CelType> | undefined;
  readonly functions: ReadonlyMap<string, readonly CelFunction[]>;
  /** The namespace that names are looked up in first, then its parents (`a.b`, `a`, none). */
  readonly container: string;
  /** Constructs a message from its type name and fields; undefined: messages are errors. */
  readonly construct: ((name: string, fields: ReadonlyMap<string, CelValue>) => CelValue | undefined) | undefined;
  /** The type of a message by its name, undefined for an unknown name; absent: messages have type dyn. */
  readonly messageType: ((name: string) => CelType | undefined) | undefined;
  /** Whether types are checked when compiling. Names always are. */
  readonly typeCheck: boolean;
}

/** Names that stand for types. */
const typeNames: Readonly<Record<string, string>> = {
  bool: "bool",
  int: "int",
  uint: "uint",
  double: "double",
  string: "string",
  bytes: "bytes",
  list: "list(dyn)",
  map: "map(dyn, dyn)",
  null_type: "null",
  type: "type(dyn)",
  optional_type: "optional(dyn)",
  "google.protobuf.Timestamp": "timestamp",
  "google.protobuf.Duration": "duration",
  "net.IP": "net.IP",
  "net.CIDR": "net.CIDR",
  "kubernetes.URL": "kubernetes.URL",
  "kubernetes.Quantity": "kubernetes.Quantity",
  "kubernetes.Semver": "kubernetes.Semver",
};

/** The type that a name stands for, as a value and for the checker. */
export function namedType(name: string): { readonly value: CelTypeValue; readonly type: CelType } | undefined {
  if (!Object.hasOwn(typeNames, name)) return undefined;
  return { value: new CelTypeValue(name), type: { kind: "type", of: parseType(typeNames[name] ?? "dyn") } };
}

/** The qualified names that a name may resolve to, most specific first. With a leading dot only the root is searched. */
export function candidates(container: string, name: string): readonly string[] {
  if (name.startsWith(".")) return [name.slice(1)];
  const parts = container === "" ? [] : container.split(".");
  return [...parts.map((_, index) => [...parts.slice(0, parts.length - index), name].join(".")), name];
}

/** The type of an undeclared variable. */
export const undeclared: CelType = dyn;
