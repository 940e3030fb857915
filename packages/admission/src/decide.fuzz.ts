import { ScanError } from "@plimsoll/model";
import {
  admissionHandler,
  decide,
  evaluateImagePolicies,
  matchesNamePattern,
  preparePolicies,
  readExemptions,
  readImagePolicy,
  readKritisConfig,
} from "./index.ts";

const image = "registry.example/app:1";
const pod = { apiVersion: "v1", kind: "Pod", spec: { containers: [{ image }] } };
const strict = {
  kind: "ImageSecurityPolicy",
  spec: {
    packageVulnerabilityRequirements: { maximumSeverity: "BLOCK_ALL", maximumFixUnavailableSeverity: "BLOCK_ALL" },
  },
};
/** Refuses whatever it is asked about, in Rego. */
const nothing = [
  {
    apiVersion: "templates.gatekeeper.sh/v1",
    kind: "ConstraintTemplate",
    metadata: { name: "nothing" },
    spec: {
      crd: { spec: { names: { kind: "Nothing" } } },
      targets: [
        {
          target: "admission.k8s.gatekeeper.sh",
          rego: 'package nothing\nviolation[{"msg": "nothing is allowed"}] { input.review }',
        },
      ],
    },
  },
  { apiVersion: "constraints.gatekeeper.sh/v1beta1", kind: "Nothing", metadata: { name: "all" }, spec: {} },
];
const prepared = preparePolicies(nothing);
const handlers = [
  admissionHandler({ evidenceFor: () => ({ policies: [strict] }) }),
  admissionHandler({ evidenceFor: async () => ({ policies: await prepared }), decide: { maxAttempts: 3 } }),
  admissionHandler({ evidenceFor: () => Promise.reject(new Error("lost")) }),
  // Failing open is about evidence that fails, and about no policy that does.
  admissionHandler({ evidenceFor: () => ({ policies: [{ kind: "Broken" }] }), onFailure: "admit" }),
];

/** Any policy is one or a ScanError; policies that refuse everything refuse every request but those that the rules let off; no error admits. */
export async function fuzz(input: Uint8Array): Promise<void> {
  const text = new TextDecoder().decode(input);
  matchesNamePattern(text, image);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  for (const read of [() => readKritisConfig(value), () => readExemptions(text, "exemptions")]) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
    }
  }
  try {
    readImagePolicy(value);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    if ((await decide(pod, { policies: [value] }, { maxAttempts: 0 })).allowed)
      throw new Error("a wrong policy admitted", { cause: error });
  }
  try {
    await evaluateImagePolicies({ image: text, policies: [strict], attestations: [{ keyId: text, signature: text }] });
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
  }
  const { allowed, reasons } = await decide(value, { policies: [strict] });
  if (allowed && !/DELETE|breakglass|gcr\.io/.test(text)) throw new Error("an error admitted");
  if (!allowed && reasons.length === 0) throw new Error("a refusal without a reason");
  if ((await decide(value, { policies: await prepared }, { maxAttempts: 3 })).allowed)
    throw new Error("what no policy allows was admitted");
  for (const [index, handler] of handlers.entries()) {
    const body = new Uint8Array(input);
    const response = await handler(new Request("https://webhook.example/", { method: "POST", body }));
    const answer = await response.text();
    if (response.status !== 200) continue;
    const admitted = (JSON.parse(answer) as { readonly response: { readonly allowed: boolean } }).response.allowed;
    if (admitted && (index > 0 || !/DELETE|breakglass|gcr\.io/.test(text)))
      throw new Error("the webhook admitted an error");
  }
}
