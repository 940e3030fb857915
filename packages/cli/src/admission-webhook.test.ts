import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseYaml } from "@plimsoll/formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The example server over real TLS, as the API server would ask it.

const example = fileURLToPath(new URL("../../../examples/admission-webhook/", import.meta.url));
const absent = spawnSync("openssl", ["version"], { stdio: "ignore" }).status !== 0;
if (absent) console.warn("openssl is not installed: the example webhook is not tried over TLS");

let folder = "";
let child: ChildProcess;
let port = 0;

function newCertificate(name: string): void {
  const [key, cert] = ["tls.key", "tls.crt"].map((file) => join(folder, "tls", file)) as [string, string];
  const fresh = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  execFileSync("openssl", [...fresh, "-subj", `/CN=${name}`, "-keyout", key, "-out", cert], { stdio: "ignore" });
}

beforeAll(async () => {
  if (absent) return;
  folder = mkdtempSync(join(tmpdir(), "plimsoll-webhook-"));
  for (const name of ["policies", "tls"]) mkdirSync(join(folder, name));
  const policy = { kind: "ImageSecurityPolicy", metadata: { name: "scanned" }, spec: {} };
  writeFileSync(join(folder, "policies", "policy.yaml"), JSON.stringify(policy));
  newCertificate("first");
  const args = [join(example, "admission-webhook.mjs"), join(folder, "policies"), join(folder, "tls"), "0"];
  child = spawn(process.execPath, args, {
    env: { ...process.env, NO_SIGNATURES: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  port = await new Promise<number>((resolve, reject) => {
    child.once("exit", () => reject(new Error("the server ended")));
    child.stdout?.on("data", (text: Buffer) => resolve(Number(/listening on (\d+)/.exec(text.toString())?.[1])));
  });
});
afterAll(() => {
  child?.kill("SIGKILL");
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

async function ask(
  body: string,
): Promise<{ readonly status: number; readonly text: string; readonly issuedTo: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, method: "POST", path: "/", rejectUnauthorized: false, agent: false },
      (response) => {
        const { socket } = response;
        const issuedTo =
          "getPeerCertificate" in socket
            ? String(
                (socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }).getPeerCertificate()
                  .subject.CN,
              )
            : "";
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text, issuedTo }));
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });
}

describe.skipIf(absent)("the example webhook", () => {
  const image = `registry.example/app@sha256:${"0".repeat(64)}`;
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "app" }, spec: { containers: [{ image }] } };
  const review = JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "u1", operation: "CREATE", object },
  });

  test("refuses what nobody scanned, and what is no review", async () => {
    const { status, text } = await ask(review);
    expect([status, JSON.parse(text)]).toMatchObject([200, { response: { uid: "u1", allowed: false } }]);
    expect((await ask("{}")).status).toBe(400);
  });

  test("shows a new certificate without a new start", async () => {
    expect((await ask(review)).issuedTo).toBe("first");
    newCertificate("second");
    let issuedTo = "";
    for (let attempt = 0; attempt < 100 && issuedTo !== "second"; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ issuedTo } = await ask(review));
    }
    expect(issuedTo).toBe("second");
  });
});

test("the example's server has at most 60 lines, and its manifests are objects of Kubernetes", () => {
  expect(readFileSync(join(example, "admission-webhook.mjs"), "utf8").split("\n").length).toBeLessThanOrEqual(61);
  const kinds = parseYaml(readFileSync(join(example, "manifests/webhook.yaml"), "utf8")).map(
    (each) => (each as { readonly kind: string }).kind,
  );
  for (const kind of ["Deployment", "ClusterRole", "ValidatingWebhookConfiguration"]) expect(kinds).toContain(kind);
});
