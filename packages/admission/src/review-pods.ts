import { imagesOf, kubernetesObjects, member } from "@plimsoll/kubernetes";
import { ScanError, checkOptions, optionIs } from "@plimsoll/model";
import type { VerifyBundle } from "@plimsoll/attestations";
import { evaluateImagePolicies } from "./evaluate-image-policies.ts";
import type { ImageDecision, PolicyViolation } from "./evaluate-image-policies.ts";
import { own, pinned } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";
import { isInNamespace, vulnerabilitiesFor } from "./image-verdict.ts";
import { isPrepared, preparePolicies } from "./prepared-policies.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";

/** The result of reviewing a running pod. */
export interface PodReview {
  readonly namespace: string;
  readonly name: string;
  /** Whether the pod would be admitted now. */
  readonly allowed: boolean;
  /** Violations of its images; `id` is `error` where an image could not be evaluated. */
  readonly violations: readonly (PolicyViolation & { readonly image: string })[];
  /** Labels that Kritis would set, by name; null: Kritis would remove the label. Unchanged labels are left out. */
  readonly labels: Readonly<Record<string, string | null>>;
  /** Annotations that Kritis would set, by name; null: Kritis would remove the annotation. Unchanged annotations are left out. */
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** Options of {@link reviewPods}. */
export interface ReviewPodsOptions {
  /** Verifies keyless signatures; see `VerifyOptions` of `@plimsoll/attestations`. */
  readonly verifyBundle?: VerifyBundle | undefined;
}

const invalidKey = "kritis.grafeas.io/invalidImageSecPolicy";
const attestationKey = "kritis.grafeas.io/attestation";
const attestedText = "Previously attested.";
const notAttestedText = "No valid attestations present. This pod will not be able to restart in future";

/**
 * Reviews running pods by Kritis' image policies, as Kritis does it in the background: vulnerabilities are checked even if an attestation is valid,
 * and nothing is stopped. The result is Kritis' labels and annotations, which the caller can send as a merge patch of each pod's metadata. Nothing
 * is fetched and no clock is read.
 * @param pods Objects of kind Pod, or lists of them; other objects are skipped.
 * @throws {ScanError} for an invalid policy. @throws {TypeError} for unknown or invalid options.
 */
export async function reviewPods(
  pods: readonly unknown[],
  evidence: Evidence,
  options: ReviewPodsOptions = {},
): Promise<readonly PodReview[]> {
  checkOptions("reviewPods", options, { verifyBundle: optionIs.call });
  const { policies } = evidence;
  const prepared = isPrepared(policies) ? policies : await preparePolicies(policies);
  const reviews: PodReview[] = [];
  for (const pod of pods.flatMap(kubernetesObjects)) {
    if (pod.kind !== "Pod") continue;
    const { name, namespace = "", labels, annotations } = pod;
    const inForce = prepared.image.filter((policy) => isInNamespace(policy, pod.namespace));
    const images = [...new Set(imagesOf(pod).map(({ image }) => pinned(image, evidence.digests)))];
    const decisions = new Map<string, ImageDecision | ScanError>();
    for (const image of images)
      decisions.set(image, await reviewImage(image, inForce, prepared, evidence, options.verifyBundle));
    const violations = [...decisions].flatMap(([image, decision]) =>
      decision instanceof ScanError
        ? [{ ...failure(decision.message), image }]
        : decision.violations.map((violation) => ({ ...violation, image })),
    );
    const wanted = [invalidMark(decisions), attestationMark(decisions, inForce)];
    reviews.push({
      namespace,
      name,
      allowed: violations.length === 0,
      violations,
      labels: changesOf(
        labels,
        wanted.map(({ key, label }) => [key, label]),
      ),
      annotations: changesOf(
        annotations,
        wanted.map(({ key, text }) => [key, text]),
      ),
    });
  }
  return reviews;
}

async function reviewImage(
  image: string,
  policies: readonly unknown[],
  { authorities }: PreparedPolicies,
  evidence: Evidence,
  verifyBundle: VerifyBundle | undefined,
): Promise<ImageDecision | ScanError> {
  try {
    return await evaluateImagePolicies({
      image,
      policies,
      authorities: [...authorities, ...(evidence.authorities ?? [])],
      attestations: own(evidence.attestations, image),
      vulnerabilities: vulnerabilitiesFor(evidence, image).known,
      sources: own(evidence.sources, image),
      allowedRepositories: evidence.allowedRepositories,
      mode: "background",
      now: evidence.now,
      verifyBundle,
    });
  } catch (error) {
    if (error instanceof ScanError) return error;
    throw error;
  }
}

function failure(reason: string): PolicyViolation {
  return { id: "error", policy: "", rule: "", reason, change: "evidence that can be judged" };
}

/** A label and the annotation of the same name; undefined: neither is to be there. */
interface Mark {
  readonly key: string;
  readonly label: string | undefined;
  readonly text: string | undefined;
}

function invalidMark(decisions: ReadonlyMap<string, ImageDecision | ScanError>): Mark {
  const found = [...decisions].flatMap(([image, decision]) => {
    if (decision instanceof ScanError) return [`${image} could not be judged: ${decision.message}`];
    const { length } = decision.violations;
    if (length === 0) return [];
    const others = decision.violations.filter(({ id }) => isWord(id));
    return [others.length === 0 ? `found ${length} CVEs in ${image}` : others.map(({ reason }) => reason).join("; ")];
  });
  if (found.length === 0) return { key: invalidKey, label: undefined, text: undefined };
  return { key: invalidKey, label: "invalidImageSecPolicy", text: found.join("; ") };
}

/** Violations that are about no vulnerability have a sentence for an id: `not scanned`. */
function isWord(id: string): boolean {
  return id.includes(" ") || id === "error";
}

/** Whether all images are attested; nothing is said where no policy asks for attestations. */
function attestationMark(
  decisions: ReadonlyMap<string, ImageDecision | ScanError>,
  policies: readonly unknown[],
): Mark {
  const asks = policies.some(
    (policy) =>
      member(policy, "spec", "attestationAuthorityName") !== undefined ||
      member(policy, "spec", "attestationAuthorityNames") !== undefined,
  );
  if (!asks || decisions.size === 0) return { key: attestationKey, label: undefined, text: undefined };
  const attested = [...decisions.values()].every((each) => !(each instanceof ScanError) && each.attestedBy.length > 0);
  return attested
    ? { key: attestationKey, label: "attested", text: attestedText }
    : { key: attestationKey, label: "notAttested", text: notAttestedText };
}

function changesOf(
  present: Readonly<Record<string, string>>,
  wanted: readonly (readonly [key: string, value: string | undefined])[],
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    wanted.flatMap(([key, value]) => {
      const now = own(present, key);
      return now === value ? [] : [[key, value ?? null] as const];
    }),
  );
}
