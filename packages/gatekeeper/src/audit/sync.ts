import { asList, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import type { EnforcementPoint } from "../constraints/enforcement.ts";
import { gvkOf, isNamespace, nameOf, namespaceOf, type GroupVersionKind } from "../match/object-facts.ts";
import { matchesWildcard } from "../match/wildcard.ts";

/** The kinds that a Config or SyncSet asks to sync, and its errors. */
export interface SyncStatus {
  readonly kind: "Config" | "SyncSet";
  readonly name: string;
  readonly synced: readonly GroupVersionKind[];
  /** Errors in the document; the valid parts of it apply. */
  readonly errors: readonly string[];
}

/** What a Config and SyncSets say: which objects referential policies see, and which namespaces are excluded from which process. */
export interface SyncSettings {
  /** The kinds that are synced. Absent where no Config or SyncSet names any: then referential policies see every object. */
  readonly kinds?: readonly GroupVersionKind[];
  readonly statuses: readonly SyncStatus[];
  /**
   * Whether a Config excludes an object from a process: `audit`, `webhook`, `sync`, `mutation-webhook`.
   * @param namespace The namespace of the request, for an object that does not name its own.
   */
  excludes(object: JsonObject, process: string, namespace?: string): boolean;
}

/** The process of Gatekeeper's Config at an enforcement point. */
export const processAt: Readonly<Partial<Record<EnforcementPoint, string>>> = {
  "validation.gatekeeper.sh": "webhook",
  "audit.gatekeeper.sh": "audit",
};

const processes: ReadonlySet<string> = new Set(["*", "audit", "webhook", "sync", "mutation-webhook"]);

/** Whether an object is Gatekeeper's Config or a SyncSet. */
export function isSyncObject(object: unknown): boolean {
  const { group, kind } = gvkOf(object);
  return (
    (group === "config.gatekeeper.sh" && kind === "Config") || (group === "syncset.gatekeeper.sh" && kind === "SyncSet")
  );
}

/** Reads the Config and the SyncSets among objects. Only the Config named `config` counts, as in Gatekeeper. */
export function readSync(objects: readonly JsonObject[]): SyncSettings {
  const statuses: SyncStatus[] = [];
  const exclusions: { readonly processes: readonly string[]; readonly namespaces: readonly string[] }[] = [];
  for (const object of objects.filter(isSyncObject)) {
    const isConfig = gvkOf(object).kind === "Config";
    const kind = isConfig ? "Config" : "SyncSet";
    const name = nameOf(object);
    const errors: string[] = [];
    if (isConfig && name !== "config") {
      statuses.push({ kind, name, synced: [], errors: ["ignored: Gatekeeper reads only the Config named config"] });
      continue;
    }
    const path = isConfig ? ["spec", "sync", "syncOnly"] : ["spec", "gvks"];
    const synced = asList(member(object, ...path)).flatMap((entry): readonly GroupVersionKind[] => {
      const [group = "", version = "", named = ""] = ["group", "version", "kind"].map((key) =>
        asText(member(entry, key)),
      );
      if (version !== "" && named !== "") return [{ group, version, kind: named }];
      errors.push(`an entry of ${path.join(".")} has no version or kind`);
      return [];
    });
    for (const entry of asList(member(object, "spec", "match"))) {
      const named = asList(member(entry, "processes")).map(String);
      const wrong = named.find((process) => !processes.has(process));
      if (wrong !== undefined) errors.push(`unknown process "${wrong}": must be one of ${[...processes].join(", ")}`);
      exclusions.push({ processes: named, namespaces: asList(member(entry, "excludedNamespaces")).map(String) });
    }
    statuses.push({ kind, name, synced, errors });
  }
  const kinds = statuses.flatMap(({ synced }) => synced);
  return {
    statuses,
    ...(kinds.length > 0 ? { kinds } : {}),
    excludes: (object, process, requested = "") => {
      const namespace = isNamespace(object) ? nameOf(object) : namespaceOf(object) || requested;
      if (namespace === "") return false;
      return exclusions.some(
        (each) =>
          (each.processes.includes("*") || each.processes.includes(process)) &&
          each.namespaces.some((pattern) => matchesWildcard(pattern, namespace)),
      );
    },
  };
}

/** Returns the objects that referential policies see under these settings. */
export function syncedObjects(objects: readonly JsonObject[], settings: SyncSettings): readonly JsonObject[] {
  return objects.filter((object) => {
    if (settings.excludes(object, "sync")) return false;
    if (settings.kinds === undefined) return true;
    const { group, version, kind } = gvkOf(object);
    return settings.kinds.some((each) => each.group === group && each.version === version && each.kind === kind);
  });
}
