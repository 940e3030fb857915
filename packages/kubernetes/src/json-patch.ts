import { sameJson } from "./same-json.ts";
import { member, type ObjectPath } from "./object.ts";

/** An operation of a JSON Patch with one path. {@link jsonPatchBetween} makes no other. */
export type PlainPatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** An operation of a JSON Patch (RFC 6902). Paths are JSON Pointers (RFC 6901). */
export type JsonPatchOperation =
  | PlainPatchOperation
  | { readonly op: "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

/** A `test` operation failed, so the whole patch must not be applied. */
export class JsonPatchTestError extends Error {
  override readonly name = "JsonPatchTestError";
}

/** Writes a path as a JSON Pointer (RFC 6901): `["a", 0]` becomes `/a/0`. */
export function pointerOf(path: ObjectPath): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Reads the steps of a JSON Pointer (RFC 6901). Indexes stay text: `/a/0` becomes `["a", "0"]`. */
export function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * Applies the operations in order and returns a changed copy of the document, which shares the parts that did not change with the original. A
 * `test` for null also succeeds where the member does not exist, as in Kubernetes' patches.
 * @throws {RangeError} for a path that does not exist or is not a JSON Pointer; {@link JsonPatchTestError} for a `test` that fails.
 */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  return operations.reduce((current, operation) => {
    for (const pointer of "from" in operation ? [operation.path, operation.from] : [operation.path])
      if (pointer !== "" && !pointer.startsWith("/"))
        throw new RangeError(`"${pointer}" is not a JSON Pointer: it must be empty or begin with "/"`);
    return applyOne(current, operation);
  }, document);
}

function applyOne(document: unknown, operation: JsonPatchOperation): unknown {
  const path = stepsOf(operation.path);
  switch (operation.op) {
    case "test":
      if (!sameJson(valueAt(document, path, operation) ?? null, operation.value ?? null))
        throw new JsonPatchTestError(`test: the value at ${operation.path} is a different one`);
      return document;
    case "copy":
    case "move": {
      const from = stepsOf(operation.from);
      const value = valueAt(document, from, { op: operation.op, path: operation.from });
      if (value === undefined) throw missing(operation.op, operation.from);
      if (operation.op === "copy") return change(document, path, { op: "add", path: operation.path, value });
      if (operation.path === operation.from) return document;
      if (`${operation.path}/`.startsWith(`${operation.from}/`))
        throw new RangeError(`move: ${operation.from} cannot be moved into itself (${operation.path})`);
      const without = change(document, from, { op: "remove", path: operation.from });
      return change(without, path, { op: "add", path: operation.path, value });
    }
    default:
      return change(document, path, operation);
  }
}

/** The value at a path; undefined where its last step names a member that does not exist. */
function valueAt(document: unknown, steps: readonly string[], at: PatchPlace): unknown {
  let here = document;
  for (const step of steps) {
    if (typeof here !== "object" || here === null) throw missing(at.op, at.path);
    if (Array.isArray(here)) {
      const item: unknown = here[indexOf(step, here.length - 1, at)];
      here = item;
    } else here = member(here, step);
  }
  return here;
}

/** An operation and one of its paths, as errors name them. */
type PatchPlace = Pick<JsonPatchOperation, "op" | "path">;

/** The index that a step of a path means. RFC 6901 allows no leading zeros and no sign. */
function indexOf(step: string, last: number, { op, path }: PatchPlace): number {
  const index = /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
  if (index < 0 || index > last) throw missing(op, path);
  return index;
}

function change(value: unknown, [step, ...rest]: readonly string[], operation: PlainPatchOperation): unknown {
  if (step === undefined) return operation.op === "remove" ? null : operation.value;
  if (Array.isArray(value)) return changeList(value, step, rest, operation);
  if (typeof value !== "object" || value === null) throw missing(operation.op, operation.path);
  const present = Object.hasOwn(value, step);
  const entries = Object.entries(value);
  if (!present && (rest.length > 0 || operation.op !== "add")) throw missing(operation.op, operation.path);
  if (rest.length === 0 && operation.op === "remove")
    return Object.fromEntries(entries.filter(([key]) => key !== step));
  // Entries and not assignment, which would set the prototype for a member of that name.
  return Object.fromEntries(
    present
      ? entries.map(([key, old]) => [key, key === step ? change(old, rest, operation) : old])
      : [...entries, [step, change(undefined, rest, operation)]],
  );
}

function changeList(
  list: readonly unknown[],
  step: string,
  rest: readonly string[],
  operation: PlainPatchOperation,
): unknown {
  const isAddition = rest.length === 0 && operation.op === "add";
  const index = step === "-" && isAddition ? list.length : indexOf(step, list.length - (isAddition ? 0 : 1), operation);
  if (isAddition) return [...list.slice(0, index), operation.value, ...list.slice(index)];
  if (rest.length === 0 && operation.op === "remove") return list.filter((_, at) => at !== index);
  return list.map((item, at) => (at === index ? change(item, rest, operation) : item));
}

function missing(op: string, path: string): RangeError {
  return new RangeError(`${op}: there is nothing at ${path}`);
}

/** Finds operations that turn `from` into `to`. Items of lists are compared by index, once equal items at both ends are skipped. */
export function jsonPatchBetween(from: unknown, to: unknown): readonly PlainPatchOperation[] {
  const operations: PlainPatchOperation[] = [];
  compare(from, to, [], operations);
  return operations;
}

function compare(from: unknown, to: unknown, path: ObjectPath, operations: PlainPatchOperation[]): void {
  if (from === to) return;
  if (Array.isArray(from) && Array.isArray(to)) return compareLists(from, to, path, operations);
  if (isMapping(from) && isMapping(to)) return compareMappings(from, to, path, operations);
  if (!sameJson(from, to)) operations.push({ op: "replace", path: pointerOf(path), value: to });
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function compareMappings(
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
  path: ObjectPath,
  operations: PlainPatchOperation[],
): void {
  for (const key of Object.keys(from))
    if (!Object.hasOwn(to, key)) operations.push({ op: "remove", path: pointerOf([...path, key]) });
  for (const key of Object.keys(to))
    if (Object.hasOwn(from, key)) compare(from[key], to[key], [...path, key], operations);
    else operations.push({ op: "add", path: pointerOf([...path, key]), value: to[key] });
}

function compareLists(
  from: readonly unknown[],
  to: readonly unknown[],
  path: ObjectPath,
  operations: PlainPatchOperation[],
): void {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && sameJson(from[start], to[start])) start += 1;
  let end = 0;
  while (end < shorter - start && sameJson(from[from.length - 1 - end], to[to.length - 1 - end])) end += 1;
  const common = shorter - end;
  for (let at = start; at < common; at += 1) compare(from[at], to[at], [...path, at], operations);
  for (let at = from.length - end - 1; at >= common; at -= 1)
    operations.push({ op: "remove", path: pointerOf([...path, at]) });
  for (let at = common; at < to.length - end; at += 1)
    operations.push({ op: "add", path: pointerOf([...path, at]), value: to[at] });
}
