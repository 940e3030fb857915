import { checkOptions, optionIs } from "@plimsoll/model";
import type { Attestation } from "@plimsoll/model";
import { evaluateImagePolicies } from "./evaluate-image-policies.ts";
import type { JudgedVulnerability, PolicyViolation } from "./evaluate-image-policies.ts";

/** What Kritis' signer does: judge only, sign what passes, or sign whatever there is. */
export type SigningMode = "check-only" | "check-and-sign" | "bypass-and-sign";

/** What {@link attestByPolicy} goes by. */
export interface AttestByPolicyOptions {
  /** A VulnzSigningPolicy, or another policy about vulnerabilities. */
  readonly policy: unknown;
  readonly mode: SigningMode;
  /** What a scan found; absent: nobody scanned, which meets no policy. */
  readonly vulnerabilities?: readonly JudgedVulnerability[] | undefined;
  /** Called when the image is to be signed. */
  readonly sign: () => Promise<Attestation>;
}

/** How it went. */
export interface SigningOutcome {
  /** The policy is met; undefined where nobody asked it. */
  readonly passed: boolean | undefined;
  readonly violations: readonly PolicyViolation[];
  /** Absent: not signed. */
  readonly attestation?: Attestation;
}

const modes: readonly string[] = ["check-only", "check-and-sign", "bypass-and-sign"] satisfies readonly SigningMode[];

/**
 * Signs an image if a policy is met.
 * @param image With a digest.
 * @throws ScanError for a wrong policy, also where it is bypassed; TypeError for an unknown mode.
 */
export async function attestByPolicy(image: string, options: AttestByPolicyOptions): Promise<SigningOutcome> {
  checkOptions("attestByPolicy", options, {
    policy: optionIs.any,
    mode: optionIs.text,
    vulnerabilities: optionIs.listOf(optionIs.object),
    sign: optionIs.call,
  });
  const { policy, mode, vulnerabilities, sign } = options;
  if (!modes.includes(mode)) throw new TypeError(`mode: ${JSON.stringify(mode)} is none of ${modes.join(", ")}`);
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
