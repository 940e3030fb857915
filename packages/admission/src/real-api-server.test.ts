import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { Server } from "node:https";
import { createServer as createSocketServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digests, mutatingPolicies, reviewPolicies } from "./fixtures/review-policies.ts";
import { admissionAnswers, decide, preparePolicies } from "./index.ts";
import type { AdmissionHandlerOptions } from "./index.ts";

// The webhook behind a real API server, where this machine has one: `kube-apiserver` on PATH, or the file that PLIMSOLL_KUBE_APISERVER names, with
// etcd and openssl. PLIMSOLL_RECORD_REVIEWS names a file to write the reviews to that the server sent; see fixtures/README.md.

const apiServer = process.env["PLIMSOLL_KUBE_APISERVER"] ?? "kube-apiserver";
const record = process.env["PLIMSOLL_RECORD_REVIEWS"];
const absent = [apiServer, "etcd", "openssl"].find(
  (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined,
);
if (absent !== undefined)
  console.warn(
    `${absent} is not installed: the webhook is not tried behind a real API server (PLIMSOLL_KUBE_APISERVER names one)`,
  );

interface RecordedReview {
  readonly what: string;
  /** Which webhook was asked: `validate` by {@link reviewPolicies}, `mutate` by {@link mutatingPolicies}. */
  readonly asked: string;
  readonly allowed: boolean;
  readonly review: { readonly request: Readonly<Record<string, unknown>> };
}

const validating = await preparePolicies(reviewPolicies);
const mutating = await preparePolicies(mutatingPolicies);
/** What answers under a path of the webhook. */
const hooks: Readonly<Record<string, AdmissionHandlerOptions>> = {
  "/validate": { evidenceFor: () => ({ policies: validating }) },
  "/mutate": { evidenceFor: () => ({ policies: mutating, digests }) },
  "/late": { evidenceFor: async () => new Promise(() => {}), deadlineMs: 100 },
  "/lost": { evidenceFor: async () => new Promise(() => {}), deadlineMs: 600_000 },
};

let folder = "";
const children: ChildProcess[] = [];
let webhook: Server | undefined;
let apiPort = 0;
let webhookPort = 0;
const recorded: RecordedReview[] = [];
let doing: string | undefined;

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

interface Question {
  readonly object?: unknown;
  readonly type?: string;
  readonly token?: string;
}

/** Asks the API server, as one of its masters where no token is given. */
async function ask(method: string, path: string, question: Question = {}): Promise<Answer> {
  const { object, type = "application/json", token = "secret" } = question;
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": type };
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

/** Asks again until something holds, for two minutes. */
async function until(holds: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < 480; tries += 1) {
    const failed = await holds().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failed === undefined) return;
    if (tries === 479) throw failed.error;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const container = (securityContext: object): object => ({
  name: "app",
  image: "registry.example/app:1",
  securityContext,
});
const pod = (name: string, securityContext: object = {}, labels = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels },
  spec: { containers: [container(securityContext)] },
});
const deployment = (name: string, securityContext: object = {}): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [container(securityContext)] } },
  },
});
const ship = (size: number): object => ({
  apiVersion: "plimsoll.example/v1",
  kind: "Ship",
  metadata: { name: "mary" },
  spec: { size },
});
const core = "/api/v1/namespaces/shop";
const pods = `${core}/pods`;
const deployments = "/apis/apps/v1/namespaces/shop/deployments";
const ships = "/apis/plimsoll.example/v1/namespaces/shop/ships";
const registration = "/apis/admissionregistration.k8s.io/v1";
const mergePatch = "application/merge-patch+json";
const privileged = { privileged: true };

const rules = [
  { apiGroups: [""], apiVersions: ["v1"], resources: ["pods", "pods/*"] },
  { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments", "deployments/scale"] },
  { apiGroups: ["networking.k8s.io"], apiVersions: ["v1"], resources: ["ingresses"] },
  { apiGroups: ["plimsoll.example"], apiVersions: ["v1"], resources: ["ships"] },
].map((rule) => ({ ...rule, operations: ["*"] }));

/** Registers a webhook under a path of ours, for objects of a label. */
async function register(kind: "Mutating" | "Validating", path: string, changes: object): Promise<void> {
  const name = path.slice(1);
  const object = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks: [
      {
        name: `${name}.plimsoll.dev`,
        clientConfig: {
          url: `https://127.0.0.1:${webhookPort}${path}`,
          caBundle: readFileSync(join(folder, "tls.crt")).toString("base64"),
        },
        rules,
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Fail",
        ...changes,
      },
    ],
  };
  expect((await ask("POST", `${registration}/${kind.toLowerCase()}webhookconfigurations`, { object })).status).toBe(
    201,
  );
}

