import { parseQuantity } from "@plimsoll/kubernetes";
import type { Quantity } from "@plimsoll/kubernetes";
import type { AuditConfig } from "./audit-config.ts";
import type { AuditedObject } from "./audited-object.ts";

/** What auditors see besides the object. Look-ups take constant time, however many objects there are. */
export class AuditContext {
  readonly config: AuditConfig;
  readonly #quantities = new Map<unknown, Quantity | undefined>();
  readonly #kinds = new Map<string, AuditedObject[]>();
  /** Objects of a kind that was asked for, by name and by namespace. */
  readonly #named = new Map<string, ReadonlyMap<string, readonly AuditedObject[]>>();
  readonly #placed = new Map<string, ReadonlyMap<string, readonly AuditedObject[]>>();

  constructor(config: AuditConfig, objects: Iterable<AuditedObject>) {
    this.config = config;
    for (const audited of objects) append(this.#kinds, audited.object.kind, audited);
  }

  /** Parses a quantity, with a cache, since manifests repeat the same few. Undefined: it is none. */
  quantity(value: unknown): Quantity | undefined {
    if (!this.#quantities.has(value)) this.#quantities.set(value, parseQuantity(value));
    return this.#quantities.get(value);
  }

  /** The first object of a kind with a name, in any namespace. */
  named(kind: string, name: string): AuditedObject | undefined {
    return this.#groups(this.#named, kind, ({ object }) => object.name).get(name)?.[0];
  }

  /** Objects of a kind; with `namespace` only those in it, where "" means without one. */
  objectsOf(kind: string, namespace?: string): readonly AuditedObject[] {
    if (namespace === undefined) return this.#kinds.get(kind) ?? [];
    return this.#groups(this.#placed, kind, ({ object }) => object.namespace ?? "").get(namespace) ?? [];
  }

  /** The objects of a kind by what `key` says of them, put together when it is first asked for. */
  #groups(
    known: Map<string, ReadonlyMap<string, readonly AuditedObject[]>>,
    kind: string,
    key: (audited: AuditedObject) => string,
  ): ReadonlyMap<string, readonly AuditedObject[]> {
    const found = known.get(kind);
    if (found !== undefined) return found;
    const groups = new Map<string, AuditedObject[]>();
    for (const audited of this.#kinds.get(kind) ?? []) append(groups, key(audited), audited);
    known.set(kind, groups);
    return groups;
  }
}

function append(groups: Map<string, AuditedObject[]>, key: string, audited: AuditedObject): void {
  const members = groups.get(key);
  if (members === undefined) groups.set(key, [audited]);
  else members.push(audited);
}
