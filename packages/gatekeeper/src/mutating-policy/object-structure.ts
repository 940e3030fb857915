import { asList, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { gvkOf, type GroupVersionKind } from "../match/object-facts.ts";

/**
 * How a part of an object is merged (`x-kubernetes-list-type`, `x-kubernetes-map-type` of the API's schemas). What nothing is said about is
 * merged member by member where it is a map, and is atomic where it is a list.
 */
export interface Structure {
  /** Replaced whole, never merged: an apply configuration must not touch it. */
  readonly atomic?: true;
  /** A list of values that are each there once. */
  readonly set?: true;
  /** The members that items of a list go by. */
  readonly keys?: readonly string[];
  /** What members among `keys` are where an item does not say. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Of the items of a list with keys, or the members of a map that have no structure of their own. */
  readonly of?: Structure;
  readonly fields?: Readonly<Record<string, Structure>>;
}

const atomic: Structure = { atomic: true };

function keyed(keys: readonly string[], fields: Readonly<Record<string, Structure>> = {}): Structure {
  return { keys, of: { fields } };
}

function fields(members: Readonly<Record<string, Structure>>): Structure {
  return { fields: members };
}

const byName = keyed(["name"]);
/** References to other objects are one value. */
const references: Structure = fields(
  Object.fromEntries(
    ["secretRef", "nodePublishSecretRef", "controllerPublishSecretRef", "nodeStageSecretRef"].map((name) => [
      name,
      atomic,
    ]),
  ),
);

const metadata = fields({
  finalizers: { set: true },
  ownerReferences: { keys: ["uid"], of: atomic },
});

const container = {
  env: keyed(["name"], {
    valueFrom: fields({
      configMapKeyRef: atomic,
      secretKeyRef: atomic,
      fieldRef: atomic,
      resourceFieldRef: atomic,
      fileKeyRef: atomic,
    }),
  }),
  ports: { ...keyed(["containerPort", "protocol"]), defaults: { protocol: "TCP" } },
  resources: fields({ claims: byName }),
  volumeDevices: keyed(["devicePath"]),
  volumeMounts: keyed(["mountPath"]),
};

const claim = fields({ dataSource: atomic, selector: atomic });

const podSpec = fields({
  affinity: fields({
    nodeAffinity: fields({ requiredDuringSchedulingIgnoredDuringExecution: atomic }),
  }),
  containers: keyed(["name"], container),
  ephemeralContainers: keyed(["name"], container),
  hostAliases: keyed(["ip"]),
  imagePullSecrets: byName,
  initContainers: keyed(["name"], container),
  nodeSelector: atomic,
  resourceClaims: byName,
  schedulingGates: byName,
  topologySpreadConstraints: keyed(["topologyKey", "whenUnsatisfiable"], { labelSelector: atomic }),
  volumes: {
    keys: ["name"],
    of: {
      of: references,
      fields: { ephemeral: fields({ volumeClaimTemplate: fields({ metadata, spec: claim }) }) },
    },
  },
});

const podTemplate = fields({ metadata, spec: podSpec });
const workload = fields({ selector: atomic, template: podTemplate });
const jobTemplate = fields({ metadata, spec: workload });
const webhooks = keyed(["name"], { matchConditions: byName, namespaceSelector: atomic, objectSelector: atomic });
const matching = fields({ namespaceSelector: atomic, objectSelector: atomic });
const conditions = fields({ conditions: keyed(["type"]) });

/** What is known of the kinds that Kubernetes itself has, by group and kind; versions do not differ in it. */
const kinds: Readonly<Record<string, Readonly<Record<string, Structure>>>> = {
  "/Node": {
    spec: fields({ podCIDRs: { set: true } }),
    status: fields({ addresses: keyed(["type"]), conditions: keyed(["type"]) }),
  },
  "/PersistentVolume": { spec: fields({ nodeAffinity: fields({ required: atomic }) }) },
  "/PersistentVolumeClaim": { spec: claim },
  "/Pod": { spec: podSpec, status: fields({ conditions: keyed(["type"]), podIPs: keyed(["ip"]) }) },
  "/PodTemplate": { template: podTemplate },
  "/ReplicationController": { spec: workload, status: conditions },
  "/Service": {
    spec: fields({ ports: { ...keyed(["port", "protocol"]), defaults: { protocol: "TCP" } }, selector: atomic }),
    status: conditions,
  },
  "/ServiceAccount": { secrets: { keys: ["name"], of: atomic } },
  "admissionregistration.k8s.io/MutatingAdmissionPolicy": {
    spec: fields({ matchConditions: byName, matchConstraints: matching, paramKind: atomic }),
  },
  "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding": {
    spec: fields({ matchResources: matching, paramRef: atomic }),
  },
  "admissionregistration.k8s.io/MutatingWebhookConfiguration": { webhooks },
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": {
    spec: fields({ matchConditions: byName, matchConstraints: matching, paramKind: atomic, variables: byName }),
  },
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": {
    spec: fields({ matchResources: matching, paramRef: atomic, validationActions: { set: true } }),
  },
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration": { webhooks },
  "apps/DaemonSet": { spec: workload, status: conditions },
  "apps/Deployment": { spec: workload, status: conditions },
  "apps/ReplicaSet": { spec: workload, status: conditions },
  "apps/StatefulSet": { spec: workload, status: conditions },
  "batch/CronJob": { spec: fields({ jobTemplate }) },
  "batch/Job": { spec: workload, status: conditions },
  "networking.k8s.io/NetworkPolicy": { spec: fields({ podSelector: atomic }) },
  "policy/PodDisruptionBudget": { spec: fields({ selector: atomic }), status: conditions },
  "rbac.authorization.k8s.io/ClusterRoleBinding": { roleRef: atomic },
  "rbac.authorization.k8s.io/RoleBinding": { roleRef: atomic },
};

