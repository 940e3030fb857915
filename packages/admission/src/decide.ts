import { field, parseJson, record, textField } from "@plimsoll/formats";
import {
  applyJsonPatch,
  asObject,
  imagesOf,
  kubernetesObjects,
  member,
  podTemplateOf,
  stepsOf,
  workloadKinds,
} from "@plimsoll/kubernetes";
import type { KubernetesObject } from "@plimsoll/kubernetes";
import { ScanError, WorkBudget, checkOptions, optionIs } from "@plimsoll/model";
import { areOwnersImages } from "./allowlist.ts";
import { canonicalJson, digestOfText } from "./canonical-json.ts";
import { judgeByChecks } from "./check-verdict.ts";
import { PolicyError } from "@plimsoll/gatekeeper";
import type { IgnoredFailure, UnknownMembers } from "@plimsoll/gatekeeper";
import { judgeByCluster } from "./cluster-verdict.ts";
import { withObject } from "./evidence.ts";
import type { Decision, DecideOptions, DecisionReason, Evidence, Judged, PartialVerdict } from "./evidence.ts";
import { covers, hasExpired } from "./exemptions.ts";
import type { AdmissionExemption } from "./exemptions.ts";
import { judgeByGate } from "./gate-verdict.ts";
import { judgeImages } from "./image-verdict.ts";
import { mutateRequest, reasonsBeforeMutation, unchanged } from "./mutated-request.ts";
import { searchBudget } from "./object-change.ts";
import { isPrepared, preparePolicies } from "./prepared-policies.ts";
import type { PreparedPolicies } from "./prepared-policies.ts";
import type { OptionChecks } from "@plimsoll/model";

/** Annotation with which an object is admitted whatever the image policies say; any value counts. */
export const breakglassAnnotation = "kritis.grafeas.io/breakglass";

/** The checks of {@link decide}. */
const decideChecks: OptionChecks<DecideOptions> = {
  lineOf: optionIs.call,
  maxAttempts: optionIs.count,
  verifyBundle: optionIs.call,
  authorize: optionIs.call,
  budget: optionIs.having("take"),
};

/** The most policies that warnings name because they failed to evaluate an object. */
const mostIgnoredTold = 100;

/** Steps of all policies about one object where nobody says how many: ten times as many as one policy may take. */
const mostSteps = 100_000_000;

/**
 * Decides whether an object may run. It reads no clock and fetches nothing: the decision depends on the request and the evidence alone. What cannot
 * be evaluated (an unknown kind, an invalid policy, an unusable authority) is refused with the reason, and never throws.
 * @param request An AdmissionReview, or the object itself.
 * @throws {TypeError} for unknown or invalid options.
 */
export async function decide(request: unknown, evidence: Evidence, options: DecideOptions = {}): Promise<Decision> {
  checkOptions("decide", options, decideChecks);
  return decideAs(await evidenceDigestOf(request, evidence), request, evidence, options);
}

/** {@link decide} for callers that have computed the evidence digest already: computing it takes as long as some policies do. */
export async function decideAs(
  evidenceDigest: string,
  request: unknown,
  evidence: Evidence,
  options: DecideOptions,
): Promise<Decision> {
  let verdict: PartialVerdict;
  try {
    const { policies } = evidence;
    const prepared = isPrepared(policies) ? policies : await preparePolicies(policies);
    const { budget = new WorkBudget({ steps: mostSteps }) } = options;
    verdict = await judge(request, { ...evidence, policies: prepared }, prepared, { ...options, budget });
  } catch (error) {
    const isTold = error instanceof ScanError || error instanceof PolicyError;
    const fact = isTold ? error.message : "the policies cannot be applied to this object";
    verdict = refusal(fact);
  }
  return decisionOf(verdict, evidenceDigest, options);
}

/** The decision that refuses an object which could not be evaluated completely. */
export function refuseAs(evidenceDigest: string, fact: string): Decision {
  return decisionOf(refusal(fact), evidenceDigest, {});
}

