import { member, pointerOf } from "@plimsoll/kubernetes";
import type { JsonObject, ObjectPath, PlainPatchOperation } from "@plimsoll/kubernetes";

/** An operation of a JSON Patch (RFC 6902): those that decisions use. */
export type PatchOperation = PlainPatchOperation;

/** The operations that set a member; they also add the objects on the way to it that are missing. */
export function additions(object: JsonObject, path: ObjectPath, value: unknown): readonly PatchOperation[] {
  const present = path.findIndex((_, index) => !isObject(member(object, ...path.slice(0, index))));
  const depth = present === -1 ? path.length - 1 : present - 1;
  const nested = path.slice(depth + 1).reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
  return [{ op: "add", path: pointerOf(path.slice(0, depth + 1)), value: nested }];
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
