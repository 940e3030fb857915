import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { Server } from "node:https";
import { createServer as createSocketServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admissionAnswers, decide, preparePolicies } from "./index.ts";

// The webhook behind a real API server, where this machine has one: `kube-apiserver` on PATH, or the file that PLIMSOLL_KUBE_APISERVER names, with
// etcd and openssl. PLIMSOLL_RECORD_REVIEWS names a file to write the reviews to that the server sent.

const apiServer = process.env["PLIMSOLL_KUBE_APISERVER"] ?? "kube-apiserver";
const record = process.env["PLIMSOLL_RECORD_REVIEWS"];
const absent = [apiServer, "etcd", "openssl"].find(
  (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined,
);
if (absent !== undefined)
  console.warn(
    `${absent} is not installed: the webhook is not tried behind a real API server (PLIMSOLL_KUBE_APISERVER names one)`,
  );

const rego = `package privileged
violation[{"msg": msg}] {
  c := input.review.object.spec.containers[_]
  c.securityContext.privileged
  msg := sprintf("%v is privileged", [c.name])
}`;
const constraints = (kind: string, source: string, enforcementAction: string): readonly object[] => [
  {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: kind.toLowerCase() },
    spec: {
      crd: { spec: { names: { kind } } },
      targets: [{ target: "admission.k8s.gatekeeper.sh", rego: source }],
    },
  },
  {
    apiVersion: "constraints.gatekeeper.sh/v1beta1",
    kind,
    metadata: { name: "all" },
    spec: { enforcementAction, match: { kinds: [{ apiGroups: [""], kinds: ["Pod"] }] } },
  },
];
const policies = await preparePolicies([
  ...constraints("Privileged", rego, "deny"),
  ...constraints("Named", 'package named\nviolation[{"msg": "told"}] { input.review.name }', "warn"),
  {
    apiVersion: "mutations.gatekeeper.sh/v1",
    kind: "AssignMetadata",
    metadata: { name: "zone" },
    spec: { location: "metadata.labels.zone", parameters: { assign: { value: "a" } } },
  },
]);

let folder = "";
const children: ChildProcess[] = [];
let webhook: Server | undefined;
let apiPort = 0;
const reviews: { readonly request: Readonly<Record<string, unknown>> }[] = [];

async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // as: it listens on a port
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Answer {
  readonly status: number;
  readonly warning: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks the API server as one of its masters. */
async function ask(method: string, path: string, object?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: "Bearer secret", "content-type": "application/json" };
    const asked = request(
      { host: "127.0.0.1", port: apiPort, method, path, headers, rejectUnauthorized: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const body = text.startsWith("{") ? (JSON.parse(text) as Answer["body"]) : { text }; // as: the API's answers are objects
          resolve({ status: response.statusCode ?? 0, warning: String(response.headers["warning"] ?? ""), body });
        });
      },
    );
    asked.on("error", reject);
    asked.end(object === undefined ? undefined : JSON.stringify(object));
  });
}

/** Asks again until something is so, for a minute. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("the API server did not come so far within a minute");
}

const pod = (name: string, securityContext: object): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "shop" },
  spec: { containers: [{ name: "app", image: "registry.example/app:1", securityContext }] },
});
const pods = "/api/v1/namespaces/shop/pods";

describe.skipIf(absent !== undefined)("the webhook behind a real API server", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-api-server-"));
    const [key, cert, account, tokens] = ["tls.key", "tls.crt", "account.key", "tokens.csv"].map((name) =>
      join(folder, name),
    ) as [string, string, string, string]; // as: four names
    const openssl = (...args: readonly string[]): void => {
      expect(spawnSync("openssl", args, { stdio: "ignore" }).status).toBe(0);
    };
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject);
    openssl("genrsa", "-out", account, "2048");
    writeFileSync(tokens, 'secret,admin,1,"system:masters"\n');
    const [etcdPort, peerPort] = [await freePort(), await freePort()];
    apiPort = await freePort();
    const etcd = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    mkdirSync(join(folder, "etcd"), { mode: 0o700 });
    const started = (program: string, args: readonly string[]): void => {
      children.push(spawn(program, args, { stdio: "ignore", cwd: folder }));
    };
    started("etcd", [
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ]);
    started(apiServer, [
      `--etcd-servers=${etcd}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${apiPort}`,
      `--cert-dir=${folder}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-signing-key-file=${account}`,
      `--service-account-key-file=${account}`,
      `--token-auth-file=${tokens}`,
      "--authorization-mode=RBAC",
      "--disable-admission-plugins=ServiceAccount",
      "--service-cluster-ip-range=10.0.0.0/24",
    ]);
    const answerTo = admissionAnswers({ evidenceFor: () => ({ policies }) });
    webhook = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (asked, answer) => {
      let text = "";
      asked.setEncoding("utf8");
      asked.on("data", (chunk: string) => (text += chunk));
      asked.on("end", () => {
        reviews.push(JSON.parse(text) as (typeof reviews)[number]); // as: an API server sends reviews
        void answerTo(text).then(({ status, contentType, body }) =>
          answer.writeHead(status, { "content-type": contentType }).end(body),
        );
      });
    });
    const port = await freePort();
    await new Promise<void>((resolve) => webhook?.listen(port, "127.0.0.1", resolve));
    await until(async () => (await ask("GET", "/readyz")).status === 200);
    const registered = await ask("POST", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "plimsoll" },
      webhooks: [
        {
          name: "admission.plimsoll.dev",
          clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: readFileSync(cert).toString("base64") },
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "DELETE"], resources: ["pods"] }],
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
          failurePolicy: "Fail",
        },
      ],
    });
    expect(registered.status).toBe(201);
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    expect((await ask("POST", "/api/v1/namespaces", namespace)).status).toBe(201);
    // The server takes a moment to heed a webhook.
    await until(async () => {
      await ask("POST", `${pods}?dryRun=All`, pod("probe", {}));
      return reviews.length > 0;
    });
  }, 180_000);

  afterAll(() => {
    if (record !== undefined) writeFileSync(record, JSON.stringify(reviews, undefined, 2));
    for (const child of children) child.kill("SIGKILL");
    webhook?.close();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  test("refuses with its reason what its policies refuse", async () => {
    const { status, body } = await ask("POST", pods, pod("bad", { privileged: true }));

    expect([status, body["reason"]]).toEqual([403, "Forbidden"]);
    expect(body["message"]).toContain("app is privileged");
  });

  test("lets in what they allow, changed, and passes warnings on", async () => {
    const { status, warning, body } = await ask("POST", pods, pod("good", {}));

    expect(status).toBe(201);
    expect(body).toMatchObject({ metadata: { labels: { zone: "a" } } });
    expect(warning).toContain("[Named all] told");
    expect((await ask("DELETE", `${pods}/good?gracePeriodSeconds=0`)).status).toBe(200);
  });

  test("is sent reviews that have the members of the ones in fixtures, and are decided again from what they hold", async () => {
    const url = new URL("fixtures/admission-reviews.json", import.meta.url);
    const written = JSON.parse(readFileSync(url, "utf8")) as readonly { readonly review: (typeof reviews)[number] }[]; // as: the file is ours
    const known = new Set(written.flatMap(({ review }) => Object.keys(review.request)));

    for (const review of reviews) {
      expect(Object.keys(review.request).filter((name) => !known.has(name))).toEqual([]);
      expect(await decide(review, { policies })).toEqual(await decide(structuredClone(review), { policies }));
    }
  });
});
