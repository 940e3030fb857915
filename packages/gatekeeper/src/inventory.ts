import { asObject, type JsonObject } from "@plimsoll/kubernetes";
import { syncedObjects, type SyncSettings } from "./audit/sync.ts";
import { apiVersionOf, gvkOf, isNamespace, nameOf, namespaceOf, requireObject } from "./match/object-facts.ts";
import { PolicyError } from "./policy-error.ts";

/** Objects as referential policies see them under `data.inventory`. */
export interface InventoryData {
  /** By API version, kind and name. */
  readonly cluster: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, JsonObject>>>>>>;
  /** By namespace, API version, kind and name. */
  readonly namespace: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, JsonObject>>>>>>>
  >;
}

type Tree = { [key: string]: Tree | JsonObject };

/** Arranges objects as `data.inventory`. @throws {PolicyError} for objects without version, kind or name. */
export function inventoryData(objects: readonly JsonObject[]): InventoryData {
  const cluster = emptyTree();
  const namespace = emptyTree();
  for (const object of objects) {
    const gvk = gvkOf(object);
    if (gvk.version === "" || gvk.kind === "")
      throw new PolicyError(
        "review",
        `resource ${nameOf(object)} has no ${gvk.version === "" ? "version" : "kind"}`,
        "ErrAddInventory",
      );
    if (nameOf(object) === "") throw new PolicyError("review", `a ${gvk.kind} without a name`, "ErrAddInventory");
    const path = [apiVersionOf(gvk), gvk.kind, nameOf(object)];
    const space = namespaceOf(object);
    if (space === "") place(cluster, path, object);
    else place(namespace, [space, ...path], object);
  }
  return { cluster, namespace } as unknown as InventoryData; // as: place() builds this shape
}

function emptyTree(): Tree {
  // Without a prototype: names of objects are keys, and may be `constructor`.
  return Object.create(null) as Tree;
}

function place(tree: Tree, path: readonly string[], object: JsonObject): void {
  let at = tree;
  for (const key of path.slice(0, -1)) {
    at[key] ??= emptyTree();
    at = at[key] as Tree; // as: only the last step holds objects
  }
  at[path.at(-1) ?? ""] = object;
}

/** The objects of the cluster besides the reviewed one; they are arranged when first needed. */
export class Inventory {
  readonly #objects: readonly unknown[];
  readonly #sync: SyncSettings;
  #synced: InventoryData | undefined;
  #data: InventoryData | undefined;
  #valid: readonly JsonObject[] | undefined;
  #namespaces: ReadonlyMap<string, JsonObject> | undefined;

  constructor(objects: readonly unknown[], sync: SyncSettings) {
    this.#objects = objects;
    this.#sync = sync;
  }

  /** The objects as `data.inventory` in Rego. @throws {PolicyError} for objects without version, kind or name. */
  get data(): InventoryData {
    this.#data ??= inventoryData(this.#objects.map(requireObject));
    return this.#data;
  }

  /** {@link data} of those objects that Gatekeeper syncs. Throws as `data` does. */
  get synced(): InventoryData {
    // Without a Config, all are, and need not be looked at.
    this.#synced ??=
      this.#sync.statuses.length === 0
        ? this.data
        : inventoryData(syncedObjects(this.#objects.map(requireObject), this.#sync));
    return this.#synced;
  }

  /** The objects, without values that are not objects. */
  get valid(): readonly JsonObject[] {
    this.#valid ??= this.#objects.flatMap((each): readonly JsonObject[] => {
      const object = asObject(each);
      return object === undefined ? [] : [object];
    });
    return this.#valid;
  }

  /** The first Namespace object of this name. */
  namespace(name: string): JsonObject | undefined {
    this.#namespaces ??= namespacesByName(this.valid);
    return this.#namespaces.get(name);
  }
}

/** The Namespace objects among objects, by name; of several with one name the first. */
export function namespacesByName(objects: readonly JsonObject[]): ReadonlyMap<string, JsonObject> {
  return new Map(
    objects
      .filter(isNamespace)
      .map((each) => [nameOf(each), each] as const)
      .reverse(),
  );
}
