/** A JSON object from untrusted input: its members may be of any type. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The keys and indexes that lead from a document to a part of it (`["items", 3, "spec"]`), as `LocatedDocument` of `@plimsoll/formats` takes them. */
export type ObjectPath = readonly (string | number)[];

/** Returns a value that is a JSON object; undefined for scalars, arrays and null. */
export function asObject(value: unknown): JsonObject | undefined {
  // Checked: a non-null object that is no array has string keys.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Reads the member at a path of keys; undefined where any of them is missing. Only own members count, never those of a prototype. */
export function member(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let here = value;
  // Counted, since this is asked a hundred times of every object and nothing costs as much as an iterator.
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] ?? "";
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Readonly<Record<string | number, unknown>>)[key]; // Checked: it has this member.
  }
  return here;
}

/** Returns a value that is a string; undefined for anything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Returns a value that is an array; an empty array for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One object of the Kubernetes API and its place in the document that it was read from. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty where the manifest gives none (or only `generateName`). */
  readonly name: string;
  /** Absent for cluster-scoped objects, and where the manifest leaves the namespace to whoever applies it. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: JsonObject;
  /** The path from the document to this object: `["items", 3]` inside a list, empty if the document is the object. */
  readonly path: ObjectPath;
}

/** How deep lists may nest; objects in deeper ones are not found. */
const maxListDepth = 8;

/** Whether a value is an object with an `apiVersion` and a `kind` that are non-empty strings, as every object of the Kubernetes API has. */
export function isKubernetesObject(value: unknown): value is JsonObject {
  const kind = asText(member(value, "kind"));
  const apiVersion = asText(member(value, "apiVersion"));
  return kind !== undefined && kind !== "" && apiVersion !== undefined && apiVersion !== "";
}

/**
 * Returns the objects of a document: the document itself, or the items of a list (`List`, `PodList`, any kind that ends in `List` and has
 * `items`). Items of a typed list may lack `apiVersion` and `kind`, as in answers of the API server; they take those of the list. Returns
 * an empty array for a document that is no Kubernetes object.
 */
export function kubernetesObjects(value: unknown): readonly KubernetesObject[] {
  const found: KubernetesObject[] = [];
  collect(value, [], found, 0);
  return found;
}

function collect(value: unknown, path: ObjectPath, found: KubernetesObject[], depth: number): void {
  if (!isKubernetesObject(value)) return;
  const kind = asText(value["kind"]) ?? "";
  const apiVersion = asText(value["apiVersion"]) ?? "";
  const items = member(value, "items");
  if (kind.endsWith("List") && Array.isArray(items)) {
    if (depth >= maxListDepth) return;
    const itemKind = kind.slice(0, -"List".length);
    for (const [index, item] of items.entries()) {
      const typed = itemKind === "" || isKubernetesObject(item) ? item : withType(item, apiVersion, itemKind);
      collect(typed, [...path, "items", index], found, depth + 1);
    }
    return;
  }
  const metadata = member(value, "metadata");
  const name = scalarText(member(metadata, "name")) ?? "";
  const namespace = scalarText(member(metadata, "namespace")) ?? "";
  const labels = textMembers(member(metadata, "labels"));
  const annotations = textMembers(member(metadata, "annotations"));
  found.push(
    namespace === ""
      ? { apiVersion, kind, name, labels, annotations, value, path }
      : { apiVersion, kind, name, namespace, labels, annotations, value, path },
  );
}

function withType(item: unknown, apiVersion: string, kind: string): unknown {
  const object = asObject(item);
  return object === undefined ? item : { apiVersion, kind, ...object };
}

/** Returns a string, number or boolean as text, since YAML reads unquoted `1.27` and `true` as such; undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

const noMembers: Readonly<Record<string, string>> = {};

/** Returns the members of an object that are scalars, as text (see {@link scalarText}): its labels or annotations. Other members are left out. */
export function textMembers(value: unknown): Readonly<Record<string, string>> {
  const object = asObject(value);
  if (object === undefined) return noMembers;
  const members: [string, string][] = [];
  for (const key of Object.keys(object)) {
    const text = scalarText(object[key]);
    if (text !== undefined) members.push([key, text]);
  }
  return members.length === 0 ? noMembers : Object.fromEntries(members);
}

/** Returns the API group of an `apiVersion`: `apps` of `apps/v1`, empty for the core group (`v1`). */
export function apiGroupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}
