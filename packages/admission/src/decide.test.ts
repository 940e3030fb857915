import fc from "fast-check";
import { readSync } from "@plimsoll/gatekeeper";
import { describe, expect, test } from "vitest";
import {
  admissionAnswers,
  admissionHandler,
  breakglassAnnotation,
  decide,
  evaluateImagePolicies,
  preparePolicies,
  verdictCache,
} from "./index.ts";
import type { Decision, Evidence } from "./index.ts";

const digest = `sha256:${"0".repeat(64)}`;
const image = `registry.example/app@${digest}`;
const pod = (named: string, annotations = {}): Record<string, unknown> => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "app", annotations },
  spec: { containers: [{ name: "app", image: named }] },
});
const policy = (requirements: Record<string, unknown>): Record<string, unknown> => ({
  kind: "ImageSecurityPolicy",
  metadata: { namespace: "shop", name: "strict" },
  spec: { packageVulnerabilityRequirements: requirements },
});
const critical = { id: "CVE-2024-1", severity: "CRITICAL", fixAvailable: true };
const evidence: Evidence = {
  policies: [policy({ maximumSeverity: "MEDIUM" })],
  vulnerabilities: { [image]: [critical] },
};

describe("a refusal", () => {
  test("leads from the policy to the place in the object, the fact and the smallest change", async () => {
    const { allowed, reasons } = await decide(pod(image), evidence);

    expect(allowed).toBe(false);
    expect(reasons).toEqual([
      {
        policy: "ImageSecurityPolicy shop/strict",
        rule: "maximumSeverity",
        path: "/spec/containers/0/image",
        image,
        id: "CVE-2024-1",
        fact: "CVE-2024-1 is CRITICAL and has a fix; the policy allows MEDIUM",
        change: "the fix that is available, or maximumSeverity: CRITICAL",
        flip: {
          of: "evidence",
          patch: [{ op: "add", path: `/vulnerabilities/registry.example~1app@${digest}`, value: [] }],
        },
      },
    ]);
  });

  test("is turned by each of the changes it names", async () => {
    const severity = fc.constantFrom("NEGLIGIBLE", "LOW", "MEDIUM", "HIGH", "CRITICAL", "UNKNOWN");
    const threshold = fc.constantFrom("BLOCK_ALL", "LOW", "MEDIUM", "HIGH");
    await fc.assert(
      fc.asyncProperty(severity, threshold, fc.boolean(), async (worst, maximum, fixAvailable) => {
        const vulnerabilities = [{ id: "CVE-1", severity: worst, fixAvailable }];
        const rule = fixAvailable ? "maximumSeverity" : "maximumFixUnavailableSeverity";
        const judge = (requirements: Record<string, unknown>): ReturnType<typeof evaluateImagePolicies> =>
          evaluateImagePolicies({ image, policies: [policy(requirements)], vulnerabilities });
        const { allowed, violations } = await judge({ [rule]: maximum });
        if (allowed) return;
        const mildest = /: (\w+)$/.exec(violations[0]?.change ?? "")?.[1];
        expect((await judge({ [rule]: mildest })).allowed).toBe(true);
        expect((await judge({ [rule]: maximum, allowlistCVEs: ["projects/x/notes/CVE-1"] })).allowed).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["no object", {}],
    ["no object", "text"],
    ["kind Secret", { apiVersion: "v1", kind: "Secret" }],
    ["kind Pod", { apiVersion: "v1", kind: "Pod" }],
    ["no image", { apiVersion: "v1", kind: "Pod", spec: { containers: [] } }],
    ["several objects", { apiVersion: "v1", kind: "List", items: [pod(image), pod(image)] }],
  ])("says %s for what cannot be judged", async (fact, object) => {
    const decision = await decide(object, { policies: [] });
    expect(decision).toMatchObject({ allowed: false, patches: [] });
    expect(decision.message).toContain(fact);
  });

  test.each([
    ["containers is no list", { containers: { a: { image } } }],
    ["containers/1 is no mapping", { containers: [null, "x"] }],
    ["containers/0/image is no text", { containers: [{ image: 4 }] }],
    ["initContainers is no list", { containers: [], initContainers: "x" }],
  ])("says %s where images cannot be known, whoever judges them", async (fact, spec) => {
    const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "app" }, spec };
    const strict = policy({ maximumSeverity: "LOW" });

    for (const known of [
      { policies: [] },
      { policies: [strict] },
      { policies: [], gate: { severity: "HIGH" } as const },
    ])
      expect(await decide(object, known)).toMatchObject({ allowed: false, message: expect.stringContaining(fact) });
  });

  test("comes from an image that nobody scanned, one without a digest, and a wrong policy", async () => {
    const ids = async (object: unknown, known: Evidence): Promise<readonly string[]> =>
      (await decide(object, known)).reasons.map(({ id }) => id);
    const { policies } = evidence;

    expect(await ids(pod(image), { policies })).toEqual(["not scanned"]);
    expect(
      await ids(pod("registry.example/app:1"), { policies, vulnerabilities: { "registry.example/app:1": [] } }),
    ).toEqual(["unqualified image"]);
    expect(await ids(pod(image), { policies: [policy({ maximumSeverity: "SEVERE" })] })).toEqual(["error"]);
    expect(
      await ids(pod(image), {
        policies: [{ kind: "GenericAttestationPolicy", spec: { attestationAuthorityNames: ["lost"] } }],
      }),
    ).toEqual(["error"]);
  });
});

describe("an admission", () => {
  test("pins a tag to its digest and judges the pinned image", async () => {
    const known = { ...evidence, vulnerabilities: { [image]: [] }, digests: { "registry.example/app:1": digest } };
    const { allowed, patches } = await decide(pod("registry.example/app:1"), known);

    expect(allowed).toBe(true);
    expect(patches).toEqual([{ op: "replace", path: "/spec/containers/0/image", value: image }]);
  });

  test("by breakglass is told, and by an owner asks that every image is the owner's", async () => {
    expect((await decide(pod(image, { [breakglassAnnotation]: "" }), evidence)).warnings).toHaveLength(1);
    expect((await decide(pod(image), { ...evidence, ownerImages: [image] })).allowed).toBe(true);
    expect((await decide(pod(image), { ...evidence, ownerImages: ["other"] })).allowed).toBe(false);
  });

  test("has the same digest for the same evidence, however it is ordered, and another for other evidence", async () => {
    const first = await decide(pod(image), evidence);
    const { vulnerabilities, policies } = evidence;
    expect(await decide(pod(image), { vulnerabilities, policies })).toEqual(first);
    expect((await decide(pod(image), { policies })).evidenceDigest).not.toBe(first.evidenceDigest);
  });
});

describe("the webhook", () => {
  const review = (object: unknown): string =>
    JSON.stringify({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: { uid: "u1", operation: "CREATE", object },
    });
  const ask = async (
    body: string,
    options: Parameters<typeof admissionHandler>[0],
  ): Promise<{ status: number; body: unknown }> => {
    const response = await admissionHandler(options)(new Request("https://webhook.example/", { method: "POST", body }));
    return { status: response.status, body: response.status === 200 ? await response.json() : await response.text() };
  };

  test("answers with the decision, its patch and its audit annotations", async () => {
    const known = { ...evidence, vulnerabilities: { [image]: [] }, digests: { "registry.example/app:1": digest } };
    const { body } = await ask(review(pod("registry.example/app:1")), { evidenceFor: () => known });
    const patch = btoa(JSON.stringify([{ op: "replace", path: "/spec/containers/0/image", value: image }]));

    expect(body).toMatchObject({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: {
        uid: "u1",
        allowed: true,
        status: { status: "Success" },
        patchType: "JSONPatch",
        patch,
        auditAnnotations: { decision: "allowed" },
      },
    });
    expect((await ask(review(pod(image)), { evidenceFor: () => evidence })).body).toMatchObject({
      response: { allowed: false, status: { code: 403 } },
    });
  });

  const limitOf = (kind: string): object[] => {
    const rego = `package limits
violation[{"msg": msg}] {
  c := input.review.object.spec.containers[_]
  not startswith(c.image, "registry.example/")
  msg := sprintf("%v is from elsewhere", [c.name])
}`;
    const targets = [{ target: "admission.k8s.gatekeeper.sh", rego }];
    return [
      {
        apiVersion: "templates.gatekeeper.sh/v1",
        kind: "ConstraintTemplate",
        metadata: { name: kind.toLowerCase() },
        spec: { crd: { spec: { names: { kind } } }, targets },
      },
      { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind, metadata: { name: "all" }, spec: {} },
    ];
  };

  test("refuses an object that its policies take too long for, whatever happens where evidence fails, and keeps no such verdict", async () => {
    const containers = Array.from({ length: 2_000 }, (_, at) => ({ name: `c${at}`, image: `elsewhere.example/${at}` }));
    const huge = review({ ...pod(image), spec: { containers } });
    const policies = await preparePolicies(Array.from({ length: 20 }, (_, at) => limitOf(`Limit${at}`)).flat());
    const cache = verdictCache<Decision>();
    let asked = 0;
    // A clock on which each look takes ten seconds, so that the deadline of ten minutes is over after some sixty.
    const clock = (): number => 10_000 * asked++;
    const options = { evidenceFor: () => ({ policies }), cache, onFailure: "admit", deadlineMs: 600_000 } as const;
    const short = await ask(huge, { ...options, clock });

    expect(short.body).toMatchObject({
      response: {
        allowed: false,
        status: { message: expect.stringContaining("the work budget is used up") },
      },
    });
    expect(asked).toBeLessThan(200);
    expect(cache.size).toBe(0);

    const whole = await ask(huge, { ...options, clock: () => 0 });

    expect(whole.body).toMatchObject({
      response: { allowed: false, status: { message: expect.stringContaining("1900 more violations") } },
    });
    expect(cache.size).toBe(1);
  });

  test("says the same to servers that have the body as text", async () => {
    const answerTo = admissionAnswers({ evidenceFor: () => evidence, maxBytes: 10_000 });
    const bodies = [review(pod(image)), "no JSON", "{}", `"${"x".repeat(10_000)}"`];
    const handle = admissionHandler({ evidenceFor: () => evidence, maxBytes: 10_000 });
    for (const body of bodies) {
      const response = await handle(new Request("https://webhook.example/", { method: "POST", body }));
      const contentType = response.headers.get("content-type");

      expect(await answerTo(body)).toEqual({ status: response.status, contentType, body: await response.text() });
    }
    expect(() => admissionAnswers({ evidencefor: () => evidence } as never)).toThrow(TypeError);
  });

  test("refuses when the evidence fails or comes late", async () => {
    const failing = await ask(review(pod(image)), { evidenceFor: () => Promise.reject(new Error("secret detail")) });
    const late = await ask(review(pod(image)), { evidenceFor: async () => new Promise(() => {}), deadlineMs: 5 });

    expect(failing.body).toMatchObject({ response: { uid: "u1", allowed: false } });
    expect(JSON.stringify(failing.body)).not.toContain("secret detail");
    expect(late.body).toMatchObject({
      response: { allowed: false, status: { message: "no decision was made within the deadline" } },
    });
  });

  test("refuses what its policies are too slow for once the evidence has come, whatever happens where evidence fails", async () => {
    const slow = { mutates: false, sync: readSync([]), reviewInTurns: async () => new Promise(() => {}) } as never;
    const policies = { ...(await preparePolicies(limitOf("Limit"))), cluster: slow };
    const options = { deadlineMs: 5, clock: () => 0, onFailure: "admit" } as const;
    const { body } = await ask(review(pod(image)), { ...options, evidenceFor: () => ({ policies }) });
    const late = await ask(review(pod(image)), { ...options, evidenceFor: async () => new Promise(() => {}) });

    expect(body).toMatchObject({
      response: {
        allowed: false,
        status: { message: "the policies did not finish within the deadline" },
        auditAnnotations: { decision: "denied" },
      },
    });
    expect(late.body).toMatchObject({ response: { allowed: true, auditAnnotations: { decision: "none" } } });
  });

  test("gives policies a share of what the evidence has left of the deadline", async () => {
    let now = 0;
    const policies = await preparePolicies(limitOf("Limit"));
    const evidenceFor = (): Evidence => {
      now = 7_300;
      return { policies };
    };
    const { body } = await ask(review(pod("elsewhere.example/app")), {
      evidenceFor,
      clock: () => now,
      deadlineMs: 8_000,
    });

    expect(body).toMatchObject({
      response: { allowed: false, status: { message: "app is from elsewhere" } },
    });
  });

  test("does not answer what is no review, and reads no more than it may", async () => {
    const options = { evidenceFor: () => ({ policies: [] }), maxBytes: 1_000 };
    expect((await ask("{", options)).status).toBe(400);
    expect((await ask("{}", options)).status).toBe(400);
    expect((await ask(review(pod("x".repeat(2_000))), options)).status).toBe(413);
  });
});
