import { findAuthorities, parseImageName, reviewAttestations } from "@plimsoll/attestations";
import type { Attestation, AttestationAuthority, VerifyBundle } from "@plimsoll/attestations";
import { ScanError, compareText } from "@plimsoll/model";
import { isOfRepository, kritisRepositories, matchesNamePattern } from "./allowlist.ts";
import { isBuiltFrom, readImagePolicy } from "./image-policy.ts";
import type { AttestationPolicy, BuildPolicy, VulnerabilityPolicy } from "./image-policy.ts";
import { isSeverity, isWithin, mildestFor } from "./severity.ts";

/** A vulnerability as image policies evaluate it. */
export interface JudgedVulnerability {
  readonly id: string;
  /** `MINIMAL`, `NEGLIGIBLE`, `LOW`, `MEDIUM`, `HIGH`, `CRITICAL`, or `UNKNOWN`. */
  readonly severity: string;
  readonly fixAvailable: boolean;
}

/** An image, the policies to apply to it, and the evidence about it. */
export interface ImageEvidence {
  readonly image: string;
  /** Objects of kind ImageSecurityPolicy, GenericAttestationPolicy, BuildPolicy or VulnzSigningPolicy. */
  readonly policies: readonly unknown[];
  readonly authorities?: readonly AttestationAuthority[] | undefined;
  readonly attestations?: readonly Attestation[] | undefined;
  /** Absent: the image was not scanned, which violates every policy about vulnerabilities. */
  readonly vulnerabilities?: readonly JudgedVulnerability[] | undefined;
  /** Source repositories that the image was built from, as its provenance names them. */
  readonly sources?: readonly string[] | undefined;
  /** `webhook`: an image with a valid attestation is not checked for vulnerabilities. `background`: it is. Absent: `webhook`. */
  readonly mode?: "webhook" | "background" | undefined;
  /** Repositories that are always admitted. Absent: those of Kritis itself. */
  readonly allowedRepositories?: readonly string[] | undefined;
  /** RFC 3339; see `VerifyOptions` of `@plimsoll/attestations`. */
  readonly now?: string | undefined;
  /** Verifies keyless signatures; see `VerifyOptions` of `@plimsoll/attestations`. */
  readonly verifyBundle?: VerifyBundle | undefined;
}

/** Why a policy is not satisfied. */
export interface PolicyViolation {
  /** Id of the vulnerability, or `unqualified image`, `not scanned`, `not attested`, `not built from`. */
  readonly id: string;
  /** `KIND namespace/name`. */
  readonly policy: string;
  /** The member of the policy that is violated. */
  readonly rule: string;
  /** The reason, in one sentence. */
  readonly reason: string;
  /** The smallest change that would satisfy this rule. */
  readonly change: string;
}

/** The result of evaluating image policies about an image. */
export interface ImageDecision {
  readonly allowed: boolean;
  readonly violations: readonly PolicyViolation[];
  /** Policies satisfied by evidence (attestations, builds or a scan); those that exempt the image are in `exempt`. */
  readonly satisfied: readonly string[];
  /** Policies and allowlists that exempt the image without a look at the evidence. */
  readonly exempt: readonly string[];
  /** Authorities with at least one valid attestation of the image. */
  readonly attestedBy: readonly string[];
  /** Authorities whose attestation a policy asks to be stored now, because the image passed and has none. */
  readonly toAttest: readonly string[];
}

interface Context extends ImageEvidence {
  readonly attestedBy: ReadonlySet<string>;
  readonly refusals: ReadonlyMap<string, readonly string[]>;
}

interface Judgement {
  readonly policy: string;
  readonly verdict: "satisfied" | "exempt" | "violated";
  readonly violations: readonly PolicyViolation[];
  readonly toAttest?: string | undefined;
}

/**
 * Evaluates image policies as Kritis does. It is enough to satisfy one attestation policy, with all its authorities; all other policies must be
 * satisfied.
 * Without any policy the image is admitted.
 * @throws ScanError for an invalid policy, an unknown or unusable authority, and a vulnerability with an unknown severity name.
 */
