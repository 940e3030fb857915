import type { CelFunction } from "./functions/define.ts";
import { dyn, parseType, type CelType } from "./type-terms.ts";
import { CelTypeValue, type CelValue } from "./values.ts";

/** What an expression may name. */
export interface CelEnvironment {
  /** Declared variables; undefined: any name may be one, of any type. */
  readonly variables: ReadonlyMap<string, CelType> | undefined;
  readonly functions: ReadonlyMap<string, readonly CelFunction[]>;
  /** The namespace that names are looked up in first, then its parents (`a.b`, `a`, none). */
  readonly container: string;
  /** Makes a message of a type and its fields; absent: messages are refused. */
  readonly construct: ((name: string, fields: ReadonlyMap<string, CelValue>) => CelValue | undefined) | undefined;
  /** The type of a message by its name, undefined for a name that is none; absent: messages are of any type. */
  readonly messageType: ((name: string) => CelType | undefined) | undefined;
  /** Whether types are checked before anything runs. Names are, always. */
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

/** The names that a name may stand for, most specific first. A leading dot looks at the root alone. */
export function candidates(container: string, name: string): readonly string[] {
  if (name.startsWith(".")) return [name.slice(1)];
  const parts = container === "" ? [] : container.split(".");
  return [...parts.map((_, index) => [...parts.slice(0, parts.length - index), name].join(".")), name];
}

/** The type of a variable that nothing is known about. */
export const undeclared: CelType = dyn;
