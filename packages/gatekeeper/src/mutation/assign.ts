import { member, type JsonObject } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import { setMember } from "./apply-location.ts";
import {
  isObjectValue,
  matchesMutable,
  readAssign,
  readBindings,
  readParts,
  readPathTester,
  refuseKeyChange,
  refuseMetadata,
  setAt,
  type AssignSource,
  type Mutator,
  type MutatorParts,
} from "./mutator.ts";

/** Reads an Assign: it sets a value anywhere but in the metadata. @throws {PolicyError} where it is invalid. */
export function assign(document: JsonObject): Mutator {
  const parts = readParts(document, "Assign");
  const bindings = readBindings(parts);
  refuseMetadata(parts);
  refuseKeyChange(parts);
  const source = readAssign(parts.parameters);
  checkElement(parts, source);
  const tester = readPathTester(parts);
  const element = source.kind === "value" ? source.value : undefined;
  return {
    kind: parts.kind,
    name: parts.name,
    location: parts.location,
    bindings,
    terminalType: undefined,
    mustTerminate: source.kind === "externalData",
    matches: (mutable) => matchesMutable(parts, mutable),
    mutate: (mutable, external) =>
      setAt(parts, tester, mutable, {
        element,
        setValue: (object, key) =>
          setMember(
            object,
            key,
            source.valueFor(mutable, Object.hasOwn(object, key) ? object[key] : undefined, external),
          ),
      }),
  };
}

/** A location that ends in a list element takes an object with the same key, and nothing that is found out later. */
function checkElement({ location }: MutatorParts, source: AssignSource): void {
  const last = location.at(-1);
  if (last?.kind !== "list") return;
  if (source.kind !== "value") throw new PolicyError("mutator", `cannot assign ${source.kind} to a list`);
  if ("glob" in last) throw new PolicyError("mutator", "can't append to a globbed list");
  if (!isObjectValue(source.value)) throw new PolicyError("mutator", "only objects can be added to keyed lists");
  if (member(source.value, last.key) !== last.value)
    throw new PolicyError("mutator", `adding object to list with different key ${last.key}`);
}
