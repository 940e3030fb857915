import { applyJsonPatch, member, pointerOf } from "@plimsoll/kubernetes";
import type { JsonObject, ObjectPath } from "@plimsoll/kubernetes";
import { additions } from "./json-patch.ts";
import type { PatchOperation } from "./json-patch.ts";

/** A change of an object that is worth a try. */
interface Candidate {
  readonly operations: readonly PatchOperation[];
  /** How much it changes; smaller is tried first. */
  readonly cost: number;
}

/** Options of {@link smallestChange}. */
export interface SearchOptions {
  /** Values to try: the policy's parameters, words of its message. */
  readonly hints: readonly unknown[];
  /** How many changes to try at most. */
  readonly maxAttempts: number;
}

/** Places of an object that are looked at, and values that are tried at each. */
const maxPlaces = 400;
const maxHints = 40;

/** What a pod or container that is refused most often lacks. */
const hardening: readonly (readonly [ObjectPath, unknown])[] = [
  [["securityContext", "allowPrivilegeEscalation"], false],
  [["securityContext", "runAsNonRoot"], true],
  [["securityContext", "readOnlyRootFilesystem"], true],
  [["securityContext", "privileged"], false],
  [["securityContext", "capabilities", "drop"], ["ALL"]],
  [["securityContext", "seccompProfile"], { type: "RuntimeDefault" }],
  [["securityContext", "runAsUser"], 1000],
  [["securityContext", "runAsGroup"], 1000],
  [["resources"], { limits: { cpu: "100m", memory: "128Mi" }, requests: { cpu: "100m", memory: "128Mi" } }],
  [["livenessProbe"], { tcpSocket: { port: 8080 } }],
  [["readinessProbe"], { tcpSocket: { port: 8080 } }],
  [["automountServiceAccountToken"], false],
  [["hostNetwork"], false],
];

/**
 * Searches the smallest change of an object that `accepts` approves of. It tries to set a member to one of the hints or another value, to remove
 * it, to add a label or annotation, and to harden a pod. Undefined where none of these is accepted.
 * @param accepts Whether a changed object is acceptable.
 */
export function smallestChange(
  object: JsonObject,
  accepts: (changed: JsonObject) => boolean,
  { hints, maxAttempts }: SearchOptions,
): readonly PatchOperation[] | undefined {
  if (maxAttempts === 0) return undefined;
  const candidates = [...candidatesFor(object, hintsOf(hints))].sort((a, b) => a.cost - b.cost);
  for (const { operations } of candidates.slice(0, maxAttempts)) {
    const changed = applyJsonPatch(object, operations);
    // as: the patch changes members of an object, never the object as a whole
    if (accepts(changed as JsonObject)) return operations;
  }
  return undefined;
}

interface Hints {
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** Texts and numbers anywhere in the hints; of patterns such as `^https://` the text that they begin with. */
function hintsOf(values: readonly unknown[]): Hints {
  const texts = new Set<string>();
  const numbers = new Set<number>();
  const walk = (value: unknown, depth: number): void => {
    if (depth > 8 || texts.size + numbers.size >= maxHints) return;
    if (typeof value === "number") numbers.add(value);
    else if (typeof value === "string") {
      texts.add(value);
      for (const quoted of value.matchAll(/[<"'`[]([A-Za-z0-9./_:*-]{1,100})[>"'`\]]/g)) texts.add(quoted[1] ?? "");
      if (value.startsWith("^")) texts.add(literalOf(value));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (!Array.isArray(value) && /[./-]/.test(key)) texts.add(key);
        walk(item, depth + 1);
      }
    }
  };
  for (const value of values) walk(value, 0);
  texts.delete("");
  return { texts: [...texts].slice(0, maxHints), numbers: [...numbers].slice(0, maxHints) };
}

/** A text that a simple pattern matches, as far as it can be read off: `^[a-z]+.agilebank.demo$` gives `a.agilebank.demo`. */
function literalOf(pattern: string): string {
  return pattern
    .replace(/^\^|\$$/g, "")
    .replace(/\(\?:|[()]/g, "")
    .replace(/\[([^\]])[^\]]*\][+*?]?/g, "$1")
    .replace(/\.[+*]/g, "a")
    .replace(/\\(.)/g, "$1");
}

function* candidatesFor(object: JsonObject, { texts, numbers }: Hints): Generator<Candidate> {
  let places = 0;
  for (const { path, value } of placesOf(object)) {
    if (++places > maxPlaces) return;
    const at = pointerOf(path);
    if (typeof value === "boolean") yield { operations: [{ op: "replace", path: at, value: !value }], cost: 1 };
    else if (typeof value === "number") {
      for (const number of [...numbers, ...numbers.map((each) => each + 1)])
        yield { operations: [{ op: "replace", path: at, value: number }], cost: 2 };
    } else if (typeof value === "string") {
      for (const text of texts) yield { operations: [{ op: "replace", path: at, value: text }], cost: 2 };
      for (const text of texts)
        yield { operations: [{ op: "replace", path: at, value: joined(text, value) }], cost: 3 };
    } else if (Array.isArray(value)) {
      for (const text of texts.slice(0, 10))
        yield { operations: [{ op: "add", path: `${at}/-`, value: text }], cost: 3 };
    }
    if (path.length > 1)
      yield { operations: [{ op: "remove", path: at }], cost: sizeOf(value) < 4 ? 2 : 4 + sizeOf(value) };
  }
  for (const map of ["labels", "annotations"]) {
    for (const key of texts) {
      for (const value of [key, ...texts]) {
        if (!/^[A-Za-z0-9./_-]+$/.test(key)) continue;
        yield { operations: additions(object, ["metadata", map, key], value), cost: value === key ? 3 : 5 };
      }
    }
  }
  for (const base of podParts(object)) {
    for (const [path, value] of hardening) yield { operations: additions(object, [...base, ...path], value), cost: 2 };
    for (const key of texts.filter((text) => /^[a-z][A-Za-z]+$/.test(text)))
      for (const value of [true, false, ...texts])
        yield { operations: additions(object, [...base, key], value), cost: 5 };
  }
}

/** A value with the prefix that the policy requires. */
function joined(prefix: string, value: string): string {
  const rest = value.slice(value.lastIndexOf("/") + 1);
  return prefix.endsWith("/") ? `${prefix}${rest}` : `${prefix}/${rest}`;
}

function* placesOf(
  value: unknown,
  path: ObjectPath = [],
): Generator<{ readonly path: ObjectPath; readonly value: unknown }> {
  if (path.length > 20 || (path.length === 1 && (path[0] === "apiVersion" || path[0] === "kind"))) return;
  if (path.length > 0) yield { path, value };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* placesOf(item, [...path, index]);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* placesOf(item, [...path, key]);
  }
}

function sizeOf(value: unknown): number {
  let size = 1;
  for (const _ of placesOf(value)) if (++size > 50) return size;
  return size;
}

/** Where the pod's spec and its containers are, in a pod or a workload. */
function podParts(object: JsonObject): readonly ObjectPath[] {
  const parts: ObjectPath[] = [];
  for (const base of [["spec"], ["spec", "template", "spec"], ["spec", "jobTemplate", "spec", "template", "spec"]]) {
    for (const list of ["containers", "initContainers", "ephemeralContainers"]) {
      const containers = member(object, ...base, list);
      if (Array.isArray(containers)) parts.push(...containers.slice(0, 20).map((_, index) => [...base, list, index]));
    }
    if (Array.isArray(member(object, ...base, "containers"))) parts.push(base);
  }
  return parts;
}
