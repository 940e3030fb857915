import { asObject, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { parseLocation, type Location } from "../location/location.ts";
import { pathTester, type PathTest, type PathTester } from "../location/path-tests.ts";
import { appliesToOperation, bindingsOf, checkOperations } from "../match/apply-to.ts";
import { matches, type ObjectSource } from "../match/match.ts";
import { gvkOf, nameOf, namespaceOf, type GroupVersionKind } from "../match/object-facts.ts";
import { PolicyError } from "../policy-error.ts";
import { applyLocation, type MutableObject, type Setter } from "./apply-location.ts";

/** An object under mutation and what is known about it. */
export interface Mutable {
  readonly object: MutableObject;
  readonly namespace?: unknown;
  readonly source?: ObjectSource | undefined;
  /** Of the admission request; absent outside of one. */
  readonly operation?: string | undefined;
  readonly username?: string | undefined;
}

/** A kind and an operation that a mutator changes objects of. */
export interface Binding extends GroupVersionKind {
  readonly operation: string;
}

/** A valid mutator. */
export interface Mutator {
  readonly kind: string;
  readonly name: string;
  readonly location: Location;
  /** The kinds and operations that it applies to; empty for AssignMetadata, which never conflicts with others. */
  readonly bindings: readonly Binding[];
  /** The type of value at the end of the location, if known: a set. */
  readonly terminalType: "Set" | undefined;
  /** Whether nothing may lie below the location. */
  readonly mustTerminate: boolean;
  matches(mutable: Mutable): boolean;
  /** Changes the object; returns whether anything was set. @throws {PolicyError} where the object does not fit the location, or a provider fails. */
  mutate(mutable: Mutable, external: ExternalValue): boolean;
}

/** Looks a key up at an external data provider. @throws {PolicyError} where there is no answer and the failure policy is `Fail`. */
export type ExternalLookup = (request: ExternalRequest) => ExternalAnswer;

/** The value for a key. */
export interface ExternalAnswer {
  readonly value: unknown;
  /** Why the provider did not supply it; set where the failure policy allows that. */
  readonly ignored?: string;
}

/** {@link ExternalLookup} as mutators use it, who only need the value. */
export type ExternalValue = (request: ExternalRequest) => unknown;

/** A request of a mutator to an external data provider. */
export interface ExternalRequest {
  readonly provider: string;
  readonly key: string;
  readonly failurePolicy: "Fail" | "Ignore" | "UseDefault";
  readonly default: unknown;
}

/** The parts of a mutator's document that all kinds have in common. */
export interface MutatorParts {
  readonly document: JsonObject;
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
  readonly parameters: unknown;
  readonly location: Location;
}

/** Reads the parts that all kinds of mutators have. @throws {PolicyError} for a name that is too long, and for an invalid location. */
export function readParts(document: JsonObject, kind: string): MutatorParts {
  const name = nameOf(document);
  if (name.length > 63) throw new PolicyError("mutator", "maximum name length is 63 characters");
  const spec = member(document, "spec");
  const location = parseLocation(asText(member(spec, "location")) ?? "");
  return { document, kind, name, spec, parameters: member(spec, "parameters"), location };
}

/** Reads the kinds and operations that a mutator applies to. @throws {PolicyError} for entries without a group, version or kind. */
export function readBindings({ spec, kind, name }: MutatorParts): readonly Binding[] {
  const applyTo = member(spec, "applyTo");
  if (!Array.isArray(applyTo) || applyTo.length === 0)
    throw new PolicyError("mutator", `applyTo required for ${kind} mutator ${name}`);
  for (const entry of applyTo)
    for (const field of ["groups", "versions", "kinds"]) {
      const names = member(entry, field);
      if (!Array.isArray(names) || names.length === 0)
        throw new PolicyError(
          "mutator",
          `invalid applyTo for ${kind} mutator ${name}, all of group, version and kind must be specified`,
        );
    }
  checkOperations(applyTo);
  return bindingsOf(applyTo);
}

/** Reads the path tests of a mutator. @throws {PolicyError} for a sub-path that the location does not begin with, and for contradicting tests. */
export function readPathTester({ parameters, location }: MutatorParts): PathTester {
  const tests = member(parameters, "pathTests");
  return pathTester(location, Array.isArray(tests) ? tests.map(readPathTest) : []);
}

function readPathTest(test: unknown): PathTest {
  const condition = asText(member(test, "condition")) ?? "";
  if (condition !== "MustExist" && condition !== "MustNotExist")
    throw new PolicyError("mutator", `${condition} is not a valid path test condition`);
  return { subPath: parseLocation(asText(member(test, "subPath")) ?? ""), condition };
}

/** Refuses locations below `metadata`, which only AssignMetadata may change. @throws {PolicyError} */
export function refuseMetadata({ kind, name, location }: MutatorParts): void {
  const [first] = location;
  if (first?.kind === "field" && first.name === "metadata")
    throw new PolicyError("mutator", `${kind.toLowerCase()} ${name} can't change metadata`, "metadataRootError");
}

/** Refuses locations that are empty, or that would change the key by which an element is found. @throws {PolicyError} */
export function refuseKeyChange({ location }: MutatorParts): void {
  if (location.length === 0) throw new PolicyError("mutator", "empty path");
  const last = location.at(-1);
  const before = location.at(-2);
  if (before?.kind !== "list") return;
  if (last?.kind !== "field") throw new PolicyError("mutator", "invalid path format: child of a list can't be a list");
  if (last.name === before.key)
    throw new PolicyError("mutator", "invalid path format: changing the item key is not allowed");
}

/** Whether an object matches `applyTo` and `match` of a mutator. */
export function matchesMutable({ spec }: MutatorParts, mutable: Mutable): boolean {
  if (!appliesToOperation(member(spec, "applyTo"), gvkOf(mutable.object), mutable.operation ?? "")) return false;
  return matchesTarget(spec, mutable);
}

/** Whether an object matches `match` of a mutator. */
export function matchesTarget(spec: unknown, { object, namespace, source }: Mutable): boolean {
  return matches(member(spec, "match"), { object, namespace, source });
}

/** Applies a setter at the mutator's location. Returns whether anything was set. */
export function setAt({ location }: MutatorParts, tester: PathTester, mutable: Mutable, setter: Setter): boolean {
  return applyLocation(mutable.object, location, tester, setter);
}

/** `parameters.assign` of Assign and AssignMetadata: a value, a field of the metadata, or external data. */
export interface AssignSource {
  readonly kind: "value" | "fromMetadata" | "externalData";
  /** The constant value, if the source is one. */
  readonly value?: unknown;
  valueFor(mutable: Mutable, current: unknown, external: ExternalValue): unknown;
}

/** Reads the source of the value. @throws {PolicyError} unless exactly one source is given, and is valid. */
export function readAssign(parameters: unknown): AssignSource {
  const assign = member(parameters, "assign");
  const given = (["value", "fromMetadata", "externalData"] as const).filter((name) => {
    const found = member(assign, name);
    return found !== undefined && found !== null;
  });
  const [kind] = given;
  if (kind === undefined || given.length > 1)
    throw new PolicyError(
      "mutator",
      `assign must ${kind === undefined ? "set" : "only set"} one of \`externalData\`, \`value\` or \`fromMetadata\``,
    );
  const held = member(assign, kind);
  if (kind === "value") return { kind, value: held, valueFor: () => structuredClone(held) };
  return kind === "fromMetadata" ? fromMetadata(held) : externalData(held);
}

function fromMetadata(held: unknown): AssignSource {
  const field = asText(member(held, "field")) ?? "";
  if (field !== "name" && field !== "namespace") throw new PolicyError("mutator", `field ${field} is not recognized`);
  return {
    kind: "fromMetadata",
    valueFor: ({ object }) => (field === "name" ? nameOf(object) : namespaceOf(object)),
  };
}

function externalData(held: unknown): AssignSource {
  const provider = asText(member(held, "provider")) ?? "";
  const dataSource = asText(member(held, "dataSource")) ?? "ValueAtLocation";
  const failurePolicy = asText(member(held, "failurePolicy")) ?? "Fail";
  if (provider === "") throw new PolicyError("mutator", "externalData.provider is required");
  if (dataSource !== "ValueAtLocation" && dataSource !== "Username")
    throw new PolicyError(
      "mutator",
      `externalData.dataSource must be ValueAtLocation or Username, not "${dataSource}"`,
    );
  if (failurePolicy !== "Fail" && failurePolicy !== "Ignore" && failurePolicy !== "UseDefault")
    throw new PolicyError(
      "mutator",
      `externalData.failurePolicy must be Fail, Ignore or UseDefault, not "${failurePolicy}"`,
    );
  const fallback = member(held, "default");
  if (failurePolicy === "UseDefault" && (fallback === undefined || fallback === ""))
    throw new PolicyError("mutator", "externalData.default is required with failurePolicy UseDefault");
  return {
    kind: "externalData",
    valueFor: ({ username }, current, external) => {
      const key = dataSource === "Username" ? (username ?? "") : (asText(current) ?? "");
      return external({ provider, key, failurePolicy, default: fallback });
    },
  };
}

/** Whether a value is an object, as elements of keyed lists are. */
export function isObjectValue(value: unknown): value is JsonObject {
  return asObject(value) !== undefined;
}