export async function evaluateImagePolicies(evidence: ImageEvidence): Promise<ImageDecision> {
  const { image, mode = "webhook", allowedRepositories = kritisRepositories } = evidence;
  if (mode !== "webhook" && mode !== "background")
    throw new TypeError(`mode: ${JSON.stringify(mode)} is not webhook or background`);
  const policies = evidence.policies.map(readImagePolicy);
  checkVulnerabilities(evidence.vulnerabilities);
  const context = await reviewAll(
    evidence,
    policies.flatMap((policy) => authoritiesOf(policy)),
  );
  const attestedBy = [...context.attestedBy].sort(compareText);
  if (isOfRepository(image, allowedRepositories)) {
    return {
      allowed: true,
      violations: [],
      satisfied: [],
      exempt: ["allowed repositories"],
      attestedBy: [],
      toAttest: [],
    };
  }
  const attestation = policies
    .filter((policy) => policy.kind === "GenericAttestationPolicy")
    .map((policy) => judgeAttested(policy, context));
  const others = policies.flatMap((policy) => {
    if (policy.kind === "GenericAttestationPolicy") return [];
    return [policy.kind === "BuildPolicy" ? judgeBuild(policy, context) : judgeVulnerabilities(policy, context)];
  });
  const oneIsEnough = attestation.length === 0 || attestation.some(({ verdict }) => verdict !== "violated");
  const violations = [...(oneIsEnough ? [] : attestation), ...others].flatMap((judgement) => judgement.violations);
  const all = [...attestation, ...others];
  const named = (verdict: string): readonly string[] =>
    all.filter((each) => each.verdict === verdict).map(({ policy }) => policy);
  const allowed = oneIsEnough && others.every(({ verdict }) => verdict !== "violated");
  return {
    allowed,
    violations,
    satisfied: named("satisfied"),
    exempt: named("exempt"),
    attestedBy,
    toAttest: allowed ? [...new Set(others.flatMap(({ toAttest }) => toAttest ?? []))].sort(compareText) : [],
  };
}

function authoritiesOf(policy: ReturnType<typeof readImagePolicy>): readonly string[] {
  if (policy.kind === "GenericAttestationPolicy") return policy.authorities;
  return policy.authority === undefined ? [] : [policy.authority];
}

/** Verifies the attestations once for each authority that a policy names. */
async function reviewAll(evidence: ImageEvidence, names: readonly string[]): Promise<Context> {
  const authorities = findAuthorities([...new Set(names)], evidence.authorities ?? []);
  const attestedBy = new Set<string>();
  const refusals = new Map<string, readonly string[]>();
  for (const authority of authorities) {
    const { now, image, attestations = [], verifyBundle } = evidence;
    const { valid, refused } = await reviewAttestations(image, attestations, authority, { now, verifyBundle });
    if (valid.length > 0) attestedBy.add(authority.name);
    else
      refusals.set(
        authority.name,
        refused.map(({ reason }) => reason),
      );
  }
  return { ...evidence, attestedBy, refusals };
}

function checkVulnerabilities(vulnerabilities: readonly JudgedVulnerability[] | undefined): void {
  const odd = vulnerabilities?.find(({ severity }) => !isSeverity(severity));
  if (odd === undefined) return;
  const reason = `${JSON.stringify(odd.severity)} is not a severity`;
  throw new ScanError({ kind: "malformed-document", label: `vulnerability ${odd.id}`, reason });
}

function judgeAttested(policy: AttestationPolicy, context: Context): Judgement {
  const name = `${policy.kind} ${policy.name}`.trim();
  const rule = "attestationAuthorityNames";
  if (policy.namePatterns.some((pattern) => matchesNamePattern(pattern, context.image))) {
    return { policy: name, verdict: "exempt", violations: [] };
  }
  const violations = policy.authorities
    .filter((authority) => !context.attestedBy.has(authority))
    .map((authority): PolicyViolation => {
      const refusal = context.refusals.get(authority)?.[0];
      const reason = `${authority} has no valid attestation of ${context.image}${refusal === undefined ? "" : `: ${refusal}`}`;
      const change = isQualified(context.image)
        ? `an attestation of the image by ${authority}`
        : "the image by its digest, attested";
      return { id: "not attested", policy: name, rule, reason, change };
    });
  return { policy: name, verdict: violations.length === 0 ? "satisfied" : "violated", violations };
}