const tried = (value: string): object => ({ objectSelector: { matchLabels: { try: value } } });

function newCertificate(key: string, cert: string): void {
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const fresh = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert];
  expect(spawnSync("openssl", [...fresh, ...subject], { stdio: "ignore" }).status).toBe(0);
}

/** What the server's audit log says of the last request about a pod. */
function auditOf(pod: string): { readonly annotations: Readonly<Record<string, string>> } {
  const lines = readFileSync(join(folder, "audit.log"), "utf8").trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as { readonly objectRef?: { readonly name?: string } }); // as: audit.k8s.io/v1
  return events.findLast(({ objectRef }) => objectRef?.name === pod) as unknown as ReturnType<typeof auditOf>; // as: it was asked about
}

describe.skipIf(absent !== undefined)("the webhook behind a real API server", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "plimsoll-api-server-"));
    const [key, cert, account, tokens, audit] = ["tls.key", "tls.crt", "account.key", "tokens.csv", "audit.json"].map(
      (name) => join(folder, name),
    ) as [string, string, string, string, string]; // as: five names
    const auditing = { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "Metadata" }] };
    writeFileSync(audit, JSON.stringify(auditing));
    newCertificate(key, cert);
    expect(spawnSync("openssl", ["genrsa", "-out", account, "2048"], { stdio: "ignore" }).status).toBe(0);
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
      "--allow-privileged",
      `--audit-policy-file=${audit}`,
      `--audit-log-path=${join(folder, "audit.log")}`,
    ]);
    const answering = new Map(Object.entries(hooks).map(([path, options]) => [path, admissionAnswers(options)]));
    webhook = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (asked, answer) => {
      const path = (asked.url ?? "").split("?")[0] ?? "";
      let text = "";
      asked.setEncoding("utf8");
      asked.on("data", (chunk: string) => (text += chunk));
      asked.on("end", () => {
        void answering
          .get(path)?.(text)
          .then(({ status, contentType, body }) => {
            const what = doing;
            if (what !== undefined && status === 200) {
              const { response } = JSON.parse(body) as { readonly response: { readonly allowed: boolean } }; // as: it is ours
              const { allowed } = response;
              const review = JSON.parse(text) as RecordedReview["review"]; // as: an API server sends reviews
              recorded.push({ what, asked: path.slice(1), allowed, review });
            }
            answer.writeHead(status, { "content-type": contentType }).end(body);
          });
      });
    });
    webhookPort = await freePort();
    await new Promise<void>((resolve) => webhook?.listen(webhookPort, "127.0.0.1", resolve));
    await until(async () => expect((await ask("GET", "/readyz")).status).toBe(200));
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "ships.plimsoll.example" },
      spec: {
        group: "plimsoll.example",
        scope: "Namespaced",
        names: { kind: "Ship", listKind: "ShipList", plural: "ships", singular: "ship" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        ],
      },
    };
    const made = await ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { object: crd });
    expect(made.status).toBe(201);
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    expect((await ask("POST", "/api/v1/namespaces", { object: namespace })).status).toBe(201);
    await until(async () => expect((await ask("GET", ships)).status).toBe(200));
    await register("Validating", "/validate", {});
    await register("Mutating", "/mutate", {
      rules: [{ ...rules[0], operations: ["CREATE", "UPDATE"], resources: ["pods"] }],
    });
    await register("Validating", "/late", tried("late"));
    await register("Validating", "/lost", { ...tried("lost"), timeoutSeconds: 1 });
    await register("Mutating", "/lost", { ...tried("lost-ignored"), timeoutSeconds: 1, failurePolicy: "Ignore" });
    // The server takes a moment to heed webhooks.
    await until(async () => {
      const { body } = await ask("POST", `${pods}?dryRun=All`, { object: pod("p", privileged) });
      expect(body).toMatchObject({ reason: "Forbidden" });
    });
    await until(async () => {
      const { body } = await ask("POST", `${pods}?dryRun=All`, { object: pod("p") });
      expect(body).toMatchObject({ metadata: { labels: { zone: "shop" } } });
    });
  }, 400_000);

  afterAll(() => {
    if (record !== undefined) writeFileSync(record, `${JSON.stringify(recorded, undefined, 1)}\n`);
    for (const child of children) child.kill("SIGKILL");
    webhook?.closeAllConnections();
    webhook?.close();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  const token = async (): Promise<string> => {
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const { body } = await ask("POST", `${core}/serviceaccounts/robot/token`, { object: request });
    return (body["status"] as { readonly token: string }).token; // as: the API's answer
  };

  test("answers each request as its policies say", async () => {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } };
    expect((await ask("POST", `${core}/serviceaccounts`, { object: account })).status).toBe(201);
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "robot" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "shop" }],
    };
    const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings";
    expect((await ask("POST", bindings, { object: binding })).status).toBe(201);
    const apply = { type: "application/apply-patch+yaml" };
    const scale = {
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "web", namespace: "shop" },
      spec: { replicas: 2 },
    };
    const toNode = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: "good" },
      target: { kind: "Node", name: "n" },
    };
    const eviction = { apiVersion: "policy/v1beta1", kind: "Eviction", metadata: { name: "applied" } };
    const ingress = {
      apiVersion: "extensions/v1beta1",
      kind: "Ingress",
      metadata: { name: "door" },
      spec: { backend: { serviceName: "web", servicePort: 80 } },
    };
    const { metadata: _, ...rest } = pod("") as { readonly metadata: object }; // as: it is made above
    const nameless = { ...rest, metadata: { generateName: "web-" } };
    const status = { status: { conditions: [{ type: "Ready", status: "True" }] } };
    const steps: readonly (readonly [
      what: string,
      status: number,
      method: string,
      path: string,
      question?: Question,
    ])[] = [
      ["a user creates a pod", 201, "POST", pods, { object: pod("good") }],
      ["a controller creates a pod that has no name yet", 201, "POST", pods, { object: nameless }],
      ["a user creates a privileged pod", 403, "POST", pods, { object: pod("bad", privileged) }],
      ["a user tries a privileged pod", 403, "POST", `${pods}?dryRun=All`, { object: pod("bad", privileged) }],
      ["a user tries a pod", 201, "POST", `${pods}?dryRun=All`, { object: pod("tried") }],
      [
        "a user applies a pod on the server",
        201,
        "PATCH",
        `${pods}/applied?fieldManager=me`,
        { ...apply, object: pod("applied") },
      ],
      ["a service account creates a pod", 201, "POST", pods, { object: pod("robots"), token: await token() }],
      [
        "a user labels a pod",
        200,
        "PATCH",
        `${pods}/good`,
        { type: mergePatch, object: { metadata: { labels: { a: "b" } } } },
      ],
      ["a scheduler binds a pod", 201, "POST", `${pods}/good/binding`, { object: toNode }],
      ["a node reports the status of a pod", 200, "PATCH", `${pods}/good/status`, { type: mergePatch, object: status }],
      ["a user opens a shell in a pod", 404, "POST", `${pods}/good/exec?command=sh&stdin=true`],
      ["a user forwards a port of a pod", 404, "POST", `${pods}/good/portforward`],
      ["a user evicts a pod", 201, "POST", `${pods}/applied/eviction`, { object: eviction }],
      ["a user creates a deployment", 201, "POST", deployments, { object: deployment("web") }],
      ["a user creates a privileged deployment", 403, "POST", deployments, { object: deployment("worse", privileged) }],
      [
        "a user makes a deployment privileged",
        403,
        "PATCH",
        `${deployments}/web?fieldManager=me&force=true`,
        { ...apply, object: deployment("web", privileged) },
      ],
      ["a user scales a deployment", 200, "PUT", `${deployments}/web/scale`, { object: scale }],
      [
        "a user creates an ingress of another version",
        201,
        "POST",
        "/apis/extensions/v1beta1/namespaces/shop/ingresses",
        { object: ingress },
      ],
      ["a user creates a custom resource", 201, "POST", ships, { object: ship(1) }],
      [
        "a user changes a custom resource",
        200,
        "PATCH",
        `${ships}/mary`,
        { type: mergePatch, object: { spec: { size: 2 } } },
      ],
      ["a user deletes a custom resource", 200, "DELETE", `${ships}/mary`],
      ["a user deletes a pod", 200, "DELETE", `${pods}/robots?gracePeriodSeconds=0`],
      ["a user deletes all deployments", 200, "DELETE", deployments],
    ];
    const answers: unknown[] = [];
    for (const [what, , method, path, question] of steps) {
      doing = what;
      const { status: code, body } = await ask(method, path, question);
      answers.push([what, code, ...(code < 300 ? [] : [body["message"]])]);
    }
    doing = undefined;

    expect(
      answers.map((each) => (each as unknown[]).slice(0, 2)),
      JSON.stringify(answers, undefined, 1),
    ).toEqual(steps.map(([what, code]) => [what, code]));
    // Each was asked about by the webhook.
    for (const [what] of steps) expect(recorded.some((each) => each.what === what)).toBe(true);
  }, 120_000);

  test("gives its reason, its warnings and its changes", async () => {
    const refused = await ask("POST", pods, { object: pod("worse", privileged) });
    expect([refused.status, refused.body["reason"]]).toEqual([403, "Forbidden"]);
    expect(refused.body["message"]).toContain("CREATE of admin");
    const admitted = await ask("POST", `${pods}?dryRun=All`, { object: pod("warned") });
    expect(admitted.warning).toContain("[Named all] told in two lines");
    const { annotations } = auditOf("warned");
    expect(annotations).toMatchObject({
      "mutate.plimsoll.dev/decision": "allowed",
      "mutate.plimsoll.dev/mutations": "AssignMetadata/zone",
      "validate.plimsoll.dev/evidence": expect.stringMatching(/^sha256:/),
    });
    const key = Object.keys(annotations).find((each) => each.endsWith("nnn.who"));
    expect(annotations[key ?? ""]).toBe("admin");
    expect(admitted.body).toMatchObject({
      metadata: { labels: { zone: "shop" } },
      spec: { containers: [{ image: `registry.example/app@${digests["registry.example/app:1"]}` }] },
    });
  });

  test("that is late refuses in time, and one that is lost is as its failure policy says", async () => {
    const [late, lost, ignored] = await Promise.all(
      ["late", "lost", "lost-ignored"].map(async (value) =>
        ask("POST", pods, { object: pod(value, {}, { try: value }) }),
      ),
    );

    expect(late?.status).toBe(403);
    expect(late?.body["message"]).toContain("no decision was made within the deadline");
    expect(lost?.status).toBe(500);
    expect(ignored?.status).toBe(201);
  }, 60_000);

  test("of the example is served with a new certificate without a new start", async () => {
    for (const name of ["tls", "policies"]) mkdirSync(join(folder, name));
    const tls = { key: join(folder, "tls", "tls.key"), cert: join(folder, "tls", "tls.crt") };
    newCertificate(tls.key, tls.cert);
    const first = readFileSync(tls.cert);
    writeFileSync(
      join(folder, "policies", "all.yaml"),
      reviewPolicies.map((each) => JSON.stringify(each)).join("\n---\n"),
    );
    const example = fileURLToPath(
      new URL("../../../examples/admission-webhook/admission-webhook.mjs", import.meta.url),
    );
    const child = spawn(process.execPath, [example, join(folder, "policies"), join(folder, "tls"), "0"], {
      env: { ...process.env, NO_SIGNATURES: "1" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    children.push(child);
    const port = await new Promise<string>((resolve, reject) => {
      child.once("exit", () => reject(new Error("the example ended")));
      child.stdout.on("data", (text: Buffer) => resolve(/listening on (\d+)/.exec(text.toString())?.[1] ?? ""));
    });
    const clientConfig = (bundle: Buffer): object => ({
      clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: bundle.toString("base64") },
    });
    await register("Validating", "/example", { ...tried("example"), ...clientConfig(first) });
    const refusal = async (): Promise<string> => {
      const object = pod("shown", privileged, { try: "example" });
      const { body } = await ask("POST", `${pods}?dryRun=All`, { object });
      return String(body["message"]);
    };
    await until(async () =>
      expect(await refusal()).toContain('"example.plimsoll.dev" denied the request: CREATE of admin'),
    );
    const good = await ask("POST", `${pods}?dryRun=All`, { object: pod("shown", {}, { try: "example" }) });
    expect(good.status).toBe(201);

    newCertificate(tls.key, tls.cert);
    const path = `${registration}/validatingwebhookconfigurations/example`;
    const patch = [
      { op: "replace", path: "/webhooks/0/clientConfig/caBundle", value: readFileSync(tls.cert).toString("base64") },
    ];
    expect((await ask("PATCH", path, { type: "application/json-patch+json", object: patch })).status).toBe(200);
    // The server trusts only the new certificate now.
    await until(async () =>
      expect(await refusal()).toContain('"example.plimsoll.dev" denied the request: CREATE of admin'),
    );
  }, 120_000);

  test("is sent reviews that have the members of the ones in fixtures, and are decided again from what they hold", async () => {
    const url = new URL("fixtures/admission-reviews.json", import.meta.url);
    const written = JSON.parse(readFileSync(url, "utf8")) as readonly RecordedReview[]; // as: the file is ours
    const known = new Set(written.flatMap(({ review }) => Object.keys(review.request)));

    for (const { review } of recorded) {
      expect(Object.keys(review.request).filter((name) => !known.has(name))).toEqual([]);
      expect(await decide(review, { policies: validating })).toEqual(
        await decide(structuredClone(review), { policies: validating }),
      );
    }
  }, 60_000);
});
