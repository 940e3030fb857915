/** JSON Patch (RFC 6902), with members of sets named by themselves. */

import { numberText } from "../values/number.ts";
import { termText } from "../values/text.ts";
import { equalValues, isArray, isNumber, isObject, objectEntries, objectGet, RegoObject, RegoSet, typeName, type Value } from "../values/value.ts"; // prettier-ignore
import { lookup } from "../values/lookup.ts";
import { builtin, BuiltinError, type Builtin, type BuiltinContext } from "./builtin.ts";
import { unescapePointer } from "./objects.ts";
import { arrayAt, valueAt } from "./operands.ts";

function pathOf(value: Value): readonly Value[] {
  if (isArray(value)) return value;
  if (typeof value !== "string") throw new BuiltinError("must be an array of path segments or a string");
  return value === "" ? [] : value.replace(/^\//, "").split("/").map(unescapePointer);
}

function notComposite(value: Value): BuiltinError {
  const name = typeName(value);
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  return new BuiltinError(`expected composite type, found value: ${termText(value)} (type: ast.${type})`);
}

/** A position in an array; `-` is the end where `insert` allows it. */
function position(items: readonly Value[], key: Value, what: string, insert: boolean): number {
  const text = isNumber(key) ? numberText(key).replace(/\.0+$/, "") : key;
  if (insert && text === "-") return items.length;
  if (typeof text !== "string" || !/^-?\d+$/.test(text) || (text.length > 1 && text.startsWith("0"))) {
    throw new BuiltinError(`cannot ${what} with key ${termText(key)} into array`);
  }
  const index = Number(text);
  if (index < 0 || index > items.length - (insert ? 0 : 1))
    throw new BuiltinError(`index for array ${what} out of bounds`);
  return index;
}

class Patcher {
  readonly #context: BuiltinContext;
  readonly #deleted: Set<string> = new Set();

  constructor(context: BuiltinContext) {
    this.#context = context;
  }

  /** The value at a path. */
  find(document: Value, path: readonly Value[]): Value {
    let value = document;
    for (const key of path) value = this.#child(value, key);
    return value;
  }

  #child(value: Value, key: Value): Value {
    if (isArray(value)) return value[position(value, key, "access", false)] as Value; // as: `position` throws for what is not there
    const child = lookup(value, key);
    if (child !== undefined) return child;
    if (value instanceof RegoSet)
      throw new BuiltinError(`path ${termText(key)} does not exist in set term ${termText(value)}`);
    if (!isObject(value)) throw new BuiltinError(`expected composite type for path ${termText(key)}`);
    if (this.#deleted.has(termText(key))) {
      throw new BuiltinError(`cannot unfold the already deleted composite node for key ${termText(key)}`);
    }
    throw new BuiltinError(`path ${termText(key)} does not exist in object term ${termText(value)}`);
  }

  /** A copy with a value put at a path. */
  insert(document: Value, path: readonly Value[], value: Value): Value {
    return this.#edit(
      document,
      path,
      (parent, key) => {
        if (isArray(parent)) {
          const index = position(parent, key, "insertion", true);
          return [...parent.slice(0, index), value, ...parent.slice(index)];
        }
        if (parent instanceof RegoSet) {
          if (!equalValues(key, value)) {
            throw new BuiltinError(`set key ${termText(key)} does not equal value to be inserted ${termText(value)}`);
          }
          return RegoSet.of([...parent.members(), value]);
        }
        if (!isObject(parent)) throw notComposite(parent);
        this.#deleted.delete(termText(key));
        return replaced(parent, key, value);
      },
      value,
    );
  }

  /** A copy without what is at a path. */
  remove(document: Value, path: readonly Value[]): Value {
    return this.#edit(
      document,
      path,
      (parent, key) => {
        if (isArray(parent)) {
          const index = position(parent, key, "delete", false);
          return [...parent.slice(0, index), ...parent.slice(index + 1)];
        }
        if (lookup(parent, key) === undefined) {
          throw new BuiltinError(`cannot delete child key ${termText(key)} that does not exist`);
        }
        this.#deleted.add(termText(key));
        if (parent instanceof RegoSet)
          return RegoSet.of([...parent.members()].filter((member) => !equalValues(member, key)));
        return replaced(parent, key, undefined);
      },
      null,
    );
  }

  #edit(value: Value, path: readonly Value[], change: (parent: Value, key: Value) => Value, whole: Value): Value {
    this.#context.step(1 + (isArray(value) ? value.length >> 4 : 0));
    const [key, ...rest] = path;
    if (key === undefined) return whole;
    if (rest.length === 0) return change(value, key);
    const child = this.#edit(this.#child(value, key), rest, change, whole);
    this.#context.charge(32);
    if (isArray(value)) {
      const index = position(value, key, "access", false);
      return [...value.slice(0, index), child, ...value.slice(index + 1)];
    }
    if (value instanceof RegoSet)
      return RegoSet.of([...[...value.members()].filter((member) => !equalValues(member, key)), child]);
    return replaced(value, key, child);
  }
}

/** A copy of an object in which a key has another value, or is not any more. Only objects come here: `#child` and `lookup` saw to it. */
function replaced(object: Value, key: Value, value: Value | undefined): RegoObject {
  const members = isObject(object) ? objectEntries(object) : [];
  const copy = RegoObject.of(members.filter(([each]) => !equalValues(each, key)));
  if (value !== undefined) copy.set(key, value);
  return copy;
}

function required(operation: Value, name: string): Value {
  const value = isObject(operation) ? objectGet(operation, name) : undefined;
  if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`);
  return value;
}

function apply(patcher: Patcher, document: Value, operation: Value): Value {
  if (!isObject(operation)) {
    throw new BuiltinError("must be an array of JSON-Patch objects, but at least one element is not an object");
  }
  const path = pathOf(required(operation, "path"));
  const name = required(operation, "op");
  switch (name) {
    case "add":
      return patcher.insert(document, path, required(operation, "value"));
    case "remove":
      return patcher.remove(document, path);
    case "replace": {
      const without = path.length === 0 ? document : patcher.remove(document, path);
      return patcher.insert(without, path, required(operation, "value"));
    }
    case "move": {
      const from = pathOf(required(operation, "from"));
      const chunk = patcher.find(document, from);
      return patcher.insert(patcher.remove(document, from), path, chunk);
    }
    case "copy":
      return patcher.insert(document, path, patcher.find(document, pathOf(required(operation, "from"))));
    case "test": {
      const found = patcher.find(document, path);
      const wanted = required(operation, "value");
      if (equalValues(found, wanted)) return document;
      throw new BuiltinError(
        `value from EditTree != patch value.\n\nExpected: ${termText(wanted)}\n\nFound: ${termText(found)}`,
      );
    }
    default:
      throw new BuiltinError(`unrecognized op: '${typeof name === "string" ? name : termText(name)}'`);
  }
}

export const jsonPatchBuiltins: readonly Builtin[] = [
  builtin("json.patch", '(any, array[object<"op": string, "path": any>[any: any]]) => any', (args, context) => {
    const patcher = new Patcher(context);
    return arrayAt(args, 1).reduce((document, operation) => apply(patcher, document, operation), valueAt(args, 0));
  }),
];
