import { describe, expect, test } from "vitest";
import { predictExposure } from "./predict-exposure.ts";
import type { ClusterConfiguration } from "./predict-exposure.ts";

function ids(configuration: ClusterConfiguration): readonly string[] {
  return predictExposure(configuration).map(({ id }) => id);
}

const binding = (role: string): unknown => ({
  kind: "ClusterRoleBinding",
  metadata: { name: role },
  roleRef: { kind: "ClusterRole", name: role },
  subjects: [{ kind: "User", name: "system:anonymous" }],
});
const role = (name: string, rules: unknown): unknown => ({ kind: "ClusterRole", metadata: { name }, rules });

describe("exposure from configuration", () => {
  test.each<[string, ClusterConfiguration, readonly string[]]>([
    ["nothing", {}, []],
    [
      "a closed kubelet",
      { kubelets: [{ configuration: { readOnlyPort: 0, authentication: { anonymous: { enabled: false } } } }] },
      [],
    ],
    ["a read-only port", { kubelets: [{ configuration: { readOnlyPort: 10255 } }] }, ["KHV002", "KHV043", "KHV052"]],
    [
      "a command line that wins over the file",
      { kubelets: [{ arguments: ["kubelet", "--read-only-port=0"], configuration: { readOnlyPort: 10255 } }] },
      [],
    ],
    [
      "an open kubelet",
      {
        kubelets: [
          {
            configuration: { authentication: { anonymous: { enabled: true } }, authorization: { mode: "AlwaysAllow" } },
          },
        ],
      },
      ["KHV036", "KHV052", "KHV043", "KHV038", "KHV037", "KHV039", "KHV042", "KHV046", "KHV040", "KHV041", "KHV045"],
    ],
    [
      "an open kubelet without debug handlers",
      {
        kubelets: [
          {
            configuration: {
              authentication: { anonymous: { enabled: true } },
              authorization: { mode: "AlwaysAllow" },
              enableDebuggingHandlers: false,
            },
          },
        ],
      },
      ["KHV036", "KHV052", "KHV043"],
    ],
    [
      "anonymous users that the API server forbids everything",
      {
        kubelets: [
          { configuration: { authentication: { anonymous: { enabled: true } }, authorization: { mode: "Webhook" } } },
        ],
      },
      ["KHV036"],
    ],
    [
      "anonymous users that may reach nodes/proxy",
      {
        kubelets: [
          { configuration: { authentication: { anonymous: { enabled: true } }, authorization: { mode: "Webhook" } } },
        ],
        apiServers: [{ arguments: ["kube-apiserver", "--anonymous-auth=false"] }],
        objects: [binding("p"), role("p", [{ apiGroups: [""], resources: ["nodes/proxy"], verbs: ["get"] }])],
      },
      ["KHV036", "KHV052", "KHV043", "KHV038", "KHV037", "KHV039", "KHV042", "KHV046"],
    ],
    [
      "an API server without authorization",
      {
        apiServers: [{ arguments: ["kube-apiserver", "--authorization-mode=AlwaysAllow", "--insecure-port", "8080"] }],
      },
      ["KHV006", "KHV002", "KHV005", "KHV007", "KHV007", "KHV007", "KHV007"],
    ],
    [
      "an API server with RBAC",
      { apiServers: [{ arguments: ["kube-apiserver", "--authorization-mode=Node,RBAC"] }] },
      ["KHV002"],
    ],
    [
      "anonymous users that may list pods and read secrets",
      {
        objects: [
          binding("r"),
          role("r", [{ apiGroups: [""], resources: ["pods", "secrets"], verbs: ["list", "get"] }]),
        ],
      },
      ["KHV007", "PLM002"],
    ],
    ["etcd on loopback", { etcds: [{ arguments: ["etcd", "--listen-client-urls=http://127.0.0.1:2379"] }] }, []],
    [
      "etcd over HTTP",
      { etcds: [{ arguments: ["etcd", "--listen-client-urls=http://0.0.0.0:2379"] }] },
      ["KHV033", "KHV034", "KHV032", "KHV031"],
    ],
    [
      "etcd with client certificates",
      { etcds: [{ arguments: ["etcd", "--listen-client-urls=https://10.0.0.1:2379", "--client-cert-auth"] }] },
      [],
    ],
    [
      "a workload with the log folder and a token",
      {
        objects: [
          {
            kind: "DaemonSet",
            metadata: { name: "logs" },
            spec: {
              template: { spec: { containers: [], volumes: [{ hostPath: { path: "/var/log", type: "Directory" } }] } },
            },
          },
        ],
      },
      ["KHV047", "KHV050"],
    ],
    [
      "old versions",
      { version: "v1.13.3", kubectlVersion: "v1.13.5" },
      ["KHV023", "KHV024", "KHV025", "KHV026", "KHV027"],
    ],
    ["values of wrong types", { objects: [null, 1, { kind: 3, spec: [] }], kubelets: [{ configuration: [1] }] }, []],
  ])("%s", (_, configuration, expected) => {
    expect(ids(configuration)).toEqual(expected);
  });
});
