/** What `$ref` of JSON Schema names: places in the same document, and parts of it that give themselves an `$id`. */

import { isArray, isObject, objectEntries, objectGet, type ObjectValue, type Value } from "../values/value.ts";
import { SchemaError, type SchemaWork } from "./schema.ts";

const literal = new Set(["const", "enum"]);
const namedSchemas = new Set(["properties", "dependencies", "patternProperties"]);

/** The parts of a schema by the addresses they give themselves. */
export class References {
  readonly #documents = new Map<string, Value>();
  readonly #bases = new Map<object, string>();
  readonly #work: SchemaWork;

  constructor(root: Value, work: SchemaWork) {
    this.#work = work;
    this.#collect(root, "");
    this.#documents.set("", root);
  }

  /** The absolute address of what a schema refers to. */
  addressOf(schema: ObjectValue, reference: string): string {
    return resolveAddress(this.#bases.get(schema) ?? "", reference);
  }

  /** The schema at an address; throws a SchemaError. */
  at(address: string): Value {
    const known = this.#documents.get(address);
    if (known !== undefined) return known;
    const hash = address.indexOf("#");
    const base = hash < 0 ? address : address.slice(0, hash);
    const document = this.#documents.get(base);
    if (document !== undefined) return follow(document, hash < 0 ? "" : address.slice(hash + 1));
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(address)) throw new SchemaError(`Reference ${address} must be canonical`);
    throw new SchemaError(`remote reference loading disabled: ${address}`);
  }

  #collect(value: Value, base: string): void {
    this.#work.step();
    if (isArray(value)) for (const each of value) this.#collect(each, base);
    if (!isObject(value)) return;
    const id = objectGet(value, "id") ?? objectGet(value, "$id");
    let own = base;
    if (typeof id === "string") {
      own = resolveAddress(base, id);
      if (this.#documents.has(own)) throw new SchemaError(`Reference already exists: "${own}"`);
      this.#documents.set(own, value);
    }
    this.#bases.set(value, own);
    for (const [key, child] of objectEntries(value)) {
      if (typeof key !== "string" || literal.has(key)) continue;
      if (!namedSchemas.has(key)) this.#collect(child, own);
      // Names of properties are no keywords: one called `$id` gives no address.
      else if (isObject(child)) for (const [, each] of objectEntries(child)) this.#collect(each, own);
    }
  }
}

/** Resolves a reference by RFC 3986, section 5.2. */
export function resolveAddress(base: string, reference: string): string {
  const plain = reference.replace(/#$/, "");
  if (/^[a-z][a-z0-9+.-]*:/i.test(plain)) return plain;
  const start = base.replace(/#.*$/s, "");
  if (plain === "" || plain.startsWith("#")) return start + plain;
  const [, authority = "", path = ""] = /^([a-z][a-z0-9+.-]*:(?:\/\/[^/?]*)?)?([^?]*)/i.exec(start) ?? [];
  if (plain.startsWith("//")) return authority.replace(/\/\/.*$/s, "") + plain;
  if (plain.startsWith("?")) return authority + path + plain;
  const end = plain.search(/[?#]/);
  const [target, rest] = end < 0 ? [plain, ""] : [plain.slice(0, end), plain.slice(end)];
  const joined = target.startsWith("/") ? target : path.slice(0, path.lastIndexOf("/") + 1) + target;
  return authority + withoutDots(joined.startsWith("/") ? joined : `/${joined}`) + rest;
}

function withoutDots(path: string): string {
  const segments: string[] = [];
  const parts = path.split("/");
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === "..") {
      if (segments.length > 1) segments.pop();
    } else if (part !== ".") segments.push(part);
    if (last && (part === "." || part === "..")) segments.push("");
  }
  return segments.join("/");
}

/** Follows a JSON pointer (RFC 6901) of an address. */
function follow(document: Value, fragment: string): Value {
  const pointer = decoded(fragment);
  if (!pointer.startsWith("/")) return document;
  let value = document;
  for (const part of pointer.slice(1).split("/")) {
    const token = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isArray(value)) {
      const index = /^\d+$/.test(token) ? Number(token) : -1;
      if (index < 0) throw new SchemaError(`Invalid array index '${token}'`);
      if (index >= value.length) throw new SchemaError(`Out of bound array[0,${value.length}] index '${token}'`);
      value = value[index] ?? null;
    } else if (isObject(value)) {
      const next = objectGet(value, token);
      if (next === undefined) throw new SchemaError(`Object has no key '${token}'`);
      value = next;
    } else throw new SchemaError(`Invalid token reference '${token}'`);
  }
  return value;
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    throw new SchemaError(`parse "#${fragment}": invalid URL escape`);
  }
}
