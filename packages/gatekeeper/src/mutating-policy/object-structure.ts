import { asList, asText, member, type JsonObject } from "@plimsoll/kubernetes";
import { gvkOf, type GroupVersionKind } from "../match/object-facts.ts";

/**
 * How a part of an object is merged (`x-kubernetes-list-type`, `x-kubernetes-map-type` of the API's schemas). By default a map is merged member by
 * member, and a list is atomic.
 */
export interface Structure {
  /** Never merged; an apply configuration must not set it. */
  readonly atomic?: true;
  /** A list of unique values. */
  readonly set?: true;
  /** The members that identify the items of a list. */
  readonly keys?: readonly string[];
  /** Default values of members among `keys`. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** The structure of the items of a list with keys, or of those members of a map that have no own structure. */
  readonly of?: Structure;
  readonly fields?: Readonly<Record<string, Structure>>;
  /** All names that members may have. Absent: any. */
  readonly members?: ReadonlySet<string>;
}

/** What is known of a kind. */
export interface KindStructure {
  readonly structure: Structure;
  /** Whether it is that of the cluster itself, and not what Kubernetes had when this was written. */
  readonly isOwn: boolean;
}

const atomic: Structure = { atomic: true };

/** Names of all members that there are in some place, and the structure of those that have one. */
function only(names: string, fields: Readonly<Record<string, Structure>> = {}): Structure {
  return { fields, members: new Set([...names.split(" ").filter((name) => name !== ""), ...Object.keys(fields)]) };
}