function decisionOf(verdict: PartialVerdict, evidenceDigest: string, options: DecideOptions): Decision {
  const { reasons, warnings = [], patches = [], audited = [], ignored = [], auditAnnotations: noted = {} } = verdict;
  const allowed = reasons.length === 0;
  const message = allowed ? "Successfully admitted." : reasons.map(({ fact }) => fact).join("; ");
  const auditAnnotations = {
    ...annotationsOf(noted),
    decision: allowed ? "allowed" : "denied",
    evidence: evidenceDigest,
    ...(audited.length === 0 ? {} : { dryrun: audited.join("; ") }),
    ...(ignored.length === 0 ? {} : { ignored: someOf(ignored.map(({ policy }) => nameOf(policy))).join("; ") }),
  };
  const patched = allowed ? patches : [];
  return {
    allowed,
    message,
    reasons: placed(reasons, options),
    warnings: [...warnings, ...someOf(ignored.map(warningOf))],
    patches: patched,
    auditAnnotations,
    evidenceDigest,
  };
}

/** An API server drops annotations whose keys are longer, or have other characters. */
const longestKey = 63;

/** Annotations under keys that an API server takes: of long ones the end stays, which is what the policy calls it. Texts under the same key are joined. */
function annotationsOf(noted: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const [name, text] of Object.entries(noted)) {
    const key = name
      .replaceAll(/[^-\w.]/g, ".")
      .slice(-longestKey)
      .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
    const known = found.get(key);
    found.set(key, known === undefined || known === text ? text : `${known}, ${text}`);
  }
  return Object.fromEntries(found);
}

/** The warning, for the person who applies the object, that a policy did not evaluate it. */
function warningOf({ policy, message }: IgnoredFailure): string {
  return `[${nameOf(policy)}] failed, so the object was not evaluated by it (its failure policy is Ignore): ${message}`;
}

/** The warning that a policy set members that an API server may refuse or drop, such as misspelt ones. */
function unknownWarning({ policy, paths }: UnknownMembers): string {
  return `[${nameOf(policy)}] sets ${paths.join(", ")}, which is not in the known schema of the object: an API server may refuse it`;
}

function nameOf({ kind, name }: IgnoredFailure["policy"]): string {
  return `${kind} ${name}`;
}

/** There may be thousands of policies, and at the end of a budget all of them fail. */
function someOf(lines: readonly string[]): readonly string[] {
  return lines.length <= mostIgnoredTold
    ? lines
    : [
        ...lines.slice(0, mostIgnoredTold),
        `and ${lines.length - mostIgnoredTold} more policies failed to evaluate the object`,
      ];
}

/**
 * Request and evidence as one text, without the request's own id, so that an auditor can repeat the decision with {@link replayDecision}. Its
 * SHA-256 is the decision's `evidenceDigest`.
 */
export async function writeEvidence(request: unknown, evidence: Evidence): Promise<string> {
  const { policies, ...rest } = evidence;
  // Policies are many and the same each time: their digest, made once, stands for them.
  const digest = isPrepared(policies) ? policies.digest : await digestOfText(canonicalJson(policies));
  // A request's own id says nothing about it; without it equal requests have equal evidence.
  const inner = record(field(request, "request"));
  const asked = inner === undefined ? request : { ...record(request), request: { ...inner, uid: undefined } };
  return canonicalJson({ request: asked, evidence: { ...rest, policies: digest } });
}

/** The `evidenceDigest` of the decision that {@link decide} will make; equal for requests that differ only in their ids. */
export async function evidenceDigestOf(request: unknown, evidence: Evidence): Promise<string> {
  return digestOfText(await writeEvidence(request, evidence));
}

/**
 * Repeats a decision on stored evidence.
 * @param text From {@link writeEvidence}.
 * @param policies The policies that were in force then; their digest is compared with the one in the evidence.
 * @throws {ScanError} for a text or policies that `evidenceDigest` is not the digest of.
 */
