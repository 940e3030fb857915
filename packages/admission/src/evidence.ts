import { parseImageName } from "@plimsoll/attestations";
import type { Attestation, AttestationAuthority, VerifyBundle } from "@plimsoll/attestations";
import { member } from "@plimsoll/kubernetes";
import type { Authorize, IgnoredFailure } from "@plimsoll/gatekeeper";
import type { JsonObject, KubernetesObject, ObjectPath } from "@plimsoll/kubernetes";
import type { Report, WorkBudget } from "@plimsoll/model";
import type { CheckPolicy } from "./check-verdict.ts";
import type { JudgedVulnerability } from "./evaluate-image-policies.ts";
import type { AdmissionExemption } from "./exemptions.ts";
import type { ReportGate } from "./gate-verdict.ts";
import type { PatchOperation } from "./json-patch.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";

/** Everything that a decision is based on besides the object. Plain data: the same evidence gives the same decision. */
export interface Evidence {
  /** Objects of `kritis.grafeas.io`, of Gatekeeper, and Validating- and MutatingAdmissionPolicies with their bindings; or the same, prepared. */
  readonly policies: readonly unknown[] | PreparedPolicies;
  readonly authorities?: readonly AttestationAuthority[] | undefined;
  /** Attestations by image, as the object names it (or with its digest, where `digests` pins it). */
  readonly attestations?: Readonly<Record<string, readonly Attestation[]>> | undefined;
  /** Vulnerabilities by image; an image that is missing was not scanned. */
  readonly vulnerabilities?: Readonly<Record<string, readonly JudgedVulnerability[]>> | undefined;
  /** Reports by image or digest: gates evaluate them, and image policies take vulnerabilities from them for images that `vulnerabilities` lacks. */
  readonly reports?: Readonly<Record<string, Report>> | undefined;
  /** The findings that the reports of an object's images must not have. */
  readonly gate?: ReportGate | undefined;
  /** Checks of configurations that the object must pass. */
  readonly checks?: CheckPolicy | undefined;
  /** Source repositories that each image was built from, by image. */
  readonly sources?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Digests (`sha256:…`) of images with tags, by image: the image is evaluated with its digest, and a patch pins it. */
  readonly digests?: Readonly<Record<string, string>> | undefined;
  /** Images of an owner that was admitted: an object with no others is admitted without a look at its images. */
  readonly ownerImages?: readonly string[] | undefined;
  readonly allowedRepositories?: readonly string[] | undefined;
  /** Objects of the cluster, for referential policies, policy parameters and namespace selectors. */
  readonly inventory?: readonly unknown[] | undefined;
  /** Exemptions from rules. Expired ones and those that match no reason are listed in the decision's `warnings`. */
  readonly exemptions?: readonly AdmissionExemption[] | undefined;
  /**
   * Current time, RFC 3339; templates in Rego get it as `time.now_ns`. Absent: exemptions with a date do not apply, the dates of PGP signatures and tokens are
   * not checked, and templates that ask for the time fail.
   */
  readonly now?: string | undefined;
}

/** Options of {@link decide} that are functions or limits. */
export interface DecideOptions {
  /** The line, from 1, of a path in the text that the object was read from. */
  readonly lineOf?: ((path: ObjectPath) => number | undefined) | undefined;
  /**
   * How many changes of the object are tried for each reason, and ten times as many for all reasons together. Absent: 600. Zero: no change is
   * searched for.
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Answers the authorization checks of admission policies, about the user of the request. Absent: a policy that asks fails. A decision is replayed
   * only with the same answers.
   */
  readonly authorize?: Authorize | undefined;
  /** Verifies keyless signatures: `sigstoreVerifier` of `@plimsoll/node`. */
  readonly verifyBundle?: VerifyBundle | undefined;
  /**
   * Limits the work of all policies about an object together; a policy that does not finish within it refuses the object. Absent: 100 million steps
   * (some tens of seconds) and no time limit, so that a decision does not depend on the machine.
   */
  readonly budget?: WorkBudget | undefined;
}

/** A change that removes a reason for refusal. */
export interface DecisionChange {
  /** What the patch applies to: the object, or the evidence, which includes the policies. */
  readonly of: "object" | "evidence";
  /** Operations of a JSON Patch (RFC 6902), to be applied in the order of the reasons. */
  readonly patch: readonly PatchOperation[];
}

