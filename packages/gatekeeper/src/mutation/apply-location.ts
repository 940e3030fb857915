import type { LocationNode, Location } from "../location/location.ts";
import type { PathTester } from "../location/path-tests.ts";
import { PolicyError } from "../policy-error.ts";

/** An object that is being changed. */
export type MutableObject = Record<string, unknown>;

/** The change that a mutator makes at the end of its location. */
export interface Setter {
  /** @throws {PolicyError} where the mutator cannot change the existing value. */
  setValue(object: MutableObject, key: string): void;
  /** The value for a location that ends in a list element; undefined where the mutator sets none. */
  readonly element?: unknown;
}

/**
 * Follows a location into an object, creates what is missing on the way, and sets the value at its end. Returns whether anything was set, even if
 * to the same value.
 * @throws {PolicyError} where the object does not have the shape that the location implies.
 */
export function applyLocation(object: MutableObject, location: Location, tester: PathTester, setter: Setter): boolean {
  if (location.length === 0) throw new PolicyError("mutation", "attempting to mutate an empty target location");
  return new Walk(location, tester, setter).visit(object, 0);
}

class Walk {
  readonly #location: Location;
  readonly #tester: PathTester;
  readonly #setter: Setter;

  constructor(location: Location, tester: PathTester, setter: Setter) {
    this.#location = location;
    this.#tester = tester;
    this.#setter = setter;
  }

  visit(current: unknown, depth: number): boolean {
    const node = this.#location[depth];
    if (node === undefined) return false;
    return node.kind === "field" ? this.#visitField(current, node.name, depth) : this.#visitList(current, node, depth);
  }

  #isLast(depth: number): boolean {
    return depth === this.#location.length - 1;
  }

  #visitField(current: unknown, name: string, depth: number): boolean {
    if (!isMapping(current)) throw mismatch("object", current, depth);
    const exists = Object.hasOwn(current, name);
    if (exists ? !this.#tester.existsOkay(depth) : !this.#tester.missingOkay(depth)) return false;
    if (this.#isLast(depth)) {
      this.#setter.setValue(current, name);
      return true;
    }
    const next = exists ? current[name] : this.#missing(depth);
    const changed = this.visit(next, depth + 1);
    if (changed && !exists) setMember(current, name, next);
    return changed;
  }

  #visitList(current: unknown, node: LocationNode & { readonly kind: "list" }, depth: number): boolean {
    if (!Array.isArray(current)) throw mismatch("list", current, depth);
    if (this.#isLast(depth)) return this.#setElement(current, node, depth);
    if ("glob" in node) return this.#tester.existsOkay(depth) && this.#visitAll(current, depth);
    const found = current.filter((element) => isMapping(element) && memberOf(element, node.key) === node.value);
    if (found.length > 0) return this.#tester.existsOkay(depth) && this.#visitAll(found, depth);
    if (!this.#tester.missingOkay(depth)) return false;
    const next = this.#missing(depth);
    const changed = this.visit(next, depth + 1);
    if (changed) current.push(next);
    return changed;
  }

  #visitAll(elements: readonly unknown[], depth: number): boolean {
    let changed = false;
    for (const element of elements) if (this.visit(element, depth + 1)) changed = true;
    return changed;
  }

  /** An element of a list takes its key with it. */
  #missing(depth: number): unknown {
    const node = this.#location[depth];
    const next = this.#location[depth + 1];
    if (node?.kind === "field") return next?.kind === "list" ? [] : {};
    if (next?.kind !== "field" || node === undefined || !("value" in node))
      throw new PolicyError("mutation", "two consecutive list path entries not allowed");
    return setMember({}, node.key, node.value);
  }

  #setElement(list: unknown[], node: LocationNode & { readonly kind: "list" }, depth: number): boolean {
    const value = this.#setter.element;
    if (!isMapping(value)) throw new PolicyError("mutation", "only objects can be added to keyed lists");
    if ("glob" in node) throw new PolicyError("mutation", "last path entry can not be globbed");
    const stray = list.find((element) => !isMapping(element));
    if (stray !== undefined) throw mismatch("object", stray, depth);
    const at = list.findIndex((element) => isMapping(element) && memberOf(element, node.key) === node.value);
    if (at !== -1 && memberOf(value, node.key) !== node.value)
      throw new PolicyError("mutation", "key value of replaced object must not change");
    if (at === -1 ? !this.#tester.missingOkay(depth) : !this.#tester.existsOkay(depth)) return false;
    list.splice(at === -1 ? list.length : at, at === -1 ? 0 : 1, structuredClone(value));
    return true;
  }
}

/** Whether a value is a mapping that can be changed. */
export function isMapping(value: unknown): value is MutableObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets a member; also works for the name `__proto__`. */
export function setMember(object: MutableObject, name: string, value: unknown): MutableObject {
  return Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

function memberOf(object: MutableObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function mismatch(wanted: string, found: unknown, depth: number): PolicyError {
  const type = Array.isArray(found) ? "list" : found === null ? "null" : typeof found;
  return new PolicyError("mutation", `step ${depth + 1} of the location expects a ${wanted}, the object has a ${type}`);
}
