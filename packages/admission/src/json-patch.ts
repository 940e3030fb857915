import { member } from "@plimsoll/kubernetes";
import type { JsonObject, ObjectPath } from "@plimsoll/kubernetes";

/** An operation of a JSON Patch (RFC 6902): those that decisions use. */
export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** A JSON Pointer (RFC 6901). */
export function pointerOf(path: ObjectPath): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The steps of a pointer; numbers stay texts. */
export function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * A copy of a document with operations applied in order; what an operation does not touch is shared.
 * @throws RangeError for a path that is not there.
 */
export function applyPatch(document: unknown, operations: readonly PatchOperation[]): unknown {
  return operations.reduce((current, operation) => change(current, stepsOf(operation.path), operation), document);
}

function change(value: unknown, [step, ...rest]: readonly string[], operation: PatchOperation): unknown {
  if (step === undefined) return operation.op === "remove" ? undefined : operation.value;
  if (Array.isArray(value)) {
    const index = step === "-" ? value.length : Number(step);
    if (!Number.isInteger(index) || index < 0 || index > value.length) throw missing(operation);
    if (rest.length > 0) return value.map((item: unknown, at) => (at === index ? change(item, rest, operation) : item));
    if (operation.op === "remove") return value.filter((_, at) => at !== index);
    return operation.op === "add"
      ? [...(value.slice(0, index) as unknown[]), operation.value, ...(value.slice(index) as unknown[])] // as: items of a list may be anything
      : value.map((item: unknown, at) => (at === index ? operation.value : item));
  }
  if (typeof value !== "object" || value === null) throw missing(operation);
  const present = Object.hasOwn(value, step);
  const entries = Object.entries(value);
  if (rest.length === 0 && operation.op === "remove")
    return Object.fromEntries(entries.filter(([key]) => key !== step));
  if (!present && (rest.length > 0 || operation.op !== "add")) throw missing(operation);
  const changed = (old: unknown): unknown =>
    rest.length > 0 ? change(old, rest, operation) : "value" in operation ? operation.value : old;
  // Entries and not assignment, which would set the prototype for a member of that name.
  return Object.fromEntries(
    present
      ? entries.map(([key, old]) => [key, key === step ? changed(old) : old])
      : [...entries, [step, changed(undefined)]],
  );
}

function missing({ op, path }: PatchOperation): RangeError {
  return new RangeError(`${op}: there is nothing at ${path}`);
}

/** Sets a member, with the objects that lead to it where they are missing. */
export function additions(object: JsonObject, path: ObjectPath, value: unknown): readonly PatchOperation[] {
  const present = path.findIndex((_, index) => !isObject(member(object, ...path.slice(0, index))));
  const depth = present === -1 ? path.length - 1 : present - 1;
  const nested = path.slice(depth + 1).reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
  return [{ op: "add", path: pointerOf(path.slice(0, depth + 1)), value: nested }];
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
