import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pushArtifact, registryRepository, resolveManifest } from "@plimsoll/registry";
import { emptyReport, ociLayoutFiles, servedRegistry } from "@plimsoll/testkit";
import type { ServedRegistry } from "@plimsoll/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHere } from "../fixtures/run-here.ts";
import type { Ran } from "../fixtures/run-here.ts";

let folder = "";
let host = "";
let digest = "";
let served: ServedRegistry;

/** A registry in memory behind a real port, with one image. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-attest-"));
  served = await servedRegistry();
  ({ host } = served);
  const { fetch } = served;
  const repository = registryRepository(host, "app", { fetch, plainHttp: [host] });
  await pushArtifact(repository, { artifactType: "image", layers: [], tag: "1" });
  ({ digest } = await resolveManifest(repository, "1"));
  for (const [name, owner] of [
    ["key", "ada"],
    ["other", "eve"],
  ] as const) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(join(folder, `${name}.pem`), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(join(folder, `${name}.pub`), publicKey.export({ type: "spki", format: "pem" }));
    expect(owner).not.toBe("");
  }
});
afterAll(() => {
  served.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): Promise<Ran> {
  return runHere(args, { env: { DOCKER_CONFIG: folder } });
}

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const at = (name: string): string => join(folder, name);

test("image takes the word of attested SBOMs where their signer is named, and tells of others", async () => {
  const layout = await ociLayoutFiles({ name: "app", layers: [{ "etc/motd": "hello" }] });
  for (const [name, content] of Object.entries(layout)) {
    mkdirSync(dirname(at(`layout/${name}`)), { recursive: true });
    writeFileSync(at(`layout/${name}`), content);
  }
  const scan = (...args: string[]): Promise<Ran> =>
    run("image", `oci-dir:${at("layout")}`, "--scanners", "vuln", "--no-cache", "--format", "cyclonedx", ...args);
  const json = await run("image", `oci-dir:${at("layout")}`, "--scanners", "secret", "--no-cache", "--format", "json");
  const { artifact } = JSON.parse(json.stdout) as { artifact: { digest: string } }; // as: a report has one
  const component = { type: "library", name: "left-pad", version: "1.0.0", purl: "pkg:npm/left-pad@1.0.0" };
  const bom = { bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components: [component] };
  const predicate = ["--predicate", file("bom.json", JSON.stringify(bom))];
  const signing = ["--form", "dsse", ...predicate, "--predicate-type", "https://cyclonedx.org/bom"];
  const keeping = ["--key", at("key.pem"), "--attestations", at("sboms")];
  const image = `registry.example/app@${artifact.digest}`;
  expect((await run("attest", "sign", image, ...signing, ...keeping)).code).toBe(0);

  const trusted = await scan("--attested-by", at("key.pub"), "--attestations", at("sboms"));
  expect([trusted.code, trusted.stdout]).toEqual([0, expect.stringContaining("pkg:npm/left-pad@1.0.0")]);
  const other = await scan("--attested-by", at("other.pub"), "--attestations", at("sboms"));
  expect([other.code, other.stdout]).toEqual([0, expect.not.stringContaining("left-pad")]);
  expect(other.stderr).toContain("is not trusted and was not used");
  expect((await scan("--attestations", at("sboms"))).stderr).toContain("need --attested-by");
  const offline = await scan("--attested-by", at("key.pub"), "--attestations", at("sboms"), "--offline");
  expect([offline.code, offline.stdout]).toEqual([0, expect.stringContaining("pkg:npm/left-pad@1.0.0")]);
  const asking = await scan("--attested-by", at("key.pub"), "--offline");
  expect([asking.code, asking.stderr]).toEqual([2, expect.stringContaining("--offline forbids asking")]);
});

describe("attest", () => {
  test("signs beside the image in its registry, and verifies by the key that did", async () => {
    const unsigned = await run("attest", "verify", `${host}/app:1`, "--key", at("key.pub"));
    expect([unsigned.code, unsigned.stdout]).toEqual([1, `${host}/app@${digest}: has no signatures\n`]);
    const signed = await run("attest", "sign", `${host}/app:1`, "--key", at("key.pem"));
    expect([signed.stderr, signed.code]).toEqual([expect.stringContaining(`${host}/app@${digest} is attested`), 0]);

    expect((await run("attest", "verify", `${host}/app:1`, "--key", at("key.pub"))).code).toBe(0);
    const other = await run("attest", "verify", `${host}/app:1`, "--key", at("other.pub"), "--format", "json");
    expect([other.code, JSON.parse(other.stdout)]).toMatchObject([
      1,
      { verified: false, signatures: [{ verified: false }] },
    ]);
  });

  test("keeps signatures of every form in a directory", async () => {
    const image = `registry.example/app@sha256:${"a1".repeat(32)}`;
    for (const form of ["detached", "jwt", "dsse"]) {
      const place = at(form);
      const signing = ["--key", at("key.pem"), "--key-id", "k", "--form", form, "--attestations", place];
      expect((await run("attest", "sign", image, ...signing)).code).toBe(0);
      expect(readdirSync(place)).toEqual([`sha256-${"a1".repeat(32)}`]);
      expect((await run("attest", "verify", image, "--key", at("key.pub"), "--attestations", place)).code).toBe(0);
    }
    const key = readFileSync(at("key.pub"), "utf8");
    const authority = file(
      "authority.json",
      JSON.stringify({
        kind: "AttestationAuthority",
        metadata: { name: "qa" },
        spec: {
          publicKeys: [
            {
              keyType: "PKIX",
              keyId: "k",
              pkixPublicKey: { publicKeyPem: key, signatureAlgorithm: "ECDSA_P256_SHA256" },
            },
          ],
        },
      }),
    );
    const verifying = ["--authority", authority, "--attestations", at("jwt")];
    expect((await run("attest", "verify", image, ...verifying)).code).toBe(0);
  });

  test("signs only what the policy allows, in the signer's three modes", async () => {
    const image = `registry.example/app@sha256:${"b2".repeat(32)}`;
    const spec = { imageVulnerabilityRequirements: { maximumFixableSeverity: "LOW", maximumUnfixableSeverity: "LOW" } };
    const policy = file("policy.json", JSON.stringify({ kind: "VulnzSigningPolicy", metadata: { name: "p" }, spec }));
    const clean = file("clean.json", JSON.stringify({ ...emptyReport, vulnerabilities: [] }));
    const unseen = file("unseen.json", JSON.stringify(emptyReport));
    const sign = async (report: string, mode: string): Promise<number> => {
      const keeping = ["--key", at("key.pem"), "--attestations", at(mode)];
      return (await run("attest", "sign", image, "--policy", policy, "--report", report, "--mode", mode, ...keeping))
        .code;
    };
    const { vulnerabilities: _, ...nobodyLooked } = emptyReport;
    writeFileSync(unseen, JSON.stringify(nobodyLooked));

    expect(await sign(clean, "check-only")).toBe(0);
    expect(() => readdirSync(at("check-only"))).toThrow("no such file");
    expect(await sign(clean, "check-and-sign")).toBe(0);
    expect(readdirSync(at("check-and-sign"))).toHaveLength(1);
    expect(await sign(unseen, "check-and-sign")).toBe(1);
    expect(await sign(unseen, "bypass-and-sign")).toBe(0);
    expect(readdirSync(at("bypass-and-sign"))).toHaveLength(1);
  });

  test.each([
    ["a mode that there is not", ["sign", "r.example/a:1", "--mode", "sign"]],
    ["no key", ["sign", `r.example/a@sha256:${"0".repeat(64)}`]],
    ["nobody to trust", ["verify", `r.example/a@sha256:${"0".repeat(64)}`]],
    ["an identity without an issuer", ["verify", "r.example/a:1", "--certificate-identity", "x"]],
    [
      "Grafeas without a note",
      ["verify", `r.example/a@sha256:${"0".repeat(64)}`, "--key", "key.pub", "--attestations", "https://g.example"],
    ],
  ])("with %s is wrong usage", async (_, args) => {
    const named = args.map((arg) => (arg === "key.pub" ? at("key.pub") : arg));
    expect((await run("attest", ...named)).code).toBe(2);
  });
});

describe("resolve-tags", () => {
  const manifest = (): string => `# app\nspec:\n  containers:\n    - image: "${host}/app:1" # pinned later\n`;

  test("writes digests for tags and leaves every other byte", async () => {
    const path = file("deployment.yaml", manifest());
    const pinned = manifest().replace(`${host}/app:1`, `${host}/app@${digest}`);
    expect(await run("resolve-tags", path)).toMatchObject({ code: 0, stdout: pinned });
    expect(await run("resolve-tags", "-f", path, path)).toMatchObject({ code: 0, stdout: `${pinned}---\n${pinned}` });
    expect((await run("resolve-tags", "--in-place", path)).code).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(pinned);
  });

  test("tells an image that nobody knows, leaves it, and ends with 1", async () => {
    const path = file("lost.yaml", `image: ${host}/lost:1\n`);
    const { code, stdout, stderr } = await run("resolve-tags", path);
    expect([code, stdout]).toEqual([1, `image: ${host}/lost:1\n`]);
    expect(stderr).toContain("lost.yaml:1:");
  });

  test("wants files", async () => {
    expect((await run("resolve-tags")).code).toBe(2);
    expect((await run("resolve-tags", "--in-place", "-")).code).toBe(2);
  });
});

describe("admit", () => {
  const image = `registry.example/app@sha256:${"0".repeat(64)}`;
  const rego =
    'package privileged\nviolation[{"msg": msg}] {\n  input.review.object.spec.containers[_].securityContext.privileged\n  msg := "privileged is not allowed"\n}';
  const template = {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: "privileged" },
    spec: {
      crd: { spec: { names: { kind: "Privileged" } } },
      targets: [{ target: "admission.k8s.gatekeeper.sh", rego }],
    },
  };
  const constraint = {
    apiVersion: "constraints.gatekeeper.sh/v1beta1",
    kind: "Privileged",
    metadata: { name: "no" },
    spec: {},
  };
  const pod = (name: string, privileged: boolean): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:\n    - name: app\n      image: ${image}\n      securityContext:\n        privileged: ${privileged}\n`;

  test("explains a denial from the policy to the line and the change, for each object of a file", async () => {
    mkdirSync(at("policies"), { recursive: true });
    file("policies/privileged.yaml", `${JSON.stringify(template)}\n---\n${JSON.stringify(constraint)}\n`);
    const path = file("pods.yaml", `${pod("good", false)}---\n${pod("bad", true)}`);
    const { code, stdout } = await run("admit", path, "--policies", at("policies"));
    expect(code).toBe(1);
    expect(stdout.replaceAll(/sha256:[0-9a-f]{64}/g, "DIGEST")).toBe(
      [
        `${path}:1 Pod good: allowed`,
        "  evidence DIGEST",
        `${path}:11 Pod bad: denied`,
        "  Privileged no → violation",
        "    at /spec/containers/0/securityContext/privileged (line 19): true",
        "    because privileged is not allowed",
        "    would be satisfied by /spec/containers/0/securityContext/privileged: false",
        "  evidence DIGEST",
        "",
      ].join("\n"),
    );
    expect((await run("admit", file("good.yaml", pod("good", false)), "-p", at("policies"))).code).toBe(0);
    // Policies and what is in the cluster are lists where kubectl prints them.
    const list = (name: string, items: readonly unknown[]): string =>
      file(name, JSON.stringify({ apiVersion: "v1", kind: "List", metadata: {}, items }));
    const listed = ["-p", list("policies.json", [template, constraint]), "--inventory"];
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    const known = await run("admit", path, ...listed, list("cluster.json", [namespace]));
    expect(known.stdout).toContain("Pod good: allowed");
    expect(known.stdout).toContain("because privileged is not allowed");
    // What is wrong with the inventory is told.
    const nameless = file("nameless.json", JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: {} }));
    expect((await run("admit", path, ...listed, nameless)).stdout).toContain("because a Namespace without a name");
  });

  test("takes reports, gates, attestations and exemptions into account, and gives JSON", async () => {
    const path = file("pod.yaml", pod("app", false));
    const report = file(
      "report.json",
      JSON.stringify({ ...emptyReport, vulnerabilities: [], artifact: { ...emptyReport.artifact, name: image } }),
    );
    const isp = file("isp.json", JSON.stringify({ kind: "ImageSecurityPolicy", metadata: { name: "isp" }, spec: {} }));
    const refused = await run("admit", path, "-p", isp, "--format", "json");
    expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([
      1,
      { allowed: false, decisions: [{ reasons: [{ id: "not scanned", path: "/spec/containers/0/image", line: 7 }] }] },
    ]);
    expect((await run("admit", path, "-p", isp, "--report", report)).code).toBe(0);
    expect((await run("admit", path, "--gate", "critical", "--report", report)).code).toBe(0);
    expect((await run("admit", path, "--gate", "critical")).code).toBe(1);
    const exemptions = file("exemptions.yaml", "- { by: ada, reason: known, id: not scanned }\n");
    expect((await run("admit", path, "--gate", "critical", "--exemptions", exemptions)).code).toBe(0);

    const authority = {
      kind: "AttestationAuthority",
      metadata: { name: "qa" },
      spec: {
        publicKeys: [
          {
            keyType: "PKIX",
            keyId: "k",
            pkixPublicKey: {
              publicKeyPem: readFileSync(at("key.pub"), "utf8"),
              signatureAlgorithm: "ECDSA_P256_SHA256",
            },
          },
        ],
      },
    };
    const gap = {
      kind: "GenericAttestationPolicy",
      metadata: { name: "gap" },
      spec: { attestationAuthorityNames: ["qa"] },
    };
    const attested = file("gap.yaml", `${JSON.stringify(authority)}\n---\n${JSON.stringify(gap)}\n`);
    const place = ["--attestations", at("admit-attestations")];
    expect((await run("admit", path, "-p", attested, ...place)).code).toBe(1);
    expect((await run("attest", "sign", image, "--key", at("key.pem"), "--key-id", "k", ...place)).code).toBe(0);
    expect((await run("admit", path, "-p", attested, ...place)).code).toBe(0);
  });

  test("does not admit what it cannot read, nor by nothing", async () => {
    expect((await run("admit", file("broken.yaml", "a: [\n"), "-p", at("policies"))).code).not.toBe(0);
    expect((await run("admit", file("empty.yaml", "\n"), "-p", at("policies"))).code).not.toBe(0);
    expect((await run("admit", file("text.yaml", "text\n"), "-p", at("policies"))).code).not.toBe(0);
    expect((await run("admit", file("pod.yaml", pod("app", false)))).code).toBe(2);
    const wrong = file("wrong.yaml", "apiVersion: v1\nkind: Nonsense\n");
    expect((await run("admit", file("pod.yaml", pod("app", false)), "-p", wrong)).code).toBe(1);
  });
});
