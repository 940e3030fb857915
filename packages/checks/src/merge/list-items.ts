import { asObject, member } from "@plimsoll/kubernetes";

/** Steps from an item to what it goes by: `["name"]`, `["secretRef", "name"]`. */
type IdentityPath = readonly string[];

/**
 * The keys by which items of the API's lists are matched, by the name of the list: the first one that both items have counts. The
 * reference of the Kubernetes API names the keys of most lists (`patchMergeKey`, `x-kubernetes-list-map-keys`); the others have the key
 * that is used in practice. Items of lists that are not here match when they are equal.
 */
const identities: Readonly<Record<string, readonly IdentityPath[]>> = {
  addresses: [["hostname"], ["ip"]],
  allowedFlexVolumes: [["driver"]],
  allowedHostPaths: [["pathPrefix"]],
  allowedTopologies: [["matchLabelExpressions"]],
  clusterRoleSelectors: [["matchExpressions"], ["matchLabels"]],
  conditions: [["type"]],
  containers: [["name"]],
  egress: [["ports"], ["to"]],
  env: [["name"]],
  envFrom: [
    ["configMapRef", "name"],
    ["secretRef", "name"],
  ],
  ephemeralContainers: [["name"]],
  hostAliases: [["ip"]],
  httpHeaders: [["name"]],
  imagePullSecrets: [["name"]],
  ingress: [["ports"], ["from"]],
  initContainers: [["name"]],
  items: [["key"], ["path"]],
  matchExpressions: [["key"]],
  matchFields: [["key"]],
  matchLabelExpressions: [["key"]],
  nodeSelectorTerms: [["matchExpressions"], ["matchFields"]],
  notReadyAddresses: [["hostname"], ["ip"]],
  options: [["name"]],
  ownerReferences: [["uid"], ["name"]],
  pending: [["name"]],
  ports: [["containerPort"], ["port"]],
  preferredDuringSchedulingIgnoredDuringExecution: [["preference"], ["podAffinityTerm"]],
  readinessGates: [["conditionType"]],
  requiredDuringSchedulingIgnoredDuringExecution: [["labelSelector"]],
  resourceClaims: [["name"]],
  rules: [["resources"], ["host"]],
  schedulingGates: [["name"]],
  secrets: [["name"]],
  sources: [
    ["configMap", "name"],
    ["downwardAPI", "items"],
    ["secret", "name"],
    ["serviceAccountToken", "path"],
    ["clusterTrustBundle", "path"],
  ],
  subjects: [["name"]],
  subsets: [["addresses"]],
  sysctls: [["name"]],
  taints: [["key"]],
  tls: [["secretName"], ["hosts"]],
  topologySpreadConstraints: [["topologyKey"]],
  volumeClaimTemplates: [["metadata", "name"]],
  volumeDevices: [["devicePath"]],
  volumeMounts: [["mountPath"]],
  volumes: [["name"]],
  webhooks: [["name"]],
};

/**
 * Whether two items of a list are the same thing, which may have changed: containers of one name.
 * @param list The key whose value the list is: `containers`. Empty for lists inside lists.
 */
export function isSameItem(list: string, a: unknown, b: unknown): boolean {
  const paths = Object.hasOwn(identities, list) ? identities[list] : undefined;
  if (isSameValue(a, b)) return true;
  if (paths === undefined || asObject(a) === undefined || asObject(b) === undefined) return false;
  return paths.some((path) => {
    const [ours, theirs] = [member(a, ...path), member(b, ...path)];
    return ours !== undefined && theirs !== undefined && isSameValue(ours, theirs);
  });
}

/** Whether two values are equal; neither the order of members nor that of items counts. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item) => b.some((other) => isSameValue(item, other)))
    );
  const [ours, theirs] = [asObject(a), asObject(b)];
  if (ours === undefined || theirs === undefined) return Object.is(a, b);
  const keys = Object.keys(ours);
  return (
    keys.length === Object.keys(theirs).length &&
    keys.every((key) => Object.hasOwn(theirs, key) && isSameValue(ours[key], theirs[key]))
  );
}
