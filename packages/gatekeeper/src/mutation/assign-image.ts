import { asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { PolicyError } from "../policy-error.ts";
import { setMember } from "./apply-location.ts";
import { checkImageParts, replaceImageParts } from "./image-parts.ts";
import {
  matchesMutable,
  readBindings,
  readParts,
  readPathTester,
  refuseKeyChange,
  refuseMetadata,
  setAt,
  type Mutator,
} from "./mutator.ts";

/** Reads an AssignImage: it replaces registry, path or tag of an image. @throws {PolicyError} where it is invalid. */
export function assignImage(document: JsonObject): Mutator {
  const parts = readParts(document, "AssignImage");
  refuseMetadata(parts);
  if (parts.location.at(-1)?.kind === "list")
    throw new PolicyError("mutator", `assignImage ${parts.name} cannot mutate list-type fields`, "listTerminalError");
  refuseKeyChange(parts);
  const text = (field: string): string => asText(member(parts.parameters, field)) ?? "";
  const given = { domain: text("assignDomain"), path: text("assignPath"), tag: text("assignTag") };
  checkImageParts(given);
  const tester = readPathTester(parts);
  const bindings = readBindings(parts);
  return {
    kind: parts.kind,
    name: parts.name,
    location: parts.location,
    bindings,
    terminalType: undefined,
    mustTerminate: false,
    matches: (mutable) => matchesMutable(parts, mutable),
    mutate: (mutable) =>
      setAt(parts, tester, mutable, {
        setValue: (object, key) => {
          const image = Object.hasOwn(object, key) ? object[key] : "";
          if (typeof image !== "string")
            throw new PolicyError("mutation", "expected value at AssignImage location to be a string");
          setMember(object, key, replaceImageParts(image, given));
        },
      }),
  };
}
