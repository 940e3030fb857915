/** A mapping of untrusted input: members may be anything. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Steps from a document to a part of it, as `LocatedDocument` of `@plimsoll/formats` takes them. */
export type ObjectPath = readonly (string | number)[];

/** The value as a mapping; undefined for scalars, lists and null. */
export function asObject(value: unknown): JsonObject | undefined {
  // Checked: a non-null object that is no array has string keys.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The member at a path of own keys; undefined where it is missing. Members of the prototype are never found. */
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

/** The value as text; undefined for anything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The value as a list; empty for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One object of the Kubernetes API, with where it stands in its document. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty where the manifest gives none (or only `generateName`). */
  readonly name: string;
  /** Absent for objects of the whole cluster, and where the manifest leaves it to the one who applies it. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: JsonObject;
  /** From the document to this object: `["items", 3]` inside a list. */
  readonly path: ObjectPath;
}

/** Lists inside lists are followed this deep. */
const maxListDepth = 8;

/** Whether a value says what it is, as every object of the Kubernetes API does: `apiVersion` and `kind`, both text. */
export function isKubernetesObject(value: unknown): value is JsonObject {
  const kind = asText(member(value, "kind"));
  const apiVersion = asText(member(value, "apiVersion"));
  return kind !== undefined && kind !== "" && apiVersion !== undefined && apiVersion !== "";
}

/**
 * The objects of a document: itself, or the items of a list (`List`, `PodList`, any kind that ends in `List` and has `items`). Items
 * of a typed list may leave out their kind, as the API server does; it is that of the list.
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

/** Text of a scalar: YAML makes numbers and booleans of what people leave unquoted. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

const noMembers: Readonly<Record<string, string>> = {};

/** The members of a mapping that are text: labels, annotations. */
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

/** The API group of an `apiVersion`: empty for the core group. */
export function apiGroupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}
