import type { Answer, Endpoint } from "../shared/endpoint.ts";
import { excerpt, exposure } from "../shared/exposure.ts";
import type { Exposure, ServiceFound } from "../shared/exposure.ts";

/**
 * KHV032, KHV033 and KHV034: what etcd reveals without a client certificate. Nothing is written.
 * @param isElsewhere the port is not etcd's, so that only a version that names etcd is one of it: API servers have `/version`, too
 */
export async function probeEtcd(
  endpoint: Endpoint,
  isElsewhere = false,
): Promise<{ readonly exposures: readonly Exposure[]; readonly services: readonly ServiceFound[] }> {
  const { location } = endpoint;
  const probe = "etcd";
  const plain = await endpoint.get("http", "/version", { token: false });
  const tells = (answer: Answer | undefined): boolean =>
    answer?.status === 200 && (isElsewhere ? answer.text.includes('"etcdserver"') : answer.text !== "");
  const protocol = tells(plain) ? "http" : "https";
  const version = protocol === "http" ? plain : await endpoint.get("https", "/version", { token: false });
  if (version === undefined || !tells(version)) return { exposures: [], services: [] };
  const evidence = excerpt(version.text);
  const exposures = [exposure("KHV033", { location, evidence, probe })];
  if (protocol === "http") exposures.push(exposure("KHV034", { location, evidence, probe }));
  const older = await endpoint.get(protocol, "/v2/keys", { token: false });
  const keys = older === undefined || older.status === 404 ? await rangeOfKeys(endpoint, protocol) : older;
  if (keys?.status === 200)
    exposures.push(
      exposure("KHV032", {
        location,
        evidence: "keys are listed without a client certificate, so they can probably be written, too (KHV031)",
        probe,
      }),
    );
  return { exposures, services: [{ service: "Etcd", location, protocol }] };
}

/** etcd 3.6 has no version 2 of the API: one key is asked for through the gateway of version 3, without its value. */
async function rangeOfKeys(endpoint: Endpoint, protocol: "http" | "https"): Promise<Answer | undefined> {
  const body = JSON.stringify({ key: "AA==", range_end: "AA==", limit: 1, keys_only: true });
  return endpoint.post(protocol, "/v3/kv/range", { token: false, body });
}
