import { asText, member } from "@plimsoll/kubernetes";
import { jsonIn } from "@plimsoll/formats";
import type { Endpoint } from "../shared/endpoint.ts";
import { exposure } from "../shared/exposure.ts";
import type { Exposure, ServiceFound } from "../shared/exposure.ts";
import { itemsOf } from "../shared/pods.ts";

/** Namespaces whose services are looked through. */
const maxNamespaces = 100;

/** KHV049: a `kubectl proxy` that answers, and dashboards behind it. */
export async function probeKubectlProxy(
  endpoint: Endpoint,
): Promise<{ readonly exposures: readonly Exposure[]; readonly services: readonly ServiceFound[] }> {
  const { location } = endpoint;
  const api = await endpoint.get("http", "/api/v1", { token: false });
  if (api?.status !== 200 || !api.text.includes("APIResourceList")) return { exposures: [], services: [] };
  const exposures = [
    exposure("KHV049", {
      name: "Proxy Exposed",
      location,
      evidence: "the API is served without a credential",
      probe: "kubectl-proxy",
    }),
  ];
  const services: ServiceFound[] = [{ service: "Kubernetes Proxy", location, protocol: "http" }];
  for (const namespace of (await names(endpoint, "/api/v1/namespaces")).slice(0, maxNamespaces)) {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services`;
    for (const service of await names(endpoint, path))
      if (service === "kubernetes-dashboard")
        services.push({
          service: "Kubernetes Dashboard",
          location,
          protocol: "http",
          path: `api/v1/namespaces/${namespace}/services/${service}/proxy`,
        });
  }
  return { exposures, services };
}

async function names(endpoint: Endpoint, path: string): Promise<readonly string[]> {
  const answer = await endpoint.get("http", path, { token: false });
  const items = answer?.status === 200 ? (itemsOf(jsonIn(answer.text)) ?? []) : [];
  return items.flatMap((item) => asText(member(item, "metadata", "name")) ?? []);
}