/**
 * How an object of a kind is merged. Kinds that Kubernetes has not are described by CustomResourceDefinitions among `objects`, and are of no
 * known structure without one.
 */
export function structureOf(gvk: GroupVersionKind, objects: readonly unknown[]): Structure {
  const id = `${gvk.group}/${gvk.kind}`;
  const known = Object.hasOwn(kinds, id) ? kinds[id] : undefined;
  if (known !== undefined) return { fields: { ...known, metadata } };
  for (const object of objects)
    for (const version of asList(isDefinitionOf(object, gvk) ? member(object, "spec", "versions") : undefined))
      if (member(version, "name") === gvk.version) {
        const described = structureOfSchema(member(version, "schema", "openAPIV3Schema"), 0);
        return { fields: { ...described.fields, metadata } };
      }
  return { fields: { metadata } };
}

function isDefinitionOf(object: unknown, { group, kind }: GroupVersionKind): boolean {
  const own = gvkOf(object);
  return (
    own.group === "apiextensions.k8s.io" &&
    own.kind === "CustomResourceDefinition" &&
    member(object, "spec", "group") === group &&
    member(object, "spec", "names", "kind") === kind
  );
}

/** Schemas of definitions are trees; deeper ones than this the API server would not take. */
const deepestSchema = 64;

function structureOfSchema(schema: unknown, depth: number): Structure {
  if (depth > deepestSchema) return {};
  const inner = (part: unknown): Structure => structureOfSchema(part, depth + 1);
  if (member(schema, "x-kubernetes-map-type") === "atomic") return atomic;
  const items = member(schema, "items");
  if (items !== undefined) {
    const keys = asList(member(schema, "x-kubernetes-list-map-keys")).flatMap((key) => asText(key) ?? []);
    if (member(schema, "x-kubernetes-list-type") === "set") return { set: true };
    if (member(schema, "x-kubernetes-list-type") !== "map" || keys.length === 0) return atomic;
    const defaults = keys.flatMap((key) => {
      const value = asText(member(items, "properties", key, "default"));
      return value === undefined ? [] : [[key, value] as const];
    });
    return { keys, defaults: Object.fromEntries(defaults), of: inner(items) };
  }
  const properties = Object.entries(Object(member(schema, "properties") ?? {}) as JsonObject); // as: members of any type
  const rest = member(schema, "additionalProperties");
  return {
    fields: Object.fromEntries(properties.map(([name, part]) => [name, inner(part)])),
    ...(typeof rest === "object" && rest !== null ? { of: inner(rest) } : {}),
  };
}
