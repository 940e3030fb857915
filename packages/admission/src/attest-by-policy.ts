import { checkOptions, optionIs } from "@plimsoll/model";
import type { Attestation } from "@plimsoll/model";
import { evaluateImagePolicies } from "./evaluate-image-policies.ts";
import type { JudgedVulnerability, PolicyViolation } from "./evaluate-image-policies.ts";

/** Modes of Kritis' signer: check the policy only, sign the image if it passes, or sign without checking. */
export type SigningMode = "check-only" | "check-and-sign" | "bypass-and-sign";

/** Options of {@link attestByPolicy}. */
export interface AttestByPolicyOptions {
  /** A VulnzSigningPolicy, or another policy about vulnerabilities. */
  readonly policy: unknown;
  readonly mode: SigningMode;
  /** The vulnerabilities that a scan found. Absent: the image was not scanned, which violates every policy. */
  readonly vulnerabilities?: readonly JudgedVulnerability[] | undefined;
  /** Called when the image is to be signed. */
  readonly sign: () => Promise<Attestation>;
}

/** The result of {@link attestByPolicy}. */
export interface SigningOutcome {
  /** Whether the image satisfies the policy; undefined for `bypass-and-sign`. */
  readonly passed: boolean | undefined;
  readonly violations: readonly PolicyViolation[];
  /** The signature. Absent: the image was not signed. */
  readonly attestation?: Attestation;
}

const modes: readonly string[] = ["check-only", "check-and-sign", "bypass-and-sign"] satisfies readonly SigningMode[];

/**
 * Signs an image if it satisfies a policy.
 * @param image The image reference, with a digest.
 * @throws ScanError for an invalid policy, also where it is bypassed; TypeError for invalid options or an unknown mode.
 */
export async function attestByPolicy(image: string, options: AttestByPolicyOptions): Promise<SigningOutcome> {
  checkOptions("attestByPolicy", options, {
    policy: optionIs.any,
    mode: optionIs.text,
    vulnerabilities: optionIs.listOf(optionIs.object),
    sign: optionIs.call,
  });
  const { policy, mode, vulnerabilities, sign } = options;
  if (!modes.includes(mode))
    throw new TypeError(`mode must be one of ${modes.join(", ")}, not ${JSON.stringify(mode)}`);
  const { allowed, violations } = await evaluateImagePolicies({
    image,
    // The policy's own authority is the one that is about to attest.
    policies: [withoutAuthority(policy)],
    vulnerabilities,
    mode: "background",
  });
  if (mode === "bypass-and-sign") return { passed: undefined, violations: [], attestation: await sign() };
  if (!allowed) return { passed: false, violations };
  return { passed: true, violations: [], ...(mode === "check-only" ? {} : { attestation: await sign() }) };
}

function withoutAuthority(policy: unknown): unknown {
  if (typeof policy !== "object" || policy === null || !("spec" in policy)) return policy;
  const { spec } = policy;
  if (typeof spec !== "object" || spec === null || !("attestationAuthorityName" in spec)) return policy;
  const { attestationAuthorityName: _, ...rest } = spec;
  return { ...policy, spec: rest };
}
