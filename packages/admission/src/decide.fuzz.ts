import { ScanError } from "@plimsoll/model";
import { admissionHandler, decide, evaluateImagePolicies, matchesNamePattern, readImagePolicy } from "./index.ts";

const image = "registry.example/app:1";
const pod = { apiVersion: "v1", kind: "Pod", spec: { containers: [{ image }] } };
const strict = {
  kind: "ImageSecurityPolicy",
  spec: {
    packageVulnerabilityRequirements: { maximumSeverity: "BLOCK_ALL", maximumFixUnavailableSeverity: "BLOCK_ALL" },
  },
};
const handler = admissionHandler({ evidenceFor: () => ({ policies: [strict] }) });

/** Any policy is one or a ScanError; a strict policy refuses every request but those that the rules let off. */
export async function fuzz(input: Uint8Array): Promise<void> {
  const text = new TextDecoder().decode(input);
  matchesNamePattern(text, image);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  try {
    readImagePolicy(value);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    if ((await decide(pod, { policies: [value] })).allowed)
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
  const response = await handler(
    new Request("https://webhook.example/", { method: "POST", body: new Uint8Array(input) }),
  );
  await response.text();
}
