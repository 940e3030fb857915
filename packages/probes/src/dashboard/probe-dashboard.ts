import { asList, asText, member } from "@plimsoll/kubernetes";
import { jsonIn } from "@plimsoll/formats";
import type { Endpoint } from "../shared/endpoint.ts";
import { excerpt, exposure } from "../shared/exposure.ts";
import type { Exposure, ServiceFound } from "../shared/exposure.ts";

/** KHV029: a dashboard that lists services without a login. */
export async function probeDashboard(
  endpoint: Endpoint,
): Promise<{ readonly exposures: readonly Exposure[]; readonly services: readonly ServiceFound[] }> {
  const { location } = endpoint;
  const listed = await endpoint.get("http", "/api/v1/service/default", { token: false });
  const value = listed === undefined ? undefined : jsonIn(listed.text);
  const errors = member(value, "errors");
  if (member(value, "listMeta") === undefined || !Array.isArray(errors) || errors.length > 0)
    return { exposures: [], services: [] };
  const nodes = await endpoint.get("http", "/api/v1/node", { token: false });
  const names =
    nodes?.status === 200
      ? asList(member(jsonIn(nodes.text), "nodes")).flatMap((node) => asText(member(node, "objectMeta", "name")) ?? [])
      : [];
  const evidence = excerpt(names.length === 0 ? "services are listed" : `nodes: ${names.join(" ")}`);
  return {
    exposures: [exposure("KHV029", { location, evidence, probe: "dashboard" })],
    services: [{ service: "Kubernetes Dashboard", location, protocol: "http" }],
  };
}
