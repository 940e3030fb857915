import { asList, asText, member } from "@plimsoll/kubernetes";
import { jsonIn } from "@plimsoll/formats";
import type { Answer, Endpoint } from "../shared/endpoint.ts";
import { excerpt, exposure } from "../shared/exposure.ts";
import type { Exposure, ServiceFound } from "../shared/exposure.ts";
import { itemsOf, logMountPods, privilegedContainers, servicePrincipalPods } from "../shared/pods.ts";
import { versionExposures } from "../shared/versions.ts";

/** Detects a kubelet on its authenticated port. A 403 comes after authentication, which shows that anonymous requests are accepted. */
export async function discoverKubelet(endpoint: Endpoint): Promise<ServiceFound | undefined> {
  const answer = await endpoint.get("https", "/pods", { token: false });
  if (answer === undefined || ![200, 401, 403].includes(answer.status)) return undefined;
  return {
    service: "Kubelet API",
    location: endpoint.location,
    protocol: "https",
    anonymous: answer.status !== 401,
    authenticated: answer.status !== 200,
  };
}

/** Detects a kubelet on its read-only port. */
export async function discoverReadOnlyKubelet(endpoint: Endpoint): Promise<ServiceFound | undefined> {
  const answer = await endpoint.get("http", "/pods", { token: false });
  if (answer?.status !== 200) return undefined;
  return { service: "Kubelet API (readonly)", location: endpoint.location, protocol: "http" };
}

/** KHV002, KHV043, KHV044, KHV052 and exposures of its pods, on the read-only port. */
export async function probeReadOnlyKubelet(
  endpoint: Endpoint,
  options: { readonly includePatched?: boolean | undefined } = {},
): Promise<readonly Exposure[]> {
  const { location } = endpoint;
  const probe = "kubelet-readonly";
  const found: Exposure[] = [];
  const pods = podsOf(await endpoint.get("http", "/pods"));
  const version = versionIn((await endpoint.get("http", "/metrics"))?.text ?? "");
  if (version !== undefined) {
    const evidence = excerpt(`version ${version}`);
    found.push(exposure("KHV002", { name: "K8s Version Disclosure", location, evidence, probe }));
    found.push(...versionExposures(version, "api-server", { includePatched: options.includePatched, location }));
  }
  const privileged = privilegedContainers(pods ?? []);
  if (privileged.length > 0)
    found.push(exposure("KHV044", { location, evidence: excerpt(privileged.slice(0, 5).join(", ")), probe }));
  const health = await endpoint.get("http", "/healthz");
  if (health?.status === 200 && health.text !== "")
    found.push(exposure("KHV043", { location, evidence: excerpt(health.text), probe }));
  if (pods !== undefined) found.push(exposedPods(pods, location, probe), ...mounts(pods, location));
  return found;
}

/** The pods of an answer; undefined when it holds none. */
function podsOf(answer: Answer | undefined): readonly unknown[] | undefined {
  return answer === undefined ? undefined : itemsOf(jsonIn(answer.text));
}

function exposedPods(pods: readonly unknown[], location: string, probe: string): Exposure {
  return exposure("KHV052", { location, evidence: `count: ${pods.length}`, probe });
}

function mounts(pods: readonly unknown[], location: string): readonly Exposure[] {
  return [...logMountPods(pods, location), ...servicePrincipalPods(pods, location)];
}

/** The version in `kubernetes_build_info` of metrics. */
function versionIn(metrics: string): string | undefined {
  for (const line of metrics.split("\n")) {
    if (!line.startsWith("kubernetes_build_info")) continue;
    const version = /gitVersion="([^"]{1,100})"/.exec(line.slice(0, 2000))?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

/**
 * KHV036 to KHV046 and KHV052 on the authenticated port. Handlers that could run a command are requested so that nothing runs: `run` for
 * a pod that does not exist, `exec` and `attach` without a command, and redirects are not followed.
 */
export async function probeKubelet(
  endpoint: Endpoint,
  options: { readonly anonymous: boolean },
): Promise<readonly Exposure[]> {
  const { location } = endpoint;
  const probe = "kubelet";
  const found: Exposure[] = [];
  if (options.anonymous) {
    const evidence = "a request without a credential is taken";
    found.push(exposure("KHV036", { location, evidence, probe }));
  }
  const pods = podsOf(await endpoint.get("https", "/pods"));
  const health = await endpoint.get("https", "/healthz");
  if (pods !== undefined) found.push(exposedPods(pods, location, probe), ...mounts(pods, location));
  if (health?.status === 200 && health.text !== "")
    found.push(exposure("KHV043", { location, evidence: excerpt(health.text), probe }));
  const pod = podToAskFor(pods ?? []);
  return pod === undefined ? found : [...found, ...(await probeHandlers(endpoint, pod))];
}

interface AskedPod {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/** A running pod of `default`, else one of `kube-system`. */
function podToAskFor(pods: readonly unknown[]): AskedPod | undefined {
  for (const namespace of ["default", "kube-system"]) {
    const pod = pods.find(
      (each) =>
        asText(member(each, "metadata", "namespace")) === namespace &&
        asText(member(each, "status", "phase")) === "Running",
    );
    if (pod === undefined) continue;
    const name = asText(member(pod, "metadata", "name"));
    const container = asText(member(asList(member(pod, "spec", "containers"))[0], "name"));
    return name === undefined || container === undefined ? undefined : { namespace, name, container };
  }
  return undefined;
}

/** Debug handlers, one after the other: one that fails ends the series. */
async function probeHandlers(endpoint: Endpoint, pod: AskedPod): Promise<readonly Exposure[]> {
  const { location } = endpoint;
  const probe = "kubelet";
  const found: Exposure[] = [];
  const add = (id: string, evidence: string): void => {
    found.push(exposure(id, { location, evidence: excerpt(evidence), probe }));
  };
  const path = [pod.namespace, pod.name, pod.container].map(encodeURIComponent).join("/");
  const running = await endpoint.get("https", "/runningpods");
  if (running === undefined) return found;
  if (running.status === 200) {
    const items = itemsOf(jsonIn(running.text));
    if (items === undefined) return found;
    add("KHV038", `count: ${items.length}`);
  }
  const commandLine = await endpoint.get("https", "/debug/pprof/cmdline");
  if (commandLine === undefined) return found;
  if (commandLine.status === 200 && commandLine.text !== "") add("KHV046", commandLine.text.replaceAll("\0", " "));
  const logs = await endpoint.get("https", `/containerLogs/${path}`, { first: 1 });
  if (logs === undefined) return found;
  if (logs.status === 200) add("KHV037", `logs of ${path}`);
  const exec = await endpoint.get("https", `/exec/${path}?command=&input=1&output=1&tty=1`, {
    headers: { "x-stream-protocol-version": "v2.channel.k8s.io" },
  });
  if (exec === undefined) return found;
  if (exec.text.includes("/cri/exec/")) add("KHV039", `exec in ${path} is redirected to the runtime`);
  const run = await endpoint.post("https", "/run/test/test/test?cmd=");
  if (run === undefined) return found;
  if (run.status === 404) add("KHV040", "the request is answered with a search for a pod that does not exist");
  const attach = await endpoint.get("https", `/attach/${path}?command=&input=1&output=1&tty=1`);
  if (attach === undefined) return found;
  if (attach.text.includes("/cri/attach/")) add("KHV042", `attach to ${path} is redirected to the runtime`);
  const systemLogs = await endpoint.get("https", "/logs/");
  if (systemLogs?.text.includes("<pre>") === true) add("KHV045", "/logs/ lists files");
  return found;
}
