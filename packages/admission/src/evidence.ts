import { parseImageName } from "@plimsoll/attestations";
import type { Attestation, AttestationAuthority, VerifyBundle } from "@plimsoll/attestations";
import { member } from "@plimsoll/kubernetes";
import type { IgnoredFailure } from "@plimsoll/gatekeeper";
import type { JsonObject, KubernetesObject, ObjectPath } from "@plimsoll/kubernetes";
import type { Report, WorkBudget } from "@plimsoll/model";
import type { CheckPolicy } from "./check-verdict.ts";
import type { JudgedVulnerability } from "./evaluate-image-policies.ts";
import type { AdmissionExemption } from "./exemptions.ts";
import type { ReportGate } from "./gate-verdict.ts";
import type { PatchOperation } from "./json-patch.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";

/** What is known when a decision is made. Plain data: the same evidence gives the same decision. */
export interface Evidence {
  /** Objects of `kritis.grafeas.io`, of Gatekeeper, and Validating- and MutatingAdmissionPolicies with their bindings; or the same, prepared. */
  readonly policies: readonly unknown[] | PreparedPolicies;
  readonly authorities?: readonly AttestationAuthority[] | undefined;
  /** Attestations by image, as the object names it (or with its digest, where `digests` pins it). */
  readonly attestations?: Readonly<Record<string, readonly Attestation[]>> | undefined;
  /** Vulnerabilities by image; an image that is missing was not scanned. */
  readonly vulnerabilities?: Readonly<Record<string, readonly JudgedVulnerability[]>> | undefined;
  /** Reports by image or digest: vulnerabilities where the member above has none, and what gates look at. */
  readonly reports?: Readonly<Record<string, Report>> | undefined;
  /** What the reports of an object's images must not hold. */
  readonly gate?: ReportGate | undefined;
  /** Checks of configurations that the object must pass. */
  readonly checks?: CheckPolicy | undefined;
  /** Sources of builds by image. */
  readonly sources?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Digests (`sha256:…`) of tagged images: they are judged by digest, and patches pin them. */
  readonly digests?: Readonly<Record<string, string>> | undefined;
  /** Images of an owner that was admitted: an object with no others is admitted without a look at its images. */
  readonly ownerImages?: readonly string[] | undefined;
  readonly allowedRepositories?: readonly string[] | undefined;
  /** Objects of the cluster: what referential policies, parameters and namespace selectors see. */
  readonly inventory?: readonly unknown[] | undefined;
  /** Leave from rules. Those that have ended or are of no use are told in `warnings`. */
  readonly exemptions?: readonly AdmissionExemption[] | undefined;
  /** RFC 3339. */
  readonly now?: string | undefined;
}

/** What is no data, and how much is done. */
export interface DecideOptions {
  /** The line of a place in the object, where somebody knows the text that it was read from. */
  readonly lineOf?: ((path: ObjectPath) => number | undefined) | undefined;
  /** Changes of the object that are tried for each reason, and ten times as many for all of them. Absent: 600. Zero: none is looked for. */
  readonly maxAttempts?: number | undefined;
  /** Verifies keyless signatures: `sigstoreVerifier` of `@plimsoll/node`. */
  readonly verifyBundle?: VerifyBundle | undefined;
  /**
   * How much work all policies about an object may do together; what is not judged at its end refuses the object. Absent: 100 million steps, some tens of
   * seconds, and no clock, so that a decision depends on no machine.
   */
  readonly budget?: WorkBudget | undefined;
}

/** A change after which a reason is none any more. */
export interface DecisionChange {
  /** What is changed: the object, or the evidence (with the policies in it). */
  readonly of: "object" | "evidence";
  /** Operations of a JSON Patch (RFC 6902), to be applied in the order of the reasons. */
  readonly patch: readonly PatchOperation[];
}