export async function replayDecision(
  text: string,
  policies: readonly unknown[] | PreparedPolicies,
  evidenceDigest: string,
  options: DecideOptions = {},
): Promise<Decision> {
  checkOptions("replayDecision", options, decideChecks);
  const wrong = (reason: string): ScanError => new ScanError({ kind: "malformed-document", label: "evidence", reason });
  if ((await digestOfText(text)) !== evidenceDigest)
    throw wrong(`it is not the evidence with the digest ${evidenceDigest}`);
  const recorded = parseJson(text);
  const evidence = record(field(recorded, "evidence"));
  // as: the text is one that writeEvidence made, which its digest shows
  const given = { ...evidence, policies } as unknown as Evidence;
  const decision = await decide(field(recorded, "request"), given, options);
  if (decision.evidenceDigest !== evidenceDigest) throw wrong("the policies are not those that were in force");
  return decision;
}

async function judge(
  request: unknown,
  evidence: Evidence,
  policies: PreparedPolicies,
  options: DecideOptions & { readonly budget: WorkBudget },
): Promise<PartialVerdict> {
  const review = textField(request, "kind") === "AdmissionReview" ? record(field(request, "request")) : undefined;
  const operation = textField(review, "operation") ?? "";
  const value =
    review === undefined ? request : operation === "DELETE" ? field(review, "oldObject") : field(review, "object");
  const [given, ...more] = kubernetesObjects(value);
  if (given === undefined) {
    // Nothing about images is asked of what goes away.
    if (operation === "DELETE" && policies.cluster === undefined) return { reasons: [] };
    return refusal("the request holds no object of Kubernetes");
  }
  if (more.length > 0) return refusal("the request holds several objects");
  const namespace = textField(review, "namespace") ?? given.namespace;
  const { authorize, budget } = options;
  const mutated =
    operation === "DELETE"
      ? unchanged(request, given)
      : mutateRequest(request, given, { policies, evidence, namespace, authorize, budget });
  if (typeof mutated === "string") return refusal(mutated);
  const { object, applied, ignored, unknown } = mutated;
  const { vulnerabilities, sources, exemptions } = evidence;
  const changed = {
    object: object.value,
    evidence: { policies: policies.documents, vulnerabilities, sources, exemptions },
  };
  const judged: Judged = {
    request: mutated.request,
    object,
    namespace,
    operation,
    evidence,
    policies,
    options,
    budget: options.budget,
    search: searchBudget(options, options.budget),
    changed,
  };
  const parts = [await judgeImagesOf(judged), ...(await judgeObject(judged))];
  const noted = parts.flatMap(({ auditAnnotations = {} }) => Object.entries(auditAnnotations));
  const verdict = {
    reasons: reasonsBeforeMutation(
      parts.flatMap(({ reasons }) => reasons),
      mutated,
    ),
    warnings: [...unknown.map(unknownWarning), ...parts.flatMap(({ warnings = [] }) => warnings)],
    patches: [...mutated.patches, ...parts.flatMap(({ patches = [] }) => patches)],
    audited: parts.flatMap(({ audited = [] }) => audited),
    ignored: [...ignored, ...parts.flatMap((each) => each.ignored ?? [])],
    auditAnnotations: Object.fromEntries(
      applied.length === 0 ? noted : [...noted, ["mutations", applied.join(", ")] as const],
    ),
  };
  return exempted(verdict, judged);
}

/** The parts that are about the object as a whole, and its images' reports. */
async function judgeObject(judged: Judged): Promise<readonly PartialVerdict[]> {
  const gone = judged.operation === "DELETE";
  const byCluster = await judgeByCluster(judged);
  return [byCluster, ...(gone ? [] : [await judgeByChecks(judged), judgeByGate(judged)])];
}

async function judgeImagesOf(judged: Judged): Promise<PartialVerdict> {
  const { object, operation, evidence, policies } = judged;
  if (operation === "DELETE") return { reasons: [] };
  const judgedOtherwise =
    policies.cluster !== undefined || evidence.checks !== undefined || evidence.gate !== undefined;
  if (podTemplateOf(object) === undefined) {
    // Beside policies about other objects, those about images have nothing to say of objects that run none.
    if (judgedOtherwise && !workloadKinds.includes(object.kind)) return { reasons: [] };
    return refusal(`an object of kind ${object.kind} is not known to run a pod`);
  }
  const unknown = placeWithoutImage(object);
  if (unknown !== undefined && (policies.image.length > 0 || evidence.gate !== undefined || !judgedOtherwise))
    return refusal(`${unknown}, so that not all images are known`);
  if (policies.image.length === 0 && judgedOtherwise) return { reasons: [] };
  if (Object.hasOwn(object.annotations, breakglassAnnotation))
    return { reasons: [], warnings: [`${breakglassAnnotation} is set: no image policy was evaluated`] };
  const uses = imagesOf(object);
  const { ownerImages } = evidence;
  const images = uses.map(({ image }) => image);
  if (
    ownerImages !== undefined &&
    images.length > 0 &&
    areOwnersImages(images, ownerImages, evidence.allowedRepositories)
  )
    return { reasons: [] };
  if (uses.length === 0) return refusal("the object names no image");
  return judgeImages(judged, uses);
}