function judgeBuild(policy: BuildPolicy, context: Context): Judgement {
  const name = `${policy.kind} ${policy.name}`.trim();
  const sources = context.sources ?? [];
  if (sources.some((source) => isBuiltFrom(policy.builtFrom, source))) {
    return { policy: name, verdict: "satisfied", violations: [], toAttest: missing(policy.authority, context) };
  }
  const what =
    sources.length === 0 ? "no build of the image is known" : `the image is built from ${sources.join(", ")}`;
  const violation = {
    id: "not built from",
    policy: name,
    rule: "buildRequirements.builtFrom",
    reason: `${what}, and the policy asks for ${policy.builtFrom}`,
    change: `a build from a source that matches ${policy.builtFrom}`,
  };
  return { policy: name, verdict: "violated", violations: [violation] };
}

function judgeVulnerabilities(policy: VulnerabilityPolicy, context: Context): Judgement {
  const name = `${policy.kind} ${policy.name}`.trim();
  const { image, vulnerabilities, mode = "webhook" } = context;
  if (policy.imageAllowlist.includes(image)) return { policy: name, verdict: "exempt", violations: [] };
  const attested = policy.authority !== undefined && context.attestedBy.has(policy.authority);
  if (mode === "webhook" && attested) return { policy: name, verdict: "satisfied", violations: [] };
  const whole = (id: string, reason: string, change: string): Judgement => {
    return { policy: name, verdict: "violated", violations: [{ id, policy: name, rule: "image", reason, change }] };
  };
  if (!isQualified(image)) {
    return whole(
      "unqualified image",
      `${image} has no digest, so what runs may differ from what was scanned`,
      "the image by its digest",
    );
  }
  if (vulnerabilities === undefined) return whole("not scanned", `${image} was not scanned`, "a report of the image");
  const violations = vulnerabilities.flatMap((each) => violationOf(each, policy, name));
  if (violations.length > 0) return { policy: name, verdict: "violated", violations };
  const toAttest = mode === "webhook" ? missing(policy.authority, context) : undefined;
  return { policy: name, verdict: "satisfied", violations, toAttest };
}

function violationOf(
  { id, severity, fixAvailable }: JudgedVulnerability,
  { requirements, kind }: VulnerabilityPolicy,
  policy: string,
): readonly PolicyViolation[] {
  const { allowed, maximumFixable, maximumUnfixable } = requirements;
  const maximum = fixAvailable ? maximumFixable : maximumUnfixable;
  // Kritis lists CVEs by the name of their note: projects/goog-vulnz/notes/CVE-2021-20305.
  if (allowed.some((each) => each === id || each.endsWith(`/notes/${id}`)) || isWithin(severity, maximum)) return [];
  const names = {
    ImageSecurityPolicy: ["maximumSeverity", "maximumFixUnavailableSeverity"],
    VulnzSigningPolicy: ["maximumFixableSeverity", "maximumUnfixableSeverity"],
  }[kind];
  const rule = names[fixAvailable ? 0 : 1] ?? "";
  const fix = fixAvailable ? "the fix that is available" : `${id} in allowlistCVEs`;
  return [
    {
      id,
      policy,
      rule,
      reason: `${id} is ${severity} and ${fixAvailable ? "has a fix" : "has no fix"}; the policy allows ${maximum}`,
      change: `${fix}, or ${rule}: ${mildestFor(severity)}`,
    },
  ];
}

function missing(authority: string | undefined, context: Context): string | undefined {
  return authority === undefined || context.attestedBy.has(authority) ? undefined : authority;
}

function isQualified(image: string): boolean {
  return parseImageName(image)?.digest !== undefined;
}
