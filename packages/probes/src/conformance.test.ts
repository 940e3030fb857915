import { sharedFile } from "@plimsoll/testkit";
import { describe, expect, test } from "vitest";
import { discoverApiServer, probeApiServer } from "./api-server/probe-api-server.ts";
import { certificateBytes, certificateExposures } from "./certificate/probe-certificate.ts";
import { probeDashboard } from "./dashboard/probe-dashboard.ts";
import { probeEtcd } from "./etcd/probe-etcd.ts";
import { probeKubectlProxy } from "./kubectl-proxy/probe-kubectl-proxy.ts";
import {
  discoverKubelet,
  discoverReadOnlyKubelet,
  probeKubelet,
  probeReadOnlyKubelet,
} from "./kubelet/probe-kubelet.ts";
import { Endpoint } from "./shared/endpoint.ts";
import type { Connect } from "./shared/endpoint.ts";
import type { Exposure, ServiceFound } from "./shared/exposure.ts";
import { knownExposures } from "./shared/knowledge.ts";
import { logMountPods, servicePrincipalPods } from "./shared/pods.ts";
import { isVendorVersion, versionExposures } from "./shared/versions.ts";
import type { VersionedComponent } from "./shared/versions.ts";

function eachRow<Row extends object>(name: string, body: (row: Row & { id: string }) => void | Promise<void>): void {
  const text = sharedFile(`conformance/kube-hunter/${name}.json`);
  const rows = text === undefined ? [] : (JSON.parse(text) as (Row & { id: string })[]);
  test.skipIf(rows.length === 0)(`every row of ${name}`, async () => {
    const wrong: string[] = [];
    for (const row of rows)
      try {
        await body(row);
      } catch (error) {
        wrong.push(`${row.id}: ${String(error)}`);
      }
    expect(wrong).toEqual([]);
  });
}

interface Row {
  probe: string;
  host: string;
  port: number;
  protocol?: "http" | "https";
  token?: string;
  anonymous?: boolean;
  responses: { method: string; url: string; status: number; body: string }[];
  findings: { id: string; name: string }[];
  services?: Record<string, unknown>[];
}

/** Only the addresses of the row answer. */
function connectTo(row: Row): Connect {
  return async (url, { method }) => {
    const plain = (text: string): string => text.replace(/^(https?:\/\/[^/]+)\/$/, "$1");
    const answer = row.responses.find((each) => each.method === method && plain(each.url) === plain(url));
    if (answer === undefined) throw new TypeError("connection refused");
    return new Response(answer.body, { status: answer.status });
  };
}

async function probeRow(
  row: Row,
): Promise<{ exposures: readonly Exposure[]; services: readonly (ServiceFound | undefined)[] }> {
  const limits = { requestTimeout: 1000, endpointTimeout: 5000, bytes: 1 << 20 };
  const endpoint = new Endpoint(row, {
    connect: connectTo(row),
    limits,
    token: row.token,
    signal: new AbortController().signal,
  });
  switch (row.probe) {
    case "api-server":
      return { exposures: await probeApiServer(endpoint, row.protocol ?? "https"), services: [] };
    case "api-discovery":
      return { exposures: [], services: [await discoverApiServer(endpoint)] };
    case "kubelet":
      return { exposures: await probeKubelet(endpoint, { anonymous: row.anonymous === true }), services: [] };
    case "kubelet-readonly":
      return {
        exposures: (await probeReadOnlyKubelet(endpoint)).filter(({ probe }) => probe === "kubelet-readonly"),
        services: [],
      };
    case "kubelet-discovery":
      return {
        exposures: [],
        services: [await (row.port === 10250 ? discoverKubelet(endpoint) : discoverReadOnlyKubelet(endpoint))],
      };
    case "etcd":
      return { exposures: (await probeEtcd(endpoint)).exposures, services: [] };
    case "proxy":
      return probeKubectlProxy(endpoint);
    case "dashboard":
      return probeDashboard(endpoint);
    default:
      throw new TypeError(`no probe is called ${row.probe}`);
  }
}

describe("what kube-hunter's passive hunters conclude", () => {
  eachRow<Row>("responses", async (row) => {
    const { exposures, services } = await probeRow(row);
    expect(exposures.map(({ id }) => id).toSorted()).toEqual(row.findings.map(({ id }) => id).toSorted());
    if (row.services === undefined) {
      if (row.probe.endsWith("discovery")) expect(services).toEqual([undefined]);
      return;
    }
    const compared = services.map((service, index) =>
      Object.fromEntries(
        Object.keys(row.services?.[index] ?? {}).map((key) => [key, service?.[key as keyof ServiceFound]]),
      ),
    );
    expect(compared).toEqual(row.services);
  });

  eachRow<{ component: VersionedComponent; version: string; includePatched: boolean; findings: string[] }>(
    "versions",
    (row) => {
      const ids = versionExposures(row.version, row.component, { includePatched: row.includePatched }).map(
        ({ id }) => id,
      );
      expect(ids.toSorted()).toEqual(row.findings.toSorted());
    },
  );

  eachRow<{ version: string; downstream: boolean }>("downstream", (row) => {
    expect(isVendorVersion(row.version)).toBe(row.downstream);
  });

  eachRow<{ check: "azure-spn" | "var-log"; pods: unknown[]; found: boolean }>("pods", (row) => {
    const exposures = (row.check === "azure-spn" ? servicePrincipalPods : logMountPods)(row.pods, "row");
    expect(exposures.length > 0).toBe(row.found);
  });

  eachRow<{ pem: string; findings: { id: string; email: string }[] }>("certificate", (row) => {
    const found = certificateExposures(certificateBytes(row.pem) ?? new Uint8Array(), "row");
    expect(found.map(({ id, evidence }) => ({ id, email: evidence.replace("email: ", "") }))).toEqual(row.findings);
  });

  eachRow<{ title: string; category: string }>("ids", (row) => {
    const known = knownExposures.get(row.id);
    expect([known?.title, known?.category]).toEqual([row.title, row.category]);
  });
});