/** One reason why an object is refused. */
export interface DecisionReason {
  /** The policy, as `KIND name`. Empty where the request itself cannot be evaluated. */
  readonly policy: string;
  readonly rule: string;
  /** JSON Pointer into the object as mutating policies left it; empty for the whole object. */
  readonly path: string;
  /** Line of `path`, from 1; absent where `lineOf` does not know it. */
  readonly line?: number;
  /** The image that the reason is about; empty where it is about none. */
  readonly image: string;
  /** CVE id, rule, one of the words of `PolicyViolation.id`, or `error`. */
  readonly id: string;
  readonly fact: string;
  /** The value at `path`, if it is a string, number or boolean. */
  readonly value?: string | number | boolean;
  /** The smallest change found that satisfies the rule, in words, or a sentence that none was found. */
  readonly change?: string;
  /** The same change for programs: the changes of all reasons together, applied in order, get the object admitted. Absent where none was found. */
  readonly flip?: DecisionChange;
}

/** Whether an object may run, and why not. */
export interface Decision {
  readonly allowed: boolean;
  /** One line for the person who applied the object. */
  readonly message: string;
  readonly reasons: readonly DecisionReason[];
  /** Among them one for each policy, up to a hundred, that failed and whose failure policy is `Ignore`. */
  readonly warnings: readonly string[];
  /** Changes by mutating policies and mutators, and digests for tags. Empty when the object is refused. */
  readonly patches: readonly PatchOperation[];
  /**
   * For the audit log: `decision`, `evidence`, `dryrun`, `mutations`, `ignored` (policies that failed with failure policy `Ignore`), and the audit
   * annotations of admission policies, as `policy.key`, of which the last 63 characters stay. The API server prefixes each key with the webhook's name
   * and a slash, and drops longer keys and those with another slash.
   */
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** `sha256:` and the digest of object and evidence in canonical JSON. */
  readonly evidenceDigest: string;
}

/** The result of one part of the evaluation. */
export interface PartialVerdict {
  readonly reasons: readonly DecisionReason[];
  readonly warnings?: readonly string[];
  readonly patches?: readonly PatchOperation[];
  readonly audited?: readonly string[];
  /** Policies that failed and whose failure policy is `Ignore`. */
  readonly ignored?: readonly IgnoredFailure[];
  /** Audit annotations of policies, by `policy/key`. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** The request and evidence that every part of the evaluation gets. */
export interface Judged {
  /** The AdmissionReview or object, as it was given. */
  readonly request: unknown;
  readonly object: KubernetesObject;
  readonly namespace: string | undefined;
  readonly operation: string;
  readonly evidence: Evidence;
  readonly policies: PreparedPolicies;
  readonly options: DecideOptions;
  /** Limits the work of all policies together, without the search for changes. */
  readonly budget: WorkBudget;
  /** Limits the work of the search for changes; once exhausted, no change is searched for. */
  readonly search: WorkBudget;
  /** The object and evidence with the changes so far, since those of later reasons come on top of them. */
  readonly changed: { object: JsonObject; evidence: ChangedEvidence; attempts?: { left: number } };
}

/** The parts of the evidence that a change can modify. */
export interface ChangedEvidence {
  readonly policies: readonly unknown[];
  readonly vulnerabilities: Readonly<Record<string, readonly JudgedVulnerability[]>> | undefined;
  readonly sources: Readonly<Record<string, readonly string[]>> | undefined;
  readonly exemptions: readonly AdmissionExemption[] | undefined;
}

/** The request with its object replaced. */
export function withObject(request: unknown, object: unknown): unknown {
  if (member(request, "kind") !== "AdmissionReview") return object;
  const review = request as JsonObject; // as: it has a member
  const place = member(review, "request", "operation") === "DELETE" ? "oldObject" : "object";
  return { ...review, request: { ...(review["request"] as JsonObject), [place]: object } }; // as: a request without an object is refused before
}

/** The `change` of a reason for which none was found. */
export const noChange = "no change was found that satisfies it";

/** The image with the digest that `digests` has for it; unchanged where it has none. */
export function pinned(image: string, digests: Evidence["digests"]): string {
  const digest = own(digests, image);
  const name = parseImageName(image);
  return digest === undefined || name === undefined || name.digest !== undefined
    ? image
    : `${name.repository}@${digest}`;
}

/** A member of a table by its name; undefined for names that the table only inherits, such as `constructor`. */
export function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
