import { asList, asObject, asText, member } from "@plimsoll/kubernetes";
import { jsonIn } from "@plimsoll/formats";
import type { Endpoint } from "../shared/endpoint.ts";
import { excerpt, exposure } from "../shared/exposure.ts";
import type { Exposure, ServiceFound } from "../shared/exposure.ts";
import { itemsOf } from "../shared/pods.ts";
import { versionExposures } from "../shared/versions.ts";

/** Detects whether an API server listens, and over which protocol. */
export async function discoverApiServer(endpoint: Endpoint): Promise<ServiceFound | undefined> {
  for (const protocol of ["https", "http"] as const) {
    const root = await endpoint.get(protocol, "", { token: false });
    if (root === undefined) continue;
    if (!root.text.includes("k8s") && !(root.text.includes('"code"') && root.status !== 200)) continue;
    const version = await endpoint.get(protocol, "/version");
    const major = asObject(version === undefined ? undefined : jsonIn(version.text))?.["major"];
    const service = major === undefined ? "Unrecognized K8s API" : major === "" ? "Metrics Server" : "API Server";
    return { service, location: endpoint.location, protocol };
  }
  return undefined;
}

const lists = [
  ["namespaces", "/api/v1/namespaces"],
  ["roles", "/apis/rbac.authorization.k8s.io/v1/roles"],
  ["cluster roles", "/apis/rbac.authorization.k8s.io/v1/clusterroles"],
  ["pods", "/api/v1/pods"],
] as const;

/** KHV005, KHV006 and KHV007: what an API server reveals without a credential, or with the given token. */
export async function probeApiServer(endpoint: Endpoint, protocol: "http" | "https"): Promise<readonly Exposure[]> {
  const found: Exposure[] = [];
  const { location } = endpoint;
  const probe = "api-server";
  const withToken = endpoint.token !== undefined && protocol === "https";
  const api = await endpoint.get(protocol, "/api");
  if (api?.status === 200 && api.text !== "") {
    const evidence = excerpt(api.text);
    if (protocol === "http")
      found.push(exposure("KHV006", { name: "Insecure (HTTP) access to API", location, evidence, probe }));
    else {
      const name = withToken ? "Access to API using service account token" : "Unauthenticated access to API";
      found.push(exposure("KHV005", { name, location, evidence, probe }));
    }
  }
  for (const [what, path] of lists) {
    const answer = await endpoint.get(protocol, path);
    const items = answer?.status === 200 ? itemsOf(jsonIn(answer.text)) : undefined;
    if (items === undefined || items.length === 0) continue;
    const name = `Listing ${what} ${withToken ? "using default service account token" : "as anonymous user"}`;
    const names = items.slice(0, 5).map((item) => asText(member(item, "metadata", "name")) ?? "");
    found.push(
      exposure("KHV007", { name, location, evidence: excerpt(`${items.length}: ${names.join(", ")}`), probe }),
    );
  }
  return found;
}

/** KHV002 and the vulnerabilities of the version, from `/version`. */
export async function probeVersion(
  endpoint: Endpoint,
  protocol: "http" | "https",
  includePatched: boolean,
): Promise<readonly Exposure[]> {
  const answer = await endpoint.get(protocol, "/version", { token: false });
  const version = answer?.status === 200 ? asText(asObject(jsonIn(answer.text))?.["gitVersion"]) : undefined;
  if (version === undefined || version.length > 100) return [];
  const { location } = endpoint;
  const evidence = excerpt(`version ${version}`);
  return [
    exposure("KHV002", { name: "K8s Version Disclosure", location, evidence, probe: "api-server" }),
    ...versionExposures(version, "api-server", { includePatched, location }),
  ];
}

const questions = [
  ["PLM001", ["create"], ["pods", "deployments", "daemonsets", "jobs", "cronjobs", "statefulsets"]],
  ["PLM002", ["get", "list", "watch"], ["secrets"]],
  [
    "PLM003",
    ["create", "update", "patch", "bind", "escalate"],
    ["roles", "clusterroles", "rolebindings", "clusterrolebindings"],
  ],
] as const;

/**
 * The exposures that active probing would prove, from the API server's answer about the rights of the caller. The request is a
 * SelfSubjectRulesReview, which the API server does not store.
 */
export async function probeAuthorization(endpoint: Endpoint, protocol: "http" | "https"): Promise<readonly Exposure[]> {
  const body = JSON.stringify({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectRulesReview",
    spec: { namespace: "default" },
  });
  const answer = await endpoint.post(protocol, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { body });
  if (answer === undefined || (answer.status !== 200 && answer.status !== 201)) return [];
  const rules = asList(member(jsonIn(answer.text), "status", "resourceRules"));
  return questions.flatMap(([id, verbs, resources]) => {
    const rule = rules.find((each) => holds(each, "verbs", verbs) && holds(each, "resources", resources));
    if (rule === undefined) return [];
    return [
      exposure(id, { location: endpoint.location, evidence: excerpt(JSON.stringify(rule)), probe: "authorization" }),
    ];
  });
}

function holds(rule: unknown, key: string, wanted: readonly string[]): boolean {
  return asList(member(rule, key)).some(
    (value) => value === "*" || (typeof value === "string" && wanted.includes(value)),
  );
}
