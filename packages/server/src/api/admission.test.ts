import { memoryCache } from "@plimsoll/inventory";
import { dockerArchive } from "@plimsoll/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { alpineLayer, alpineStore } from "../fixtures/alpine.ts";
import { testDatabases } from "../fixtures/test-databases.ts";
import { serviceOn } from "../service.ts";
import type { Service } from "../service.ts";

let service: Service;

beforeEach(() => {
  const database = testDatabases.at(-1);
  if (database === undefined) throw new Error("the embedded database is always there");
  service = serviceOn(database.open(), {
    advisories: alpineStore([
      { cve: "CVE-2024-0001", name: "musl", severity: "HIGH" },
      { cve: "CVE-2024-0002", name: "zlib", severity: "LOW" },
    ]),
    cache: memoryCache(),
    admission: {
      policies: [
        {
          apiVersion: "admissionregistration.k8s.io/v1",
          kind: "ValidatingAdmissionPolicy",
          metadata: { name: "no-host-network" },
          spec: {
            matchConstraints: {
              resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["pods"] }],
            },
            validations: [
              { expression: "!has(object.spec.hostNetwork) || !object.spec.hostNetwork", message: "no host network" },
            ],
          },
        },
        {
          apiVersion: "admissionregistration.k8s.io/v1",
          kind: "ValidatingAdmissionPolicyBinding",
          metadata: { name: "no-host-network" },
          spec: { policyName: "no-host-network", validationActions: ["Deny"] },
        },
      ],
    },
  });
});
afterEach(() => service.close());

async function upload(packages: Readonly<Record<string, string>>): Promise<string> {
  const body = (await dockerArchive(
    { layers: [alpineLayer(packages)] },
    { tags: ["shop:1"] },
  )) as Uint8Array<ArrayBuffer>;
  const headers = { "content-type": "application/x-tar" };
  const answer = await service.fetch(new Request("http://service/api/v1/images", { method: "POST", headers, body }));
  expect(answer.status).toBe(201);
  return String(((await answer.json()) as { digest: string }).digest);
}

interface Answer {
  readonly status: number;
  readonly response: { readonly uid: string; readonly allowed: boolean; readonly status: { readonly message: string } };
}

async function review(image: string, query = "", spec: object = {}): Promise<Answer> {
  const object = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "shop", namespace: "web" },
    spec: { containers: [{ name: "shop", image }], ...spec },
  };
  const request = {
    uid: "u1",
    kind: { group: "", version: "v1", kind: "Pod" },
    resource: { group: "", version: "v1", resource: "pods" },
    namespace: "web",
    operation: "CREATE",
    object,
  };
  const body = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
  const answer = await service.fetch(new Request(`http://service/api/v1/admission${query}`, { method: "POST", body }));
  return { status: answer.status, ...((await answer.json()) as Pick<Answer, "response">) };
}

test("pods are admitted or refused by what the service knows of their images, and by its policies", async () => {
  const bad = await upload({ musl: "1.2.5-r0" });
  const good = await upload({ zlib: "1.3-r0" });
  const name = "registry.example/shop";

  expect((await review(`${name}@${good}`)).response).toMatchObject({ uid: "u1", allowed: true });
  const refused = (await review(`${name}@${bad}`)).response;
  expect([refused.allowed, refused.status.message]).toEqual([false, expect.stringContaining("CVE-2024-0001")]);
  expect((await review(`${name}@${bad}`, "?severity=CRITICAL")).response.allowed).toBe(true);
  expect((await review(`${name}@${good}`, "?severity=LOW")).response.allowed).toBe(false);
  const host = (await review(`${name}@${good}`, "", { hostNetwork: true })).response;
  expect([host.allowed, host.status.message]).toEqual([false, expect.stringContaining("no host network")]);
});

test("what was never scanned, or has no digest, is refused", async () => {
  for (const image of [`registry.example/shop@sha256:${"0".repeat(64)}`, "registry.example/shop:1"])
    expect((await review(image)).response.allowed).toBe(false);
  expect((await review("x", "?severity=BAD")).status).toBe(400);
});