/** Why an object is refused, from the policy to the fact. */
export interface DecisionReason {
  /** Empty where no policy says so: the request itself cannot be judged. */
  readonly policy: string;
  readonly rule: string;
  /** JSON Pointer to the place in the object, after the policies that change it; empty for the whole object. */
  readonly path: string;
  /** Where the text of the object is known. */
  readonly line?: number;
  /** Empty where the reason is about no image. */
  readonly image: string;
  /** CVE id, rule, one of the words of `PolicyViolation.id`, or `error`. */
  readonly id: string;
  readonly fact: string;
  /** What stands at `path`, where it is a text, number or truth value. */
  readonly value?: string | number | boolean;
  /** The smallest change known to satisfy the rule, in words; it says so where none was found. */
  readonly change?: string;
  /** The same for programs: applied to all reasons, in order, it admits. Absent where none was found. */
  readonly flip?: DecisionChange;
}

/** Whether an object may run, and why not. */
export interface Decision {
  readonly allowed: boolean;
  /** One line for the person who applied the object. */
  readonly message: string;
  readonly reasons: readonly DecisionReason[];
  /** Also of each policy, up to a hundred, that could not judge the object and says that this is to be ignored. */
  readonly warnings: readonly string[];
  /** What mutating policies and mutators change, and the digests of pinned tags. Empty when the object is refused. */
  readonly patches: readonly PatchOperation[];
  /**
   * For the audit log: `decision`, `evidence`, `dryrun`, `mutations`, `ignored` (policies that failed, where failing does not mean refusing), and what admission policies note, as `policy.key`: an API server puts the
   * webhook's name and a slash before each, and drops keys with two.
   */
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** `sha256:` and the digest of object and evidence in canonical JSON. */
  readonly evidenceDigest: string;
}

/** What one part of the judgement says. */
export interface PartialVerdict {
  readonly reasons: readonly DecisionReason[];
  readonly warnings?: readonly string[];
  readonly patches?: readonly PatchOperation[];
  readonly audited?: readonly string[];
  /** Policies that failed, where failing does not mean refusing. */
  readonly ignored?: readonly IgnoredFailure[];
  /** What policies note for the audit log, by `policy/key`. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** The request as all parts see it. */
export interface Judged {
  /** The AdmissionReview or object, as it was given. */
  readonly request: unknown;
  readonly object: KubernetesObject;
  readonly namespace: string | undefined;
  readonly operation: string;
  readonly evidence: Evidence;
  readonly policies: PreparedPolicies;
  readonly options: DecideOptions;
  /** What all policies may do together, the search for changes apart. */
  readonly budget: WorkBudget;
  /** What the search for changes may do: there is none where it is at its end. */
  readonly search: WorkBudget;
  /** The object and evidence with the changes so far, since those of later reasons come on top of them. */
  readonly changed: { object: JsonObject; evidence: ChangedEvidence; attempts?: { left: number } };
}

/** The parts of the evidence that changes are about. */
export interface ChangedEvidence {
  readonly policies: readonly unknown[];
  readonly vulnerabilities: Readonly<Record<string, readonly JudgedVulnerability[]>> | undefined;
  readonly sources: Readonly<Record<string, readonly string[]>> | undefined;
  readonly exemptions: readonly AdmissionExemption[] | undefined;
}

/** The request about another object. */
export function withObject(request: unknown, object: unknown): unknown {
  if (member(request, "kind") !== "AdmissionReview") return object;
  const review = request as JsonObject; // as: it has a member
  const place = member(review, "request", "operation") === "DELETE" ? "oldObject" : "object";
  return { ...review, request: { ...(review["request"] as JsonObject), [place]: object } }; // as: a request without an object is refused before
}

/** Said where no change was found. */
export const noChange = "no change was found that satisfies it";

/** The image as it is judged: with the digest that is known for its tag. */
export function pinned(image: string, digests: Evidence["digests"]): string {
  const digest = own(digests, image);
  const name = parseImageName(image);
  return digest === undefined || name === undefined || name.digest !== undefined
    ? image
    : `${name.repository}@${digest}`;
}

/** A member of a table that is the table's own. */
export function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
