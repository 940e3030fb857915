import type { Endpoint } from "../shared/endpoint.ts";
import { exposure } from "../shared/exposure.ts";
import type { Exposure } from "../shared/exposure.ts";

/** The address of the metadata services of AWS and Azure. */
export const metadataHost = "169.254.169.254";

/** KHV003 and KHV053: metadata services that answer requests from the machine that probes. Credentials are never requested. */
export async function probeCloudMetadata(endpoint: Endpoint): Promise<readonly Exposure[]> {
  const { location } = endpoint;
  const probe = "cloud-metadata";
  const found: Exposure[] = [];
  const azure = await endpoint.get("http", "/metadata/instance/compute/location?api-version=2017-08-01&format=text", {
    token: false,
    headers: { metadata: "true" },
  });
  if (azure?.status === 200)
    found.push(exposure("KHV003", { location, evidence: "instance metadata is served", probe }));
  const first = await endpoint.get("http", "/latest/meta-data/", { token: false });
  if (first?.status === 200) {
    found.push(exposure("KHV053", { location, evidence: "version 1 of the service answers", probe }));
    return found;
  }
  const token = await endpoint.put("http", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "60" });
  if (token?.status === 200 && token.text.length > 20 && token.text.length < 500)
    found.push(exposure("KHV053", { location, evidence: "version 2 of the service issues session tokens", probe }));
  return found;
}
