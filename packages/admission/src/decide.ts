import { parseImageName } from "@plimsoll/attestations";
import type { Attestation, AttestationAuthority } from "@plimsoll/attestations";
import { field, record, textField } from "@plimsoll/formats";
import { imagesOf, kubernetesObjects, podTemplateOf } from "@plimsoll/kubernetes";
import type { ImageUse, KubernetesObject } from "@plimsoll/kubernetes";
import { ScanError } from "@plimsoll/model";
import { areOwnersImages } from "./allowlist.ts";
import { evaluateImagePolicies } from "./evaluate-image-policies.ts";
import type { JudgedVulnerability } from "./evaluate-image-policies.ts";

/** What is known when a decision is made. Plain data: the same evidence gives the same decision. */
export interface Evidence {
  /** Objects of `kritis.grafeas.io`. */
  readonly policies: readonly unknown[];
  readonly authorities?: readonly AttestationAuthority[] | undefined;
  /** Attestations by image, as the object names it (or with its digest, where `digests` pins it). */
  readonly attestations?: Readonly<Record<string, readonly Attestation[]>> | undefined;
  /** Vulnerabilities by image; an image that is missing was not scanned. */
  readonly vulnerabilities?: Readonly<Record<string, readonly JudgedVulnerability[]>> | undefined;
  /** Sources of builds by image. */
  readonly sources?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Digests (`sha256:…`) of tagged images: they are judged by digest, and patches pin them. */
  readonly digests?: Readonly<Record<string, string>> | undefined;
  /** Images of an owner that was admitted: an object with no others is admitted without another look. */
  readonly ownerImages?: readonly string[] | undefined;
  readonly allowedRepositories?: readonly string[] | undefined;
  /** RFC 3339. */
  readonly now?: string | undefined;
}

/** Why an object is refused, from the policy to the fact. */
export interface DecisionReason {
  /** Empty where no policy says so: the request itself cannot be judged. */
  readonly policy: string;
  readonly rule: string;
  /** JSON Pointer to the image in the object; empty for the whole object. */
  readonly path: string;
  readonly image: string;
  /** CVE id, or one of the words of `PolicyViolation.id`, or `error`. */
  readonly id: string;
  readonly fact: string;
  /** The smallest change known to satisfy the rule; absent where none is known. */
  readonly change?: string;
}

/** An operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  readonly op: "replace";
  readonly path: string;
  readonly value: string;
}

/** Whether an object may run, and why not. */
export interface Decision {
  readonly allowed: boolean;
  /** One line for the person who applied the object. */
  readonly message: string;
  readonly reasons: readonly DecisionReason[];
  readonly warnings: readonly string[];
  /** Empty when the object is refused. */
  readonly patches: readonly PatchOperation[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** `sha256:` and the digest of object and evidence in canonical JSON. */
  readonly evidenceDigest: string;
}

/** Admits an object whatever the policies say; its value does not count. */
export const breakglassAnnotation = "kritis.grafeas.io/breakglass";

type Verdict = Pick<Decision, "allowed" | "reasons" | "warnings" | "patches">;

/**
 * Decides whether an object may run. Reads no clock and fetches nothing: everything that counts is in the request and the evidence.
 * What cannot be judged (an unknown kind, a wrong policy, an unusable authority) is refused with the reason; it never throws for data.
 * @param request An AdmissionReview, or the object itself.
 */
export async function decide(request: unknown, evidence: Evidence): Promise<Decision> {
  const evidenceDigest = await digestOf({ request, evidence });
  let verdict: Verdict;
  try {
    verdict = await judge(request, evidence);
  } catch (error) {
    const fact = error instanceof ScanError ? error.message : "the policies cannot be applied to this object";
    verdict = refusal(fact);
  }
  const message = verdict.allowed ? "Successfully admitted." : verdict.reasons.map(({ fact }) => fact).join("; ");
  const auditAnnotations = { decision: verdict.allowed ? "allowed" : "denied", evidence: evidenceDigest };
  return { ...verdict, message, auditAnnotations, evidenceDigest };
}

async function judge(request: unknown, evidence: Evidence): Promise<Verdict> {
  const review = textField(request, "kind") === "AdmissionReview" ? record(field(request, "request")) : undefined;
  if (review !== undefined && review["operation"] === "DELETE") return admitted();
  const value = review === undefined ? request : field(review, "object");
  const [object, ...more] = kubernetesObjects(value);
  if (object === undefined) return refusal("the request holds no object of Kubernetes");
  if (more.length > 0) return refusal("the request holds several objects");
  if (podTemplateOf(object) === undefined) return refusal(`an object of kind ${object.kind} is not known to run a pod`);
  if (Object.hasOwn(object.annotations, breakglassAnnotation)) {
    return admitted([`${breakglassAnnotation} is set: no policy was asked`]);
  }
  const uses = imagesOf(object);
  const owned = evidence.ownerImages;
  const images = uses.map(({ image }) => image);
  if (owned !== undefined && areOwnersImages(images, owned, evidence.allowedRepositories)) return admitted();
  return judgeImages(object, uses, evidence);
}

async function judgeImages(object: KubernetesObject, uses: readonly ImageUse[], evidence: Evidence): Promise<Verdict> {
  const reasons: DecisionReason[] = [];
  const patches: PatchOperation[] = [];
  if (uses.length === 0) return refusal("the object names no image");
  for (const use of uses) {
    const image = pinned(use.image, evidence.digests);
    const path = pointerOf(use.path.slice(object.path.length));
    if (image !== use.image) patches.push({ op: "replace", path, value: image });
    const decision = await evaluateImagePolicies({
      image,
      policies: evidence.policies,
      authorities: evidence.authorities,
      attestations: own(evidence.attestations, image),
      vulnerabilities: own(evidence.vulnerabilities, image),
      sources: own(evidence.sources, image),
      allowedRepositories: evidence.allowedRepositories,
      now: evidence.now,
    });
    if (decision.allowed) continue;
    for (const { policy, rule, id, reason, change } of decision.violations) {
      reasons.push({ policy, rule, path, image, id, fact: reason, change });
    }
  }
  return reasons.length === 0
    ? { allowed: true, reasons, warnings: [], patches }
    : { allowed: false, reasons, warnings: [], patches: [] };
}

function pinned(image: string, digests: Evidence["digests"]): string {
  const digest = own(digests, image);
  const name = parseImageName(image);
  return digest === undefined || name === undefined || name.digest !== undefined
    ? image
    : `${name.repository}@${digest}`;
}

function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function admitted(warnings: readonly string[] = []): Verdict {
  return { allowed: true, reasons: [], warnings, patches: [] };
}

function refusal(fact: string): Verdict {
  const reason = { policy: "", rule: "", path: "", image: "", id: "error", fact };
  return { allowed: false, reasons: [reason], warnings: [], patches: [] };
}

/** RFC 6901. */
function pointerOf(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

async function digestOf(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson(value, 0));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Deeper values count as one, so that no request can exhaust the stack. */
const maxDepth = 500;

/** JSON with sorted members, so that the order in which a document was written does not count. */
function canonicalJson(value: unknown, depth: number): string {
  if (depth > maxDepth) return '"too deep"';
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalJson(item, depth + 1)).join(",")}]`;
  const object = record(value);
  if (object === undefined) return JSON.stringify(value) ?? "null";
  const members = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key], depth + 1)}`);
  return `{${members.join(",")}}`;
}
