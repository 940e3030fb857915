import { asList, asText, member, sameJson, type JsonObject } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import { setMember, type MutableObject } from "./apply-location.ts";
import {
  matchesMutable,
  readBindings,
  readParts,
  readPathTester,
  refuseMetadata,
  setAt,
  type Mutator,
} from "./mutator.ts";

/** Reads a ModifySet: it adds values to a list without keys, or removes them. @throws {PolicyError} where it is invalid. */
export function modifySet(document: JsonObject): Mutator {
  const parts = readParts(document, "ModifySet");
  const bindings = readBindings(parts);
  refuseMetadata(parts);
  if (parts.location.length === 0) throw new PolicyError("mutator", "empty path");
  if (parts.location.at(-1)?.kind === "list")
    throw new PolicyError("mutator", "final node in a modifyset location cannot be a keyed list");
  const operation = asText(member(parts.parameters, "operation")) || "merge";
  if (operation !== "merge" && operation !== "prune")
    throw new PolicyError("mutator", `unrecognized operation for modifyset: ${operation}`);
  const values = asList(member(parts.parameters, "values", "fromList"));
  const tester = readPathTester(parts);
  return {
    kind: parts.kind,
    name: parts.name,
    location: parts.location,
    bindings,
    terminalType: "Set",
    mustTerminate: false,
    matches: (mutable) => matchesMutable(parts, mutable),
    mutate: (mutable) =>
      setAt(parts, tester, mutable, {
        setValue: (object, key) => (operation === "merge" ? merge : prune)(object, key, values),
      }),
  };
}

function listAt(object: MutableObject, key: string): unknown[] | undefined {
  if (!Object.hasOwn(object, key)) return undefined;
  const list = object[key];
  if (!Array.isArray(list)) throw new PolicyError("mutation", "the value is not a list, cannot treat it as a set");
  return list;
}

function merge(object: MutableObject, key: string, values: readonly unknown[]): void {
  const list = listAt(object, key) ?? [];
  const missing = values.filter((value) => !list.some((other) => sameJson(value, other)));
  setMember(object, key, [...list, ...structuredClone(missing)]);
}

function prune(object: MutableObject, key: string, values: readonly unknown[]): void {
  const list = listAt(object, key);
  if (list === undefined) return;
  setMember(
    object,
    key,
    list.filter((value) => !values.some((other) => sameJson(value, other))),
  );
}
