import type { JsonObject } from "@plimsoll/kubernetes";
import { formatLocation, type Location } from "../location/location.ts";
import { pathTester } from "../location/path-tests.ts";
import { PolicyError } from "../policy-error.ts";
import { setMember } from "./apply-location.ts";
import { matchesTarget, readAssign, readParts, setAt, type Mutator } from "./mutator.ts";

/** Reads an AssignMetadata: it adds a label or annotation, and changes no existing one. @throws {PolicyError} where it is invalid. */
export function assignMetadata(document: JsonObject): Mutator {
  const parts = readParts(document, "AssignMetadata");
  if (!isLabelOrAnnotation(parts.location))
    throw new PolicyError(
      "mutator",
      `invalid location for assignmetadata ${parts.name}: ${formatLocation(parts.location)}`,
    );
  const source = readAssign(parts.parameters);
  if (source.kind === "value" && typeof source.value !== "string")
    throw new PolicyError(
      "mutator",
      `spec.parameters.assign.value field must be a string for AssignMetadata "${parts.name}"`,
    );
  const tester = pathTester(parts.location, [{ subPath: parts.location, condition: "MustNotExist" }]);
  return {
    kind: parts.kind,
    name: parts.name,
    location: parts.location,
    bindings: [],
    terminalType: undefined,
    mustTerminate: source.kind === "externalData",
    matches: (mutable) => matchesTarget(parts.spec, mutable),
    mutate: (mutable, external) =>
      setAt(parts, tester, mutable, {
        setValue: (object, key) => setMember(object, key, source.valueFor(mutable, undefined, external)),
      }),
  };
}

function isLabelOrAnnotation(location: Location): boolean {
  const names = location.map((node) => (node.kind === "field" ? node.name : undefined));
  const [first, second] = names;
  return (
    names.length === 3 &&
    !names.includes(undefined) &&
    first === "metadata" &&
    (second === "labels" || second === "annotations")
  );
}