function keyed(keys: readonly string[], of: Structure = {}): Structure {
  return { keys, of };
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

const metadata = only(
  "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations managedFields",
  { finalizers: { set: true }, ownerReferences: { keys: ["uid"], of: atomic } },
);

const profiles = {
  appArmorProfile: only("type localhostProfile"),
  seccompProfile: only("type localhostProfile"),
  seLinuxOptions: only("user role type level"),
  windowsOptions: only("gmsaCredentialSpecName gmsaCredentialSpec runAsUserName hostProcess"),
};
const probe = only(
  "exec httpGet tcpSocket grpc initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold terminationGracePeriodSeconds",
);
const resources = only("limits requests", { claims: byName });

const container = only(
  "name image command args workingDir envFrom resizePolicy restartPolicy restartPolicyRules terminationMessagePath terminationMessagePolicy imagePullPolicy stdin stdinOnce tty targetContainerName",
  {
    env: keyed(
      ["name"],
      only("name value", {
        valueFrom: only("", {
          configMapKeyRef: atomic,
          secretKeyRef: atomic,
          fieldRef: atomic,
          resourceFieldRef: atomic,
          fileKeyRef: atomic,
        }),
      }),
    ),
    lifecycle: only("postStart preStop stopSignal"),
    livenessProbe: probe,
    ports: {
      ...keyed(["containerPort", "protocol"], only("name hostPort containerPort protocol hostIP")),
      defaults: { protocol: "TCP" },
    },
    readinessProbe: probe,
    resources,
    securityContext: only(
      "privileged runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation procMount",
      { ...profiles, capabilities: only("add drop") },
    ),
    startupProbe: probe,
    volumeDevices: keyed(["devicePath"], only("name devicePath")),
    volumeMounts: keyed(
      ["mountPath"],
      only("name readOnly recursiveReadOnly mountPath subPath mountPropagation subPathExpr"),
    ),
  },
);

const claim = fields({ dataSource: atomic, selector: atomic });

const podMembers =
  "restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace hostname subdomain schedulerName tolerations priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead setHostnameAsFQDN os hostUsers hostnameOverride workloadRef";
const volumeMembers =
  "name hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim rbd flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume quobyte azureDisk photonPersistentDisk projected portworxVolume scaleIO storageos csi image";

const podSpec = only(podMembers, {
  affinity: only("podAffinity podAntiAffinity", {
    nodeAffinity: only("preferredDuringSchedulingIgnoredDuringExecution", {
      requiredDuringSchedulingIgnoredDuringExecution: atomic,
    }),
  }),
  containers: keyed(["name"], container),
  ephemeralContainers: keyed(["name"], container),
  hostAliases: keyed(["ip"]),
  imagePullSecrets: byName,
  initContainers: keyed(["name"], container),
  nodeSelector: atomic,
  resourceClaims: byName,
  resources,
  schedulingGates: byName,
  securityContext: only(
    "runAsUser runAsGroup runAsNonRoot supplementalGroups supplementalGroupsPolicy fsGroup sysctls fsGroupChangePolicy seLinuxChangePolicy",
    profiles,
  ),
  topologySpreadConstraints: keyed(["topologyKey", "whenUnsatisfiable"], fields({ labelSelector: atomic })),
  volumes: {
    keys: ["name"],
    of: {
      ...only(volumeMembers, { ephemeral: fields({ volumeClaimTemplate: fields({ metadata, spec: claim }) }) }),
      of: references,
    },
  },
});

const podTemplate = only("", { metadata, spec: podSpec });
/** The specification of what runs pods. */
const runs = (names: string): Structure => only(names, { selector: atomic, template: podTemplate });
const job = runs(
  "parallelism completions activeDeadlineSeconds podFailurePolicy successPolicy backoffLimit backoffLimitPerIndex maxFailedIndexes manualSelector ttlSecondsAfterFinished completionMode suspend podReplacementPolicy managedBy",
);
const cronJobMembers =
  "schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend successfulJobsHistoryLimit failedJobsHistoryLimit";
const serviceMembers =
  "clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy loadBalancerClass allocateLoadBalancerNodePorts internalTrafficPolicy trafficDistribution";
const webhooks = keyed(
  ["name"],
  fields({ matchConditions: byName, namespaceSelector: atomic, objectSelector: atomic }),
);
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
  "/ReplicationController": { spec: runs("replicas minReadySeconds"), status: conditions },
  "/Service": {
    spec: only(serviceMembers, {
      ports: {
        ...keyed(["port", "protocol"], only("name protocol appProtocol port targetPort nodePort")),
        defaults: { protocol: "TCP" },
      },
      selector: atomic,
    }),
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
  "apps/DaemonSet": { spec: runs("updateStrategy minReadySeconds revisionHistoryLimit"), status: conditions },
  "apps/Deployment": {
    spec: runs("replicas strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds"),
    status: conditions,
  },
  "apps/ReplicaSet": { spec: runs("replicas minReadySeconds"), status: conditions },
  "apps/StatefulSet": {
    spec: runs(
      "replicas volumeClaimTemplates serviceName podManagementPolicy updateStrategy revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy ordinals",
    ),
    status: conditions,
  },
  "batch/CronJob": { spec: only(cronJobMembers, { jobTemplate: only("", { metadata, spec: job }) }) },
  "batch/Job": { spec: job, status: conditions },
  "certificates.k8s.io/CertificateSigningRequest": { status: conditions },
  "networking.k8s.io/NetworkPolicy": { spec: fields({ podSelector: atomic }) },
  "policy/PodDisruptionBudget": { spec: fields({ selector: atomic }), status: conditions },
  "rbac.authorization.k8s.io/ClusterRoleBinding": { roleRef: atomic },
  "rbac.authorization.k8s.io/RoleBinding": { roleRef: atomic },
  "storage.k8s.io/CSIDriver": { spec: fields({ volumeLifecycleModes: { set: true } }) },
};

/** Of objects of these kinds, beside what has a structure; no kind has all of them. */
const rootMembers = "apiVersion kind spec status subjects imagePullSecrets automountServiceAccountToken";

/**
 * How an object of a kind is merged, and which members it may have. Kinds that Kubernetes has not are described by CustomResourceDefinitions among `objects`, and are of no
 * known structure without one.
 */
export function structureOf(gvk: GroupVersionKind, objects: readonly unknown[]): KindStructure {
  const id = `${gvk.group}/${gvk.kind}`;
  const known = Object.hasOwn(kinds, id) ? kinds[id] : undefined;
  if (known !== undefined) return { structure: only(rootMembers, { ...known, metadata }), isOwn: false };
  for (const object of objects)
    for (const version of asList(isDefinitionOf(object, gvk) ? member(object, "spec", "versions") : undefined))
      if (member(version, "name") === gvk.version) {
        const described = structureOfSchema(member(version, "schema", "openAPIV3Schema"), 0);
        const { members } = described;
        const own = members === undefined ? {} : { members: new Set([...members, "apiVersion", "kind", "metadata"]) };
        return { structure: { ...described, ...own, fields: { ...described.fields, metadata } }, isOwn: true };
      }
  return { structure: { fields: { metadata } }, isOwn: false };
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
  const isOpen =
    properties.length === 0 ||
    (rest !== undefined && rest !== false) ||
    member(schema, "x-kubernetes-preserve-unknown-fields") === true ||
    member(schema, "x-kubernetes-embedded-resource") === true;
  return {
    fields: Object.fromEntries(properties.map(([name, part]) => [name, inner(part)])),
    ...(isOpen ? {} : { members: new Set(properties.map(([name]) => name)) }),
    ...(typeof rest === "object" && rest !== null ? { of: inner(rest) } : {}),
  };
}