/** The first place where an image would be named, if what is there had the type that Kubernetes asks for; undefined where there is none. */
function placeWithoutImage(object: KubernetesObject): string | undefined {
  const spec = podTemplateOf(object)?.spec;
  for (const name of ["initContainers", "containers", "ephemeralContainers"]) {
    const list = member(spec, name) ?? [];
    if (!Array.isArray(list)) return `${name} is no list`;
    // as: what is in a list of untrusted JSON is looked at before it is used
    for (const [index, container] of (list as readonly unknown[]).entries()) {
      if (container === null) continue;
      if (asObject(container) === undefined) return `${name}/${index} is no mapping`;
      if (typeof (member(container, "image") ?? "") !== "string") return `${name}/${index}/image is no text`;
    }
  }
  return undefined;
}

/** Removes the reasons that exemptions cover, and warns about exemptions that were used or have expired. */
function exempted(verdict: Required<PartialVerdict>, { object, namespace = "", evidence }: Judged): PartialVerdict {
  const { exemptions = [], now } = evidence;
  if (exemptions.length === 0) return verdict;
  const used = new Set<AdmissionExemption>();
  const subjectOf = ({ policy, id, image }: DecisionReason): Parameters<typeof covers>[1] => {
    return { policy, id, image, namespace, name: object.name, kind: object.kind };
  };
  const reasons = verdict.reasons.filter((reason) => {
    // A reason without a policy says that nothing could be judged: from that there is no leave.
    if (reason.policy === "") return true;
    const given = exemptions.filter((each) => covers(each, subjectOf(reason)));
    for (const each of given) used.add(each);
    return !given.some((each) => !hasExpired(each, now));
  });
  const told = exemptions.flatMap((each) => {
    const name = each.scope ?? each.reason;
    if (used.has(each) && hasExpired(each, now)) return [`the exemption "${name}" expired (${each.expires})`];
    return used.has(each) ? [`exempt: ${name} (${each.by}: ${each.reason})`] : [];
  });
  return { ...verdict, reasons, warnings: [...verdict.warnings, ...told] };
}

function placed(reasons: readonly DecisionReason[], { lineOf }: DecideOptions): readonly DecisionReason[] {
  if (lineOf === undefined) return reasons;
  return reasons.map((reason) => {
    const steps = stepsOf(reason.path).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const line = lineOf(steps);
    return line === undefined ? reason : { ...reason, line };
  });
}

function refusal(fact: string): PartialVerdict {
  return { reasons: [{ policy: "", rule: "", path: "", image: "", id: "error", fact }] };
}

/**
 * Request and evidence with the changes (`flip`) of all reasons applied in order; deciding on them admits the object. Undefined where a reason has
 * no change.
 */
export function applyChanges(
  request: unknown,
  evidence: Evidence,
  reasons: readonly DecisionReason[],
): { readonly request: unknown; readonly evidence: Evidence } | undefined {
  const value = field(request, "kind") === "AdmissionReview" ? field(field(request, "request"), "object") : request;
  let object: unknown = value;
  const { policies } = evidence;
  let known: unknown = { ...evidence, policies: isPrepared(policies) ? policies.documents : policies };
  for (const { flip } of reasons) {
    if (flip === undefined) return undefined;
    if (flip.of === "object") object = applyJsonPatch(object, flip.patch);
    else known = applyJsonPatch(known, flip.patch);
  }
  // as: patches of evidence change its members
  return { request: withObject(request, object), evidence: known as Evidence };
}
