import type { AuditConfig } from "./audit-config.ts";
import type { AuditedObject } from "./audited-object.ts";

/** What auditors see beside the object; looking something up takes no longer where there are many objects. */
export class AuditContext {
  readonly config: AuditConfig;
  readonly #named = new Map<string, AuditedObject>();
  readonly #groups = new Map<string, AuditedObject[]>();

  constructor(config: AuditConfig, objects: readonly AuditedObject[]) {
    this.config = config;
    for (const audited of objects) {
      const { kind, name, namespace = "" } = audited.object;
      const named = keyOf(kind, name);
      if (!this.#named.has(named)) this.#named.set(named, audited);
      for (const group of [keyOf(kind), keyOf(kind, namespace)]) {
        const members = this.#groups.get(group);
        if (members === undefined) this.#groups.set(group, [audited]);
        else members.push(audited);
      }
    }
  }

  /** The first object of a kind with a name, in any namespace. */
  named(kind: string, name: string): AuditedObject | undefined {
    return this.#named.get(keyOf(kind, name));
  }

  /** Objects of a kind; of one namespace where that is told, "" being none. */
  objectsOf(kind: string, namespace?: string): readonly AuditedObject[] {
    return this.#groups.get(namespace === undefined ? keyOf(kind) : keyOf(kind, namespace)) ?? [];
  }
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
