/**
 * A type of CEL's checker. A `param` is a type parameter: it stands for any type, but the same one wherever it appears in a signature. An
 * `opaque` type is one that a library adds; a `wrapper` is a protobuf wrapper, whose values may also be null.
 */
export type CelType =
  | { readonly kind: SimpleKind }
  | { readonly kind: "list" | "optional" | "type" | "wrapper"; readonly of: CelType }
  | { readonly kind: "map"; readonly key: CelType; readonly of: CelType }
  | { readonly kind: "opaque" | "param"; readonly name: string };

type SimpleKind = "dyn" | "null" | "bool" | "int" | "uint" | "double" | "string" | "bytes" | "timestamp" | "duration";

const simple: readonly SimpleKind[] = [
  "dyn",
  "null",
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "timestamp",
  "duration",
];

/** The type of values whose type is known only at run time. */
export const dyn: CelType = { kind: "dyn" };

/**
 * Parses a type as signatures write it: `int`, `list(string)`, `map(string, dyn)`, `optional(A)`, `type(int)`, `wrapper(int)`. A single capital
 * letter is a type parameter, any other name a type of a library.
 * @throws {TypeError} for text that is not a type, such as `list` without the type of its elements.
 */
export function parseType(text: string): CelType {
  const trimmed = text.trim();
  const found = simple.find((kind) => kind === trimmed);
  if (found !== undefined) return { kind: found };
  if (/^[A-Z]$/.test(trimmed)) return { kind: "param", name: trimmed };
  if (/^(?:list|optional|type|wrapper|map)$/.test(trimmed)) throw invalidType(text);
  if (/^[A-Za-z_][\w.]*$/.test(trimmed)) return { kind: "opaque", name: trimmed };
  const [, outer, inner = ""] = /^(list|optional|type|wrapper|map)\((.*)\)$/s.exec(trimmed) ?? [];
  if (outer === "map") return parseMapType(text, inner);
  if (outer === "list" || outer === "optional" || outer === "type" || outer === "wrapper")
    return { kind: outer, of: parseType(inner) };
  throw invalidType(text);
}

function invalidType(text: string): TypeError {
  return new TypeError(`"${text}" is not a CEL type; examples are int, list(string) and map(string, dyn)`);
}

function parseMapType(text: string, inner: string): CelType {
  let depth = 0;
  for (let at = 0; at < inner.length; at += 1) {
    if (inner[at] === "(") depth += 1;
    else if (inner[at] === ")") depth -= 1;
    else if (inner[at] === "," && depth === 0)
      return { kind: "map", key: parseType(inner.slice(0, at)), of: parseType(inner.slice(at + 1)) };
  }
  throw invalidType(text);
}

/** Formats a type as error messages of the checker show it. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case "list":
    case "type":
    case "wrapper":
      return `${type.kind}(${formatType(type.of)})`;
    case "optional":
      return `optional_type(${formatType(type.of)})`;
    case "map":
      return `map(${formatType(type.key)}, ${formatType(type.of)})`;
    case "opaque":
    case "param":
      return type.name;
    case "timestamp":
      return "google.protobuf.Timestamp";
    case "duration":
      return "google.protobuf.Duration";
    default:
      return type.kind;
  }
}

/** What type parameters are bound to while an expression is checked. */
export class Substitution {
  readonly #found = new Map<string, CelType>();
  #fresh = 0;

  /** The signature with fresh type parameters, so that two calls do not share them. */
  instantiate(types: readonly CelType[]): readonly CelType[] {
    this.#fresh += 1;
    const rename = (type: CelType): CelType =>
      type.kind === "param" ? { kind: "param", name: `${type.name}${this.#fresh}` } : mapType(type, rename);
    return types.map(rename);
  }

  /** A fresh type parameter that is not bound. */
  unknown(): CelType {
    this.#fresh += 1;
    return { kind: "param", name: `_${this.#fresh}` };
  }

  /** The type with every known parameter replaced; with `final`, unknown ones become dyn. */
  resolve(type: CelType, final = false): CelType {
    if (type.kind === "param") {
      const found = this.#found.get(type.name);
      if (found === undefined) return final ? dyn : type;
      return this.resolve(found, final);
    }
    return mapType(type, (inner) => this.resolve(inner, final));
  }

  /** Runs `attempt`; if it returns false, undoes its bindings. */
  try(attempt: () => boolean): boolean {
    const before = new Map(this.#found);
    const held = attempt();
    if (!held) {
      this.#found.clear();
      for (const [name, type] of before) this.#found.set(name, type);
    }
    return held;
  }

  /** Whether a value of type `from` can be used where `to` is expected; binds type parameters. */
  assign(to: CelType, from: CelType): boolean {
    const target = this.#shallow(to);
    const source = this.#shallow(from);
    if (target.kind === "param" || source.kind === "param") return this.#bind(target, source);
    if (target.kind === "dyn" || source.kind === "dyn") return true;
    if (source.kind === "null") return nullable(target);
    if (target.kind === "null") return nullable(source);
    if (target.kind === "wrapper") return this.assign(target.of, source.kind === "wrapper" ? source.of : source);
    if (source.kind === "wrapper") return this.assign(target, source.of);
    if (target.kind === "map")
      return source.kind === "map" && this.assign(target.key, source.key) && this.assign(target.of, source.of);
    if (target.kind === "opaque") return source.kind === "opaque" && target.name === source.name;
    if (target.kind === "type") return source.kind === "type";
    if ("of" in target) return source.kind === target.kind && "of" in source && this.assign(target.of, source.of);
    return source.kind === target.kind;
  }

  #shallow(type: CelType): CelType {
    let at = type;
    while (at.kind === "param") {
      const found = this.#found.get(at.name);
      if (found === undefined) return at;
      at = found;
    }
    return at;
  }

  #bind(left: CelType, right: CelType): boolean {
    if (left.kind === "param" && right.kind === "param" && left.name === right.name) return true;
    const [param, other] = left.kind === "param" ? [left, right] : [right, left];
    if (param.kind !== "param" || this.#occurs(param.name, other)) return false;
    this.#found.set(param.name, other);
    return true;
  }

  #occurs(name: string, type: CelType): boolean {
    const at = this.#shallow(type);
    if (at.kind === "param") return at.name === name;
    if (at.kind === "map" && this.#occurs(name, at.key)) return true;
    return "of" in at && this.#occurs(name, at.of);
  }
}

function mapType(type: CelType, change: (inner: CelType) => CelType): CelType {
  if (type.kind === "map") return { kind: "map", key: change(type.key), of: change(type.of) };
  return "of" in type ? { kind: type.kind, of: change(type.of) } : type;
}

function nullable(type: CelType): boolean {
  return ["null", "wrapper", "opaque", "timestamp", "duration"].includes(type.kind);
}
